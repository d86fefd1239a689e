"""Those that are measured beside this API, each small and as its users would write it.

All but Datasette read the same tables of the same database and answer the same questions under the same
addresses: `/api/events` with `place` (a name), `actor` (an id), `type` (a code of a mode), `date_from`,
`date_to`, `q`, `bbox`, `count=exact`, and `after` or `page` for pages; `/api/events/ID`; and
`/api/events/summary` by month. What they find, in what order, and each record in `results` must be what
this API answers. What made-up events never have (agreements, provisions, links, sources) is constant
here, which saves the contestants work.
"""
