"""When UCDP's georeferenced events took place: its first and last days and how they are meant."""

import re
from datetime import date
from functools import lru_cache

from ingest.dates import WIDTHS
from ingest.readers.base import Unreadable

# A day, alone or as the midnight that it begins with.
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T]00:00:00(?:\.0+)?)?", re.ASCII)
# `date_prec`: the day is known, or that it is one within so many.
PRECISIONS = {1: "day", 2: "days", 3: "week", 4: "month", 5: "year"}
EXACT = 1


@lru_cache(maxsize=50_000)
def event_date(first: str, last: str, code: int | None, year: str) -> tuple[str, str]:
    """Return the date in EDTF and its precision; raise Unreadable.

    An event whose days are known and are several lasted through all of them; one whose day is not
    known took place within them. Without a code, several days are those within which it took place.
    """
    start, end = _day("date_start", first), _day("date_end", last)
    if end < start:
        raise Unreadable("date_end", last, f"is before `date_start` ({start})")
    if year and year not in (f"{start.year}", f"{end.year}"):
        raise Unreadable("year", year, f"is not that of the dates ({start} to {end})")
    days = (end - start).days + 1
    if code is None:
        precision = next((name for most, name in WIDTHS if days <= most), "longer")
    else:
        precision = PRECISIONS[code]
    if days == 1:
        return f"{start}", precision
    return (f"{start}/{end}" if code == EXACT else f"[{start}..{end}]"), precision


@lru_cache(maxsize=50_000)
def day_of_parts(year: str, month: str, day: str) -> tuple[str, str]:
    """Return the date that stands in three cells, and its precision; raise Unreadable."""
    try:
        return f"{date(int(year), int(month), int(day))}", "day"
    except (ValueError, OverflowError):
        written = f"{year}-{month}-{day}"
        raise Unreadable("day", written, "are no year, month and day") from None


def _day(column: str, text: str) -> date:
    form = DAY.fullmatch(text)
    try:
        return date.fromisoformat(form[1] if form else "")
    except ValueError:
        raise Unreadable(column, text, "is no day such as 2014-01-22") from None
