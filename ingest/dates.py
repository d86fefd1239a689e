"""Dates as dossiers write them (EDTF, ISO 8601-2) as the bounds and precision that records hold."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from time import struct_time
from typing import Any

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

# The most days that a date may span to count as each precision, as UCDP's date_prec draws the lines.
WIDTHS = ((1, "day"), (6, "days"), (7, "week"), (31, "month"), (366, "year"))
UNKNOWN = ("", "..")

# A day, or one day of several, as datasets have by the million: no parser is needed for these.
PLAIN = re.compile(r"(\d{4}-\d\d-\d\d)|\[(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)\]")
MONTH = re.compile(r"(\d{4})-(\d\d)")
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class DateInterval:
    """The bounds of a date, both included, None where unknown or open; and how closely it is known."""

    start_date: date | None
    end_date: date | None
    date_precision: str
    edtf: str


@lru_cache(maxsize=50_000)
def read_edtf(text: str) -> DateInterval:
    """Return the interval that `text` means; raise ValueError with the remedy.

    Ends are read one by one: the library gives an end that is unknown a date ten years off.
    """
    first, slash, last = text.partition("/")
    ends = [_bounds(end) for end in ((first, last) if slash else (first,)) if end not in UNKNOWN]
    if not ends:
        raise ValueError(f"“{text}” has neither a first nor a last day; leave the date out")
    start = None if first in UNKNOWN else ends[0][0]
    end = None if slash and last in UNKNOWN else ends[-1][1]
    if start and end and end < start:
        raise ValueError(f"“{text}” ends before it starts")
    widest = max((last - first).days + 1 for first, last in ends)
    precision = next((name for limit, name in WIDTHS if widest <= limit), "longer")
    return DateInterval(start, end, precision, text)


def _bounds(text: str) -> tuple[date, date]:
    try:
        if plain := PLAIN.fullmatch(text):
            day, first, last = plain.groups()
            return date.fromisoformat(day or first), date.fromisoformat(day or last)
        if month := MONTH.fullmatch(text):
            year, number = map(int, month.groups())
            return date(year, number, 1), date(year, number, monthrange(year, number)[1])
        if YEAR.fullmatch(text):
            return date(int(text), 1, 1), date(int(text), 12, 31)
        parsed = parse_edtf(text)
        return _day(parsed.lower_strict()), _day(parsed.upper_strict())
    except (EDTFParseException, TypeError, ValueError) as error:
        raise ValueError(
            f"“{text}” is no date in EDTF; write 2020-11-20, 2020-11, 1994/.., "
            "[2020-09-21..2020-09-30] or the like"
        ) from error


def _day(moment: Any) -> date:
    if not isinstance(moment, struct_time):
        raise ValueError("an open end inside a date")
    return date(moment.tm_year, moment.tm_mon, moment.tm_mday)
