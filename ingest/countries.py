"""Countries by whatever a dataset calls them: ISO, FIPS or CAMEO code, or a name in its own spelling."""

from ingest.records import Place


def country_place(text: str, scheme: str | None = None) -> Place | None:
    """Return the country that `text` stands for, None when none is known by it.

    `scheme` is `iso2`, `iso3`, `fips` or `cameo` for a code of that scheme; without one, `text` is
    a name. The same country is always the same object.
    """
    raise NotImplementedError
