"""Times as queries write them: days, months, years, intervals of ISO 8601, moments of RFC 3339."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

OPEN = ("..", "")
UNITS = "a day (2020-11-20), a month (2020-11) or a year (2020)"
FORMS = f"{UNITS}, or an interval (2020-10/2020-11, 2020-11-20/..)"
MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


@dataclass(frozen=True)
class Period:
    """The days from `start` to `end`, both included; None is an open end."""

    start: date | None
    end: date | None


def parse_day(text: str) -> date:
    """Return the day that YYYY-MM-DD names; raise ValueError with the remedy."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"“{text}” is not a day; write YYYY-MM-DD, such as 2020-11-20.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"There is no day {text} in the calendar.") from None


def parse_unit(text: str, forms: str = UNITS) -> Period:
    """Return the days of the day, month or year that `text` names; raise ValueError."""
    if match := re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?", text):
        year, month = int(match[1]), int(match[2] or 0)
        if year < 1 or (match[2] and not 1 <= month <= 12):
            raise ValueError(f"There is no {text} in the calendar.")
        last_day = calendar.monthrange(year, month or 12)[1]
        return Period(date(year, month or 1, 1), date(year, month or 12, last_day))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        day = parse_day(text)
        return Period(day, day)
    raise ValueError(f"“{text}” is no date; write {forms}.")


def parse_period(text: str) -> Period:
    """Return the days that a day, month, year or interval covers; raise ValueError.

    An interval is two of them with a slash between; `..` or nothing leaves an end open.
    """
    if "/" not in text:
        return parse_unit(text, FORMS)
    first, _, last = text.partition("/")
    if first in OPEN and last in OPEN:
        raise ValueError(f"“{text}” is open at both ends; give at least one.")
    period = Period(
        None if first in OPEN else parse_unit(first, FORMS).start,
        None if last in OPEN else parse_unit(last, FORMS).end,
    )
    if period.start and period.end and period.end < period.start:
        raise ValueError(f"“{text}” ends before it starts.")
    return period


def parse_moment(text: str) -> datetime:
    """Return the moment that RFC 3339 writes so, to a microsecond, in UTC; raise ValueError."""
    if not re.fullmatch(MOMENT, text):
        raise ValueError(
            f"“{text}” is no moment; write 2020-11-20T08:00:00Z or, with an offset, "
            "2020-11-20T12:00:00+04:00 (the plus as %2B)."
        )
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"There is no moment {text} in the calendar.") from None
