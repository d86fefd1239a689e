"""The explorer in a browser: what people do with it, and what they see then."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import HERE, run
from tests.service import PROJECT, fetch

pytestmark = [pytest.mark.client, pytest.mark.enable_socket]

ENTRY = "Azerbaijani forces enter Aghdam"
# What a browser says of answers that pages expect and show.
REFUSED = re.compile(r"the server responded with a status of (400|503) ")
LARGEST = 300_000

Do = Callable[..., Any]


@pytest.fixture
def do(node: str, chromium: str, base: str) -> Do:
    """Return a function that does something in a browser, in which nothing may be blocked or asked of others."""

    def do(name: str, *more: str | Path) -> Any:
        told = json.loads(run(node, HERE / "explorer.mjs", name, base, chromium, *more))
        complaints = [text for text in told["complaints"] if not REFUSED.search(text)]
        assert complaints == [] or name == "foreign"
        others = [
            url for url in told["asked"] if not url.startswith((f"{base}/", "data:", "blob:"))
        ]
        assert others == [] or name == "foreign"
        return told

    return do


def test_a_place_is_found_by_typing(do: Do, base: str) -> None:
    told = do("search")
    assert told["start"]["heading"] == "29 events"
    assert told["options"] == ["Aghdam district, Azerbaijan"]
    assert told["expanded"] == "true"
    found = told["found"]
    assert found["address"] == "/?place=aghdam"
    assert found["heading"] == "4 events"
    assert ENTRY in found["titles"]
    assert found["place"] == "Aghdam"
    assert found["markers"] == ["Aghdam, 4 events: show them"]
    assert found["told"] == "4 events"
    assert found["title"] == "Events, place Aghdam · Dateline"
    # What the page shows is what the API answers, as it says.
    assert told["copied"] == found["call"] == f"{base}/api/events?place=aghdam"
    answer = fetch(told["copied"])
    assert [event["title"] for event in answer["results"]] == found["titles"]


def test_a_place_is_found_on_the_map(do: Do) -> None:
    told = do("marker")
    assert set(told["start"]["markers"]) == {
        "Aghdam, 4 events: show them",
        "Baku, 2 events: show them",
        "Kelbajar, 1 event: show them",
        "Lachin, 1 event: show them",
    }
    said = " ".join(told["start"]["notes"])
    assert "8 of 29 events on the map. 13 at no place that is known." in said
    assert "8 at places without a position (Nagorno-Karabakh, Armenia)." in said
    assert "No international borders are drawn" in said
    found = told["found"]
    assert (found["address"], found["heading"]) == ("/?place=aghdam", "4 events")
    assert found["focus"] == "results-title"
    assert found["bars"] == ["September 2020: 3 events", "November 2020: 1 event"]


def test_a_time_is_found_on_the_timeline(do: Do, base: str) -> None:
    told = do("timeline")
    assert told["start"]["bars"] == ["1994: 2 events", "2020: 24 events"]
    assert "When 3 events began is not known." in told["start"]["notes"][-1]
    for unit, query in (
        ("year", "date_from=2020&date_to=2020"),
        ("month", "date_from=2020-11&date_to=2020-11"),
        ("day", "date_from=2020-11-20&date_to=2020-11-20"),
    ):
        found = told[unit]
        assert found["address"] == f"/?{query}"
        count = fetch(f"{base}/api/events?{query}")["count"]
        assert found["heading"] == f"{count} events"
    assert told["year"]["bars"] == [
        "September 2020: 9 events",
        "October 2020: 3 events",
        "November 2020: 12 events",
    ]
    assert "2 events here began at another time." in told["year"]["notes"][-1]
    assert told["month"]["bars"][-1].startswith("20 November 2020: ")
    assert len(told["day"]["bars"]) == 1


def test_an_address_that_was_shared_shows_the_same(do: Do, base: str) -> None:
    told = do("shared")
    assert told["form"] == {"actor": "Ilham Aliyev", "from": "2020-11", "isOpen": True}
    answer = fetch(f"{base}/api/events?actor=ilham-aliyev&date_from=2020-11&sort=title")
    assert told["found"]["titles"] == [event["title"] for event in answer["results"]]
    assert told["found"]["chips"][0].startswith("actor Ilham Aliyev")
    # Sent again as it stands, the form asks for the same.
    assert told["again"]["titles"] == told["found"]["titles"]
    assert told["again"]["chips"] == told["found"]["chips"]


def test_back_and_forward_lead_through_what_was_seen(do: Do) -> None:
    told = do("back")
    assert told["record"] == ENTRY
    for name, heading, place in (
        ("found", "4 events", "Aghdam"),
        ("list", "4 events", "Aghdam"),
        ("start", "29 events", ""),
        ("forward", "4 events", "Aghdam"),
    ):
        assert (told[name]["heading"], told[name]["place"]) == (heading, place), name
    assert len(told["start"]["markers"]) == 4


def test_an_error_is_told_and_mended(do: Do) -> None:
    told = do("error")
    assert "No place is known as “Agdham”. Did you mean “Aghdam”?" in told["problem"]
    assert "Agdham" in told["refused"]["told"]
    assert told["refused"]["markers"] == told["refused"]["bars"] == []
    assert (told["mended"]["address"], told["mended"]["heading"]) == ("/?place=Aghdam", "4 events")


def test_on_a_phone_the_answer_comes_into_view_and_the_map_lets_the_page_scroll(do: Do) -> None:
    told = do("phone")
    assert told["seen"]
    assert told["shared"]
    assert told["refused"]
    assert told["lists"] == 0
    # One finger moves the page up and down, not the map.
    assert "pan-y" in told["touched"]


def test_nothing_found_is_said(do: Do) -> None:
    told = do("empty")
    assert told["found"]["heading"] == "0 events"
    assert "Nothing on record fits all of these filters at once." in told["text"]
    assert (told["without"]["address"], told["without"]["heading"]) == ("/?place=baku", "2 events")


def test_everything_can_be_done_by_keyboard(do: Do) -> None:
    told = do("keyboard")
    assert told["first"] == "Skip to the content"
    # What was active is not what somebody means who writes on.
    assert told["goneOn"]["address"] == "/?place=bakx"
    assert told["active"].startswith("Aghdam")
    assert told["closed"]
    assert (told["chosen"]["address"], told["chosen"]["heading"]) == ("/?place=aghdam", "4 events")
    assert told["marked"]["address"] == "/?place=baku"
    assert told["dated"]["address"] == "/?date_from=1994&date_to=1994"
    # On a narrow page, too, in the order in which it stands there: the map, and then the list.
    assert told["toMap"] == 1
    assert told["toList"] > 1


def test_the_list_works_without_scripts(do: Do) -> None:
    told = do("scriptless")
    assert told["found"]["address"] == "/?place=A%C4%9Fdam"
    assert told["found"]["heading"] == "4 events"
    assert ENTRY in told["found"]["titles"]
    assert not told["isPictured"]
    assert not told["canCopy"]
    assert len(told["next"]["titles"]) == 9
    assert told["record"] == told["next"]["titles"][0]


def test_of_many_places_the_map_asks_for_those_in_view(do: Do) -> None:
    told = do("many")
    start = told["start"]
    assert 1 < len(start["markers"]) < 200
    assert any("places, " in label for label in start["markers"])
    assert "99,500 at smaller places: zoom in to see them." in start["notes"][0]
    first, *later = told["questions"]
    assert first == {"by": "place", "limit": "1000"}
    assert later
    assert all(len(question["bbox"].split(",")) == 4 for question in later)
    assert told["closer"]["address"] == "/"


def test_where_the_service_is_busy_it_is_asked_again(do: Do) -> None:
    told = do("busy")
    assert told["questions"] == 2
    assert len(told["again"]["markers"]) == 4
    never = told["never"]
    assert never["heading"] == "4 events"
    assert never["markers"] == never["bars"] == []
    assert never["notes"][0] == "The map has to wait: the service is busy."
    assert never["notes"][-1] == "The timeline has to wait: the service is busy."


TIMES = """
import { asked, ends, inShort, inWords, range, sums } from %s;
const counts = new Map([["1999-12", 2], ["2000-01", 3], ["2003-05", 1]]);
console.log(JSON.stringify({
  days: range("2020-02-28", "2020-03-01", "day"),
  months: range("2019-11", "2020-02", "month"),
  years: range("1999-12", "2001-01", "year"),
  decades: range("1899-12", "1921-01", "decade"),
  tooMany: range("1900-01", "2020-01", "month"),
  sums: [...sums(counts, "decade")],
  words: ["decade", "year", "month", "day"].map((unit) => inWords({ decade: "199", year: "1994", month: "1994-05", day: "1994-05-07" }[unit], unit)),
  short: [inShort("2020-11", "month", true), inShort("2020-12", "month", false), inShort("2021-01", "month", false)],
  ends: [ends("199", "decade"), ends("1994", "year")],
  asked: ["date=2020", "date=2020-10/..", "date=../2020-11-05", "date_from=2020-03-01", "q=x"].map((text) => asked(new URLSearchParams(text))),
}));
"""


def test_times_are_counted_and_named(node: str) -> None:
    """By the module itself, without a browser."""
    module = json.dumps((PROJECT / "explorer/static/explorer/times.js").as_uri())
    told = json.loads(run(node, "--input-type=module", "--eval", TIMES % module))
    assert told["days"] == ["2020-02-28", "2020-02-29", "2020-03-01"]
    assert told["months"] == ["2019-11", "2019-12", "2020-01", "2020-02"]
    assert told["years"] == ["1999", "2000", "2001"]
    assert told["decades"] == ["189", "190", "191", "192"]
    assert told["tooMany"] is None
    assert told["sums"] == [["199", 2], ["200", 4]]
    assert told["words"] == ["1990s", "1994", "May 1994", "7 May 1994"]
    assert told["short"] == ["Nov 2020", "Dec", "Jan 2021"]
    assert told["ends"] == [["1990", "1999"], ["1994", "1994"]]
    assert told["asked"] == [
        ["2020-01", "2020-12"],
        ["2020-10", None],
        [None, "2020-11"],
        ["2020-03", None],
        [None, None],
    ]


def test_axe_finds_nothing(do: Do) -> None:
    told = do("accessible")
    assert told["violations"] == []
    assert told["looked"] == 30


def test_no_page_is_wider_than_a_narrow_screen(do: Do) -> None:
    assert set(do("narrow")["wide"].values()) == {320}


def test_a_page_of_another_origin_reads_the_api_and_no_page(do: Do) -> None:
    told = do("foreign")
    assert told["origin"].startswith("http://localhost:")
    assert told["count"] == 4
    assert told["tag"]
    assert 'rel="next"' in told["link"]
    assert told["page"] == "refused"


def test_the_pictures_of_the_documents(do: Do, tmp_path: Path) -> None:
    """They are taken anew with UPDATE_PICTURES=1."""
    folder = PROJECT / "docs" if os.environ.get("UPDATE_PICTURES") else tmp_path
    do("pictures", folder)
    for name in ("wide", "phone", "dark"):
        taken = folder / f"explorer-{name}.png"
        assert 10_000 < taken.stat().st_size < LARGEST
        assert (PROJECT / "docs" / taken.name).is_file()
