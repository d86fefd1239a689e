"""What records say in codes, in words."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

NOT_KNOWN = "not known"

# An interval of days, one of which it was.
ONE_OF = re.compile(r"\[([\d-]*)\.\.([\d-]*)\]")
# Days by themselves, perhaps with intervals: one of them, or all of them.
SET = re.compile(r"([\[{])([^\[\]{}]+)[\]}]")
# What is not known of a day, month or year stands as X.
UNSPECIFIED = re.compile(r"(-XX){1,2}$")
DECADE = re.compile(r"\d{3}X")
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
    if several := SET.fullmatch(edtf):
        return _several(several[2].replace(" ", "").split(","), is_one=several[1] == "[")
    first, sign, last = edtf.partition("/")
    if not sign or first == last:
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
    if text.endswith(("~", "?", "%")):
        return _about(text)
    return _within(text) + _told(text)


def _about(text: str) -> str:
    return ("about " if text.endswith(("~", "?", "%")) else "") + _told(text.rstrip("~?%"))


def _told(text: str) -> str:
    """Return a day, or what is known of it: its month, year or decade."""
    known = UNSPECIFIED.sub("", text)
    return f"the {known[:3]}0s" if DECADE.fullmatch(known) else day(known)


def _within(text: str) -> str:
    """Return what stands before a month, year or decade in which something was."""
    parts = UNSPECIFIED.sub("", text).count("-")
    return {0: "some time in ", 1: "some day in "}.get(parts, "")


def _several(members: list[str], *, is_one: bool) -> str:
    """Return days that stand in a row: one of them, or all of them."""
    words = [_joined([_about(end) for end in member.split("..")], "to") for member in members]
    if len(members) == 1:
        return f"from {words[0]}"
    return (_within(members[0]) if is_one else "") + _joined(words, "or" if is_one else "and")


def _joined(words: list[str], last: str) -> str:
    """Return days with a word before the last one, and the year once if they share it."""
    *others, final = words
    year = f" {final[-4:]}"
    if all(word.endswith(year) for word in words):
        others = [word.removesuffix(year) for word in others]
    return f"{', '.join(others)} {last} {final}" if others else final


def _some_day(first: str, last: str) -> str:
    if not first or not last:
        return f"some day until {day(last)}" if last else f"some day since {day(first)}"
    if first == last:
        return _alone(first)
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
