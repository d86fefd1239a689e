"""Dates in queries."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dates import Period, parse_day, parse_moment, parse_period


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2020-11-20", date(2020, 11, 20), date(2020, 11, 20)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-10/2020-11", date(2020, 10, 1), date(2020, 11, 30)),
        ("2020/2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("../2020", None, date(2020, 12, 31)),
        ("/2020", None, date(2020, 12, 31)),
        ("2020-11-20/..", date(2020, 11, 20), None),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_what_a_period_covers(text: str, start: date | None, end: date | None) -> None:
    assert parse_period(text) == Period(start, end)


@given(st.dates())
def test_every_day_is_read(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_period(day.isoformat()) == Period(day, day)


@given(st.text(max_size=30))
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_period(f"{text}?")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-11-20T08:00:00Z", datetime(2020, 11, 20, 8, tzinfo=UTC)),
        ("2020-11-20t08:00:00z", datetime(2020, 11, 20, 8, tzinfo=UTC)),
        ("2020-11-20T08:00:00-00:00", datetime(2020, 11, 20, 8, tzinfo=UTC)),
        ("2020-11-20T08:00:00.25Z", datetime(2020, 11, 20, 8, 0, 0, 250_000, tzinfo=UTC)),
        ("2020-11-20T12:00:00+04:00", datetime(2020, 11, 20, 8, tzinfo=UTC)),
        ("2020-11-19T23:30:00-08:30", datetime(2020, 11, 20, 8, tzinfo=UTC)),
        ("0001-01-01T14:00:00+14:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_to_the_microsecond(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2020-11-20", "2020-11-20T08:00:00", "2020-11-20T08:00Z", "2020-11-20 08:00:00Z",
        "2020-11-20T08:00:00 04:00", "2020-11-20T08:00:00+0400",
        "2020-11-20T24:00:00Z", "2020-11-20T08:60:00Z", "2020-11-20T08:00:60Z",
        "2020-02-30T08:00:00Z", "2020-11-20T08:00:00.1234567Z", "2020-11-20T08:00:00.Z",
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2024-01-01T00:00:00+99:99",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "٢٠٢٠-11-20T08:00:00Z",
        "2024-01-01T00:00:00[Europe/Paris]", "now", "1605859200",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="moment"):
        parse_moment(text)
