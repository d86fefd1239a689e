"""What records say in codes, in words."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

NOT_KNOWN = "not known"

# An interval of days: one of them, or all of them.
ONE_OF = re.compile(r"\[([\d-]*)\.\.([\d-]*)\]")
OPEN = ("", "..")

# What became of a provision: the sign that stands for it, besides its word.
STATES = {
    "fulfilled": ("✓", "kept"),
    "fulfilled-late": ("✓", "kept, but late"),
    "pending": ("…", "pending"),
    "breached": ("✕", "broken"),
    "lapsed": ("–", "lapsed"),
    "unknown": ("?", "not known"),
}

STATUSES = {
    "ongoing": "going on when it was told",
    "expected": "expected: whether it took place is not said",
    "failed": "failed, or did not last",
}
CERTAINTIES = {
    "confirmed": "stated as fact, or confirmed",
    "reported": "reported by others; the source does not vouch for it",
    "alleged": "claimed by one side",
}
PRECISIONS = {
    "exact": "",
    "near": "near it, within some 25 km",
    "district": "somewhere in the district",
    "province": "somewhere in the province",
    "area": "somewhere in a larger area",
    "country": "somewhere in the country",
    "international": "in international waters or airspace",
}
DUES = {
    "on": "due on",
    "by": "due by",
    "before": "due before",
    "within": "due within a term that ends on",
    "from": "due from",
    "until": "due until",
}


def day(text: str | None) -> str:
    """Return a day in words: 20 November 2020. What is known to the month or year only is said so far."""
    if not text:
        return NOT_KNOWN
    try:
        parts = [int(part) for part in text.split("-")]
        told = date(*[*parts, 1, 1][:3])
    except ValueError:
        return text
    forms = {1: f"{told.year}", 2: f"{told:%B} {told.year}"}
    return forms.get(len(parts), f"{told.day} {told:%B} {told.year}")


def when(time: Mapping[str, Any] | None) -> str:
    """Return when something was, and how closely that is known."""
    edtf = (time or {}).get("edtf")
    if not edtf:
        return "at a time not known"
    if one_of := ONE_OF.fullmatch(edtf):
        return _some_day(*one_of.groups())
    first, sign, last = edtf.partition("/")
    if not sign:
        return _alone(first)
    if last in OPEN:
        return f"since {_about(first)}, " + (
            "no end is told" if last else "until when is not known"
        )
    if first in OPEN:
        return f"until {_about(last)}, since when is not known"
    return f"from {_about(first)} to {_about(last)}"


def is_known(figures: Mapping[str, Any] | None) -> bool:
    """Return whether any number of a figure is known."""
    return any(isinstance(value, int) for value in (figures or {}).values())


def is_over(provision: Mapping[str, Any], today: date) -> bool:
    """Return whether something was due before today of which is not told what became of it."""
    due = (provision.get("due") or {}).get("date")
    return provision.get("status") == "pending" and due is not None and due < today.isoformat()


def _alone(text: str) -> str:
    about, plain = text.endswith(("~", "?", "%")), text.rstrip("~?%")
    words = day(plain)
    if about:
        return f"about {words}"
    return {1: f"some time in {words}", 2: f"some day in {words}"}.get(len(plain.split("-")), words)


def _about(text: str) -> str:
    return ("about " if text.endswith(("~", "?", "%")) else "") + day(text.rstrip("~?%"))


def _some_day(first: str, last: str) -> str:
    if not first or not last:
        return f"some day until {day(last)}" if last else f"some day since {day(first)}"
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return f"some time between {day(first)} and {day(last)}"
    is_month = start.replace(day=monthrange(start.year, start.month)[1]) == end and start.day == 1
    if is_month:
        return f"some day in {day(first[:7])}"
    if (start.year, start.month) == (end.year, end.month):
        return f"some day between {start.day} and {day(last)}"
    if start.year == end.year:
        return f"some day between {start.day} {start:%B} and {day(last)}"
    return f"some day between {day(first)} and {day(last)}"
