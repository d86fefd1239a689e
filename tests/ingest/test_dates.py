"""EDTF as intervals."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import read_edtf

DAYS = st.dates(date(1000, 1, 1), date(9998, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2020-11-20", "2020-11-20", "2020-11-20", "day"),
        ("2020-11-20~", "2020-11-20", "2020-11-20", "day"),
        ("2020-02", "2020-02-01", "2020-02-29", "month"),
        ("1994", "1994-01-01", "1994-12-31", "year"),
        ("199X", "1990-01-01", "1999-12-31", "longer"),
        ("1994/..", "1994-01-01", None, "year"),
        ("1994/", "1994-01-01", None, "year"),
        ("/1994", None, "1994-12-31", "year"),
        ("../1994-05", None, "1994-05-31", "month"),
        ("[2020-09-21..2020-09-30]", "2020-09-21", "2020-09-30", "month"),
        ("[2020-11-08..2020-11-14]", "2020-11-08", "2020-11-14", "week"),
        ("[2020-11-08..2020-11-12]", "2020-11-08", "2020-11-12", "days"),
        ("2020-09/2020-11-20", "2020-09-01", "2020-11-20", "month"),
    ],
)
def test_what_a_date_means(text: str, start: str | None, end: str | None, precision: str) -> None:
    interval = read_edtf(text)
    bounds = tuple(day and day.isoformat() for day in (interval.start_date, interval.end_date))
    assert (*bounds, interval.date_precision, interval.edtf) == (start, end, precision, text)


@pytest.mark.parametrize(
    "text", ["", "/", "..", "../..", "soon", "2020-13", "2020-02-30", "2020/2019"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        read_edtf(text)


@given(DAYS, st.integers(0, 300))
def test_any_interval_of_days_keeps_its_bounds(day: date, length: int) -> None:
    last = day + timedelta(days=length)
    interval = read_edtf(f"{day.isoformat()}/{last.isoformat()}")
    assert (interval.start_date, interval.end_date, interval.date_precision) == (day, last, "day")
    one_of = read_edtf(f"[{day.isoformat()}..{last.isoformat()}]")
    assert (one_of.start_date, one_of.end_date) == (day, last)
