"""Dates in words, with how closely they are known."""

from datetime import date
from typing import Any

import pytest

from explorer.words import day, is_over, when


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2020-11-20", "20 November 2020"),
        ("2020-11-20~", "about 20 November 2020"),
        ("2020-10", "some day in October 2020"),
        ("2020-10~", "about October 2020"),
        ("1994", "some time in 1994"),
        ("[2020-11-02..2020-11-15]", "some day between 2 and 15 November 2020"),
        ("[2020-11-20..2020-12-04]", "some day between 20 November and 4 December 2020"),
        ("[2019-12-30..2020-01-02]", "some day between 30 December 2019 and 2 January 2020"),
        ("[2020-11-01..2020-11-30]", "some day in November 2020"),
        ("[2020-11..2021-02]", "some time between November 2020 and February 2021"),
        ("[..2020-11-02]", "some day until 2 November 2020"),
        ("[2020-11-02..]", "some day since 2 November 2020"),
        ("2020-09-21~/2020-11-15~", "from about 21 September 2020 to about 15 November 2020"),
        ("1994/..", "since 1994, no end is told"),
        ("1994/", "since 1994, until when is not known"),
        ("/1994~", "until about 1994, since when is not known"),
        ("19XX", "some time in 19XX"),
        ("203X", "some time in the 2030s"),
        ("203X~", "about the 2030s"),
        ("203X/204X", "from the 2030s to the 2040s"),
        ("2031-XX", "some time in 2031"),
        ("2031-XX-XX", "some time in 2031"),
        ("2031-05-XX", "some day in May 2031"),
        ("2031-05-XX~", "about May 2031"),
        ("2031-05-XX/2031-06-XX", "from May 2031 to June 2031"),
        ("[2023-12-31..2023-12-31]", "31 December 2023"),
        ("2023-12-31/2023-12-31", "31 December 2023"),
        ("[2023-12..2023-12]", "some day in December 2023"),
        ("{2031-05-04,2031-05-06}", "4 May and 6 May 2031"),
        ("{2031-05-04, 2031-05-06, 2031-06-01}", "4 May, 6 May and 1 June 2031"),
        ("{2031-12-30,2032-01-02}", "30 December 2031 and 2 January 2032"),
        ("{2031-05-04..2031-05-06}", "from 4 May to 6 May 2031"),
        ("{2031-05-04,2031-05-06..2031-05-08}", "4 May and 6 May to 8 May 2031"),
        ("{2031-05-04~,2031-06-02}", "about 4 May and 2 June 2031"),
        ("{1994,1996}", "1994 and 1996"),
        ("[2031-05-04,2031-05-06]", "4 May or 6 May 2031"),
        ("[2031-05,2031-07]", "some day in May or July 2031"),
        ("[1994,1996]", "some time in 1994 or 1996"),
        (None, "at a time not known"),
    ],
)
def test_a_date_in_words(edtf: str | None, words: str) -> None:
    assert when({"edtf": edtf}) == words


def test_a_day_that_is_not_there() -> None:
    assert day(None) == "not known"
    assert when(None) == "at a time not known"


@pytest.mark.parametrize(
    ("status", "due", "over"),
    [
        ("pending", "2020-12-04", True),
        ("pending", "2020-12-05", False),
        ("pending", None, False),
        ("fulfilled", "2020-12-04", False),
    ],
)
def test_what_is_owed_may_be_late(status: str, due: Any, over: bool) -> None:
    assert is_over({"status": status, "due": {"date": due}}, date(2020, 12, 5)) is over
