"""Dates are days of the calendar in one form, and times say that they are UTC."""

import re
from typing import Any

import pytest

from tests.hostile.conftest import PARAMETERS, RECORDS, Ask, Asked

NOT_DATES = [
    *["2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32", "0000-01-01"],
    *["10000-01-01", "-2024-01-01", "99999", "0", "01%2F02%2F2024", "1.2.2024", "2024-1-1", "24-01-01"],
    *["2024.01.01", "2024-W01-1", "2024-001", "infinity", "-infinity", "now", "today", "epoch", "NaN"],
    *["%D9%A2%D9%A0%D9%A2%D9%A4-%D9%A0%D9%A1-%D9%A0%D9%A1", "2024-01-01%00", "2024-01-01%0A", "2024-01-"],
    *["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2024-01-01T00:00:00%2B99:99"],
    *["2024-01-01T00:00:00[Europe/Paris]", "2024-01-01T25:00:00Z", "2024-01-01T24:00:01Z", "x" * 33],
    *["..", "../..", "/", "//", "2024-01-01/2023-01-01", "2024/2023", "2024-01-01/x", "2024/2025/2026"],
    *["'2024-01-01'", "2024-01-01'--", "9" * 150, "2024-01-01,2024-01-02", "1e3", "P1Y", "2024-01-01~x"],
]  # fmt: skip
DATES = [asked for asked in PARAMETERS if asked.is_date]


@pytest.mark.parametrize("date", DATES, ids=str)
def test_what_is_no_date_is_refused(ask: Ask, date: Asked) -> None:
    for text in NOT_DATES:
        problem = ask(f"{date.path}?{date.name}={text}", [400]).json()
        assert date.name in {error["parameter"] for error in problem["errors"]}, text


@pytest.mark.parametrize("date", DATES, ids=str)
def test_the_ends_of_the_calendar_are_dates(ask: Ask, date: Asked) -> None:
    time = "T00:00:00Z" if date.schema.get("format") == "date-time" else ""
    for text in ("0001-01-01", "9999-12-31", "2024-02-29"):
        ask(f"{date.path}?{date.name}={text}{time}", [200])


def test_times_are_in_utc_and_dates_have_none(get: Any) -> None:
    times = dates = 0
    for path in RECORDS:
        for record in get(path.rstrip("/"), page_size=1000)["results"]:
            for key, text in texts(record):
                if key.endswith("_at"):
                    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), (key, text)
                    times += 1
                if key in ("start", "end", "published") and text:
                    assert re.fullmatch(r"\d{4}-\d\d-\d\d", text), (key, text)
                    dates += 1
    assert times > 20
    assert dates > 20


def texts(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, key)
    elif isinstance(value, str):
        yield key, value
