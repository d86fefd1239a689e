"""Dates in queries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dates import Period, parse_day, parse_period


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
