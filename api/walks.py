"""Finding a page of very many records: by a brief walk of an index or, failing that, by gathering.

An index that begins with the value of one filter and goes on in the order of the list has that filter's rows
in this order. If the other filters hold for many of them, a page is soon full: `walk` looks at the first of them,
so many and no more. If they do not fill it, what is asked for is rare, or lies far from here: `gather` finds all
of it, by whichever indexes find it best, and sorts. So neither costs what the list is long, and the walk is
the same plan whatever the values: it can be prepared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet, Value

from api.costs import run_in_room
from api.orders import Stretch
from api.prepared import run, shape_of, united
from api.state import remembered, state_query

# How many rows a walk looks at first: so many at least, and so many for each row of a page.
WALKED, FOR_EACH = 500, 10
# It goes on to so many times as many if, as it went so far, that will find so many times what is wanted.
FARTHER, SURE = 4, 1.25

# The sizes of filters are told apart up to this many rows.
SIZED = 10_000

# A filter of more values than this is no lead: each would be a walk of its own.
MOST_WALKED = 20

# SQL around a query for rows.
PAGE = "SELECT * FROM ({}) page (value, key)"
COUNT = "SELECT count(*) FROM ({}) counted"

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Lead:
    """A filter that an index begins with: rows of `model`, whose column `key` holds the key of a record.

    One of `alternatives` holds for each row. An index begins with each and goes on in the order of `column`,
    which rows have under the same name as records do. Besides, `bounds` hold for that column, `own` for the row
    itself and `rest` for the record, which is looked up.
    """

    model: type[Model]
    key: str
    column: str
    alternatives: Sequence[Q]
    bounds: Sequence[Q] = ()
    own: Sequence[Q] = ()
    rest: Sequence[Q] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether the rows are not the records; of one record there may then be several."""
        return self.key != "pk"

    @property
    def is_all(self) -> bool:
        """Whether its rows need not be looked at: they are those of one index, from one end to another."""
        return len(self.alternatives) == 1 and not self.own and not self.rest

    @property
    def size(self) -> int:
        """How many rows it has in its index, up to a number; with one filter, that is of no interest."""
        return self.within(())

    def within(self, bounds: Sequence[Q]) -> int:
        """Return how many of these rows there are within bounds, up to a number."""
        return sum(
            Lead(self.model, self.key, self.column, [way], bounds).count(SIZED)
            for way in self.alternatives
        )

    def count(self, limit: int | None) -> int:
        """Return how many records there are, up to a limit, if the lead `is_all`."""

        def write(conditions: Sequence[Q], _: Sequence[Any]) -> list[QuerySet[Any]]:
            rows = self.model._default_manager.filter(*conditions).order_by()
            if self.is_foreign:
                # In the order of the index, by which rows of one record are neighbours.
                return [rows.values_list(self.column, self.key).distinct()[:limit]]
            return [rows.values_list(self.key)[:limit]]

        conditions = [*self.alternatives, *self.bounds]
        name = (self.model, "count", limit)
        shape, given = shape_of(conditions)
        return remembered(
            (*name, shape, *given), lambda: int(run(name, conditions, (), write, COUNT)[0][0])
        )


@dataclass(frozen=True)
class Part:
    """Rows of `model` for which all conditions hold, each of one record, whose key the column `key` holds.

    Rows have what records are sorted by, under the same name.
    """

    model: type[Model]
    key: str
    conditions: Sequence[Q]

    @property
    def rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.filter(*self.conditions)
        return rows


def narrowest(leads: Sequence[Lead]) -> Lead:
    """Return the lead with the fewest rows."""
    return leads[0] if len(leads) == 1 else min(leads, key=lambda lead: lead.size)


def alternatives(condition: Q) -> list[Q]:
    """Return conditions that each compare one column with one value, and of which one holds if `condition` does.

    There are none if it is of another kind.
    """
    if condition.negated or (condition.connector != Q.OR and len(condition.children) > 1):
        return []
    found: list[Q] = []
    for child in condition.children:
        if isinstance(child, Q):
            inner = alternatives(child)
            if not inner:
                return []
            found += inner
        elif isinstance(child, tuple):
            lookup, value = child
            column, _, last = lookup.rpartition("__")
            found += [Q((column, one)) for one in value] if last == "in" else [Q(child)]
        else:
            return []
    return found


def bounded(conditions: Sequence[Q], column: str) -> tuple[list[Q], list[Q]]:
    """Return the parts of conditions that bound a walk in the order of `column`, and those that do not."""
    bounds: list[Q] = []
    rest: list[Q] = []
    for part in _parts(conditions):
        (child,) = part.children if len(part.children) == 1 else (None,)
        lookup = child[0] if isinstance(child, tuple) and not part.negated else ""
        (bounds if lookup.startswith(f"{column}__") else rest).append(part)
    return bounds, rest


def _parts(conditions: Sequence[Q]) -> Iterator[Q]:
    """Yield conditions of which all hold if and only if all of `conditions` do, as small as they come."""
    for condition in conditions:
        if condition.negated or (condition.connector == Q.OR and len(condition.children) > 1):
            yield condition
            continue
        for child in condition.children:
            yield from _parts([child]) if isinstance(child, Q) else [Q(child)]


def straight(lead: Lead, stretch: Stretch, stored: type[Model] | None) -> Rows:
    """Return the rows of a stretch of a list, all of whose rows a lead has in its index.

    A row is its sort value, its key and, of `stored`, its body and the state of the data.
    """

    def write(conditions: Sequence[Q], after: Sequence[Any]) -> list[QuerySet[Any]]:
        rows = stretch.of(lead.model._default_manager.filter(*conditions), lead.key, after)
        return [stretch.cut(rows.distinct() if lead.is_foreign else rows)]

    conditions = [*lead.alternatives, *lead.bounds]
    around = with_bodies(PAGE, stored, stretch)
    return run((lead.model, *stretch.shape), conditions, stretch.after, write, around)


def walk(
    lead: Lead, records: type[Model], stretch: Stretch, stored: type[Model] | None
) -> Rows | None:
    """Return the same of a list for which a lead's rows must be looked at; None if that would take long."""
    most = max(WALKED, FOR_EACH * (stretch.size + 1)) + 2 * stretch.skip
    fitting, is_whole = _look_at(lead, records, stretch, stored, most)
    if not is_whole and FARTHER * len(fitting) >= SURE * stretch.wanted:
        fitting, is_whole = _look_at(lead, records, stretch, stored, FARTHER * most)
    return fitting[stretch.skip : stretch.wanted] if is_whole else None


def _look_at(
    lead: Lead, records: type[Model], stretch: Stretch, stored: type[Model] | None, most: int
) -> tuple[Rows, bool]:
    """Return what fits among the first `most` rows of a lead, and whether that is all or enough."""
    judged = bool(lead.rest)
    groups = [lead.alternatives, lead.own, lead.bounds, lead.rest]

    def write(conditions: Sequence[Q], after: Sequence[Any]) -> list[QuerySet[Any]]:
        given = iter(conditions)
        begins, own, bounds, rest = ([next(given) for _ in group] for group in groups)
        queries: list[QuerySet[Any]] = []
        for begin in begins:
            rows = lead.model._default_manager.filter(begin, *bounds).annotate(fits=_all(own))
            walked = stretch.of(rows, lead.key, after, "fits")
            queries.append((walked.distinct() if lead.is_foreign else walked)[:most])
            if judged:
                looked_at = records._default_manager.annotate(fits=_all(rest))
                queries.append(looked_at.order_by().values_list("pk", "fits"))
        return queries

    name = (records, lead.model, "walk", *map(len, groups), *stretch.shape)
    around = _around_walks(len(lead.alternatives), judged, most, stretch)
    found = run(
        name,
        [condition for group in groups for condition in group],
        stretch.after,
        write,
        # What is skipped needs no bodies; what is not is fetched without this.
        with_bodies(around, None if stretch.skip else stored, stretch),
    )
    fitting: Rows = []
    for value, key, fits, last, *body in found:
        if fits:
            fitting.append((value, key, *body))
        # Of several walks, one is cut here.
        if last and len(fitting) < stretch.wanted:
            return fitting, False
    return fitting, True


def _all(conditions: Sequence[Q]) -> Any:
    """Return whether all conditions hold, as an expression."""
    if not conditions:
        return Value(True)
    return ExpressionWrapper(Q(*conditions), BooleanField())


def _around_walks(number: int, judged: bool, most: int, stretch: Stretch) -> str:
    """Return SQL that has rows looked at one by one until there are enough, and tells the last of all."""
    way, wanted = stretch.way, stretch.wanted
    order = f"value {way}, key {way}"
    one = (
        f"SELECT *, row_number() OVER (ORDER BY {order}) = {most} AS last "  # noqa: S608 (our own names)
        "FROM ({}) walked (value, key, fits)"
    )
    if judged:
        one = (
            f"SELECT w.value, w.key, w.fits AND judged.fits AS fits, w.last FROM ({one}) w "  # noqa: S608
            "JOIN ({}) judged (key, fits) ON judged.key = w.key"
        )
    one = f"SELECT * FROM ({one}) looked_at WHERE fits OR last ORDER BY {order} LIMIT {wanted}"  # noqa: S608
    if number == 1:
        return one
    each = " UNION ALL ".join([f"({one})"] * number)
    return (
        f"SELECT value, key, bool_or(fits) AS fits, bool_or(last) AS last FROM ({each}) each "  # noqa: S608
        f"GROUP BY value, key ORDER BY {order} LIMIT {wanted + number}"
    )


def gather(
    parts: Sequence[Part], stretch: Stretch, stored: type[Model] | None, *bounds: Q
) -> tuple[Rows, int | None]:
    """Return the same of a list whose rows, in parts and within bounds, are all found before they are sorted.

    With them comes how many there are, unless only those after a position were found.
    """
    found = [
        stretch.of(part.rows.filter(*bounds), part.key, stretch.after).order_by() for part in parts
    ]
    # Offset 0: they are not to be looked for in the order in which they are wanted.
    each = "(SELECT * FROM ({}) part OFFSET 0)"
    around = (
        "SELECT *, count(*) OVER () AS total FROM ({}) gathered (value, key) "  # noqa: S608 (our own names)
        f"ORDER BY value {stretch.way}, key {stretch.way} "
        f"LIMIT {stretch.size + 1} OFFSET {stretch.skip}"
    )
    written = united(found, each, with_bodies(around, stored, stretch))
    rows = run_in_room(written) if written else []
    total = None if stretch.after or (stretch.skip and not rows) else rows[0][2] if rows else 0
    return [(value, key, *rest) for value, key, _, *rest in rows], total


def count_gathered(parts: Sequence[Part], limit: int | None) -> int:
    """Return how many rows there are in all parts, up to a limit."""
    found = [part.rows.order_by().values_list(part.key) for part in parts]
    most = "" if limit is None else f" LIMIT {limit}"
    written = united(found, "({})", COUNT.format(f"{{}}{most}"))
    return int(run_in_room(written)[0][0]) if written else 0


def with_bodies(page: str, stored: type[Model] | None, stretch: Stretch) -> str:
    """Return SQL around that of a page which brings the bodies of its records along, if they are stored.

    With them comes the state of the data.
    """
    if stored is None:
        return page
    table, key = stored._meta.db_table, stored._meta.pk.column
    return (
        f"SELECT page.*, stored.body, state.* FROM ({page}) page "  # noqa: S608 (our own names)
        f"CROSS JOIN ({state_query()}) state "
        f"LEFT JOIN {table} stored ON stored.{key} = page.key "
        f"ORDER BY page.value {stretch.way}, page.key {stretch.way}"
    )
