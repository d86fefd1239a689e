"""The rules of the database, asked of rows before they are written: what breaks one is refused by name."""

from dataclasses import replace
from typing import Any

import pytest

from ingest.readers.base import Row
from ingest.records import Actor, Cite, Code, Dataset, Event, Name, Participant, Place, Source

pytestmark = pytest.mark.slow

MADE_UP = Dataset("made-up", "Made up", "Invented.", "CC0-1.0", "Nobody", True, "1")
NORLAND = Place("norland", "Norland", "country", [])
TOWN = Place("norland-town", "Town", "settlement", [], within="norland", latitude=1, longitude=2)
SOMEBODY = Actor("somebody", "Somebody", "armed-group", [], country="norland")
PAPER = Source("norland-paper", "article", "Paper", url="https://norland.example/1")
EVENT = Event(
    id="",
    key="1",
    title="Something happens",
    type="PROTEST",
    status="occurred",
    certainty="confirmed",
    cites=[Cite(["title"], source="norland-paper")],
    date="2031-03-01",
    place="norland-town",
    place_precision="exact",
    participants=[Participant("somebody", "initiator")],
)
NEEDS = (NORLAND, TOWN, SOMEBODY, PAPER)


def rows(*events: Event) -> list[Row]:
    return [Row(line, event, NEEDS) for line, event in enumerate(events, 2)]


def many(count: int = 4) -> list[Event]:
    return [replace(EVENT, key=str(number)) for number in range(1, count + 1)]


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"title": " "}, "breaks the rule events_event_title_not_blank"),
    ({"status": "ongoing"}, "breaks the rule events_event_ongoing_has_no_end"),
    ({"latitude": 91.0, "longitude": 0.0}, "breaks the rule events_event_latitude_range"),
    ({"latitude": 9.0}, "breaks the rule events_event_point_whole"),
    ({"place_precision": None}, "breaks the rule events_event_place_precision_known"),
    ({"certainty": "sure"}, "breaks the rule events_event_certainty_known"),
    ({"codes": [Code("", "1")]}, "breaks the rule events_eventcode_scheme_not_blank"),
    ({"type": "cameo:9999"}, "refers to the event type cameo:9999, which there is not"),
    ({"place": "nowhere"}, "refers to the place nowhere, which there is not"),
    ({"part_of": "no-event"}, "refers to the event no-event, which there is not"),
    (
        {"participants": [Participant("nobody", "target")]},
        "refers to the actor nobody, which there is not",
    ),
    (
        {"participants": [Participant("somebody", "victim")]},
        "breaks the rule events_participation_role_known",
    ),
    ({"cites": [Cite([], source="norland-paper")]}, "events_eventcitation_supports_something"),
]


def test_rows_that_break_a_rule_are_refused_by_its_name(world: Any) -> None:
    broken = [replace(EVENT, key=f"b{n}", **change) for n, (change, _) in enumerate(BROKEN)]
    report, rejected = world.take(rows(*broken, *many(3)), MADE_UP)
    assert (report.read, report.published) == (len(BROKEN) + 3, 3)
    told = {row.line: row.reason for row in rejected}
    assert list(told) == list(range(2, len(BROKEN) + 2))
    for line, (_, reason) in enumerate(BROKEN, 2):
        assert reason in told[line]
    assert set(world.all("events", dataset="made-up")) == {"made-up-1", "made-up-2", "made-up-3"}


def test_a_row_that_came_to_break_a_rule_leaves_what_was_there(world: Any) -> None:
    world.take(rows(*many()), MADE_UP)
    before = world.all("events", dataset="made-up")
    one, *others = many()
    report, _ = world.take(rows(replace(one, title=" "), *others), MADE_UP)
    assert (report.rejected, report.published) == (1, 3)
    assert world.all("events", dataset="made-up") == before


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("bad", "change"),
    [
        (Place("norland-sea", "Sea", "lake", [], within="norland"), {"place": "norland-sea"}),
        (
            Actor("x", "X", "armed-group", [], names=[Name(" ")]),
            {"participants": [Participant("x", "initiator")]},
        ),
        (
            Source("paper-2", "article", "P", url="norland.example"),
            {"cites": [Cite(["title"], source="paper-2")]},
        ),
    ],
)
def test_what_a_row_refers_to_and_cannot_be_taken_refuses_that_row_alone(
    empty: Any, bad: Any, change: dict[str, Any], first: bool
) -> None:
    """Places and actors come with whichever row names them first; they are not of that row alone."""
    one, *others = many()
    line = Row(100, replace(one, **change), (*NEEDS, bad))
    taken = [line, *rows(*others)] if first else [*rows(*others), line]
    report, rejected = empty.take(taken, MADE_UP)
    assert [row.line for row in rejected] == [100]
    assert (report.published, report.rejected) == (3, 1)


def test_two_keys_that_would_make_one_id_are_both_refused(world: Any) -> None:
    world.take(rows(*many(2)), MADE_UP)
    events = [*many(2), replace(EVENT, key="A 1"), replace(EVENT, key="a-1")]
    report, rejected = world.take(rows(*events), MADE_UP)
    assert (report.published, {row.line for row in rejected}) == (2, {4, 5})
    # Of another dataset, too.
    other = replace(MADE_UP, id="made")
    report, rejected = world.take(rows(replace(EVENT, key="up-1"), replace(EVENT, key="5")), other)
    assert (report.published, [row.value for row in rejected]) == (1, ["up-1"])
    assert "made-up-1" in rejected[0].reason


def test_texts_that_no_database_holds_refuse_their_row_alone(world: Any) -> None:
    one, *others = many()
    for text in ("a\0b", "a\ud800b"):
        report, rejected = world.take(rows(replace(one, title=text), *others), MADE_UP)
        assert (report.published, [row.line for row in rejected]) == (3, [2])


def test_a_place_that_would_lie_too_deep_in_another_stays_where_it_is(world: Any) -> None:
    """A tree has four levels, and what lies in a place moves with it."""
    part = Place("norland-part", "Part", "province", [], within="norland")
    other = Place("norland-other", "Other", "province", [], within="norland")
    district = Place("norland-district", "District", "district", [], within="norland-part")
    town = replace(TOWN, within="norland-district")

    def take(version: str, *places: Place) -> Any:
        needs = (NORLAND, SOMEBODY, PAPER, part, other, *places)
        taken = [Row(line, event, needs) for line, event in enumerate(many(), 2)]
        report, rejected = world.take(taken, replace(MADE_UP, release=version))
        assert not rejected
        return report

    take("1", district, town)
    moved = replace(district, within="norland-other")
    take("2", moved, town)
    above = [place["id"] for place in world.get("places/norland-town")["ancestors"]]
    assert above == ["norland", "norland-other", "norland-district"]
    between = Place("norland-between", "Between", "province", [], within="norland-part")
    for version in ("3", "4"):
        take(version, between, replace(moved, within="norland-between"), town)
        above = [place["id"] for place in world.get("places/norland-town")["ancestors"]]
        assert above == ["norland", "norland-other", "norland-district"]
