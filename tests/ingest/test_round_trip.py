"""From a record to the API: whatever the model may hold comes out as it went in."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.choices import Certainty, EventStatus, PlacePrecision, Role
from ingest.dates import read_edtf
from ingest.readers.base import Row
from ingest.records import (
    Actor,
    Cite,
    Code,
    Dataset,
    Deaths,
    Event,
    Figure,
    Link,
    Participant,
    Place,
    Source,
)

pytestmark = pytest.mark.slow

MADE_UP = Dataset("made-up", "Made up", "Invented.", "CC0-1.0", "Nobody", True, "1")
NORLAND = Place("norland", "Norland", "country", [])
ACTORS = [Actor(f"actor-{n}", f"Actor {n}", "armed-group", []) for n in range(4)]
PAPERS = [Source(f"paper-{n}", "article", f"Paper {n}") for n in range(3)]
NEEDS = (NORLAND, *ACTORS, *PAPERS)

# Anything but NUL and halves of characters, neither of which a text can hold.
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
# More than white space, as PostgreSQL understands it and Python does.
TEXT = st.builds(lambda text: f"x{text}", st.text(ANY, max_size=40))
COUNT = st.none() | st.integers(0, 2**31 - 1)
DAY = st.dates()
EDTF = st.one_of(
    st.none(),
    DAY.map(str),
    DAY.map(lambda day: f"{day:%Y-%m}".zfill(7)),
    DAY.map(lambda day: f"{day.year:04}"),
    DAY.map(lambda day: f"{day}/.."),
    DAY.map(lambda day: f"../{day}"),
    DAY.map(lambda day: f"{day}~"),
    st.tuples(DAY, DAY).map(lambda days: "{}/{}".format(*sorted(days))),
    st.tuples(DAY, DAY).map(lambda days: "[{}..{}]".format(*sorted(days))),
)
CODES = st.lists(st.builds(Code, TEXT, TEXT), max_size=3, unique_by=lambda c: (c.scheme, c.code))
PARTICIPANTS = st.lists(
    st.builds(
        Participant,
        st.sampled_from([actor.id for actor in ACTORS]),
        st.sampled_from(Role.values),
        st.none() | TEXT,
        COUNT,
    ),
    max_size=4,
    unique_by=lambda item: (item.actor, item.role),
)
CITES = st.lists(
    st.builds(
        Cite,
        st.lists(TEXT, min_size=1, max_size=3),
        source=st.sampled_from([paper.id for paper in PAPERS]),
        locator=st.none() | TEXT,
        attributed_to=st.none() | st.sampled_from([actor.id for actor in ACTORS]),
    ),
    max_size=3,
)
POINT = st.none() | st.tuples(
    st.floats(-90, 90, allow_subnormal=False), st.floats(-180, 180, allow_subnormal=False)
)


@st.composite
def events(draw: Any) -> Event:
    date = draw(EDTF)
    status = draw(st.sampled_from(EventStatus.values))
    if date and status == "ongoing" and read_edtf(date).end_date:
        status = "occurred"
    latitude, longitude = draw(POINT) or (None, None)
    placed = draw(st.booleans())
    return Event(
        id="",
        key=draw(TEXT),
        title=draw(TEXT),
        summary=draw(st.none() | TEXT),
        type=draw(st.sampled_from(["PROTEST", "RETREAT/withdraw", "ucdp:1", "cameo:0231"])),
        status=status,
        certainty=draw(st.sampled_from(Certainty.values)),
        cites=draw(CITES),
        codes=draw(CODES),
        date=date,
        place="norland" if placed else None,
        place_precision=draw(st.sampled_from(PlacePrecision.values)) if placed else None,
        place_name_in_source=draw(st.none() | TEXT),
        latitude=latitude,
        longitude=longitude,
        participants=draw(PARTICIPANTS),
        deaths=draw(st.builds(Deaths, COUNT, COUNT, COUNT, st.none() | TEXT, COUNT, COUNT)),
        displaced=draw(st.builds(Figure, COUNT, COUNT, COUNT, st.none() | TEXT)),
    )


def figure(record: Figure) -> dict[str, Any]:
    return {**vars(record)}


def expected(event: Event) -> dict[str, Any]:
    """Return what an event is to be served as, in so far as its own record says."""
    interval = read_edtf(event.date) if event.date else None
    return {
        "title": event.title,
        "summary": event.summary,
        "status": event.status,
        "certainty": event.certainty,
        "codes": sorted(
            [vars(code) for code in event.codes], key=lambda c: (c["scheme"], c["code"])
        ),
        "date": {
            "start": interval and interval.start_date and str(interval.start_date),
            "end": interval and interval.end_date and str(interval.end_date),
            "precision": interval and interval.date_precision,
            "edtf": interval and interval.edtf,
        },
        "place": event.place,
        "place_precision": event.place_precision,
        "place_name_in_source": event.place_name_in_source,
        "coordinates": {"latitude": event.latitude, "longitude": event.longitude},
        "participants": [
            (item.actor, item.role, item.name_in_source, item.deaths) for item in event.participants
        ],
        "deaths": figure(event.deaths),
        "displaced": figure(event.displaced),
        "sources": [
            (cite.source, cite.supports, cite.locator, cite.attributed_to) for cite in event.cites
        ],
    }


def shown(body: dict[str, Any]) -> dict[str, Any]:
    said = {name: body[name] for name in expected(BLANK)}
    said["codes"] = sorted(said["codes"], key=lambda code: (code["scheme"], code["code"]))
    said["place"] = body["place"] and body["place"]["id"]
    said["participants"] = [
        (item["actor"]["id"], item["role"], item["name_in_source"], item["deaths"])
        for item in body["participants"]
    ]
    said["sources"] = [
        (
            item["source"]["id"],
            item["supports"],
            item["locator"]["record"],
            item["attributed_to"] and item["attributed_to"]["id"],
        )
        for item in body["sources"]
    ]
    return said


BLANK = Event("", "Blank", "PROTEST", "occurred", "confirmed", [], key="blank")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(events(), min_size=1, max_size=60, unique_by=lambda event: event.key))
def test_what_goes_in_comes_out(shared: Any, batch: list[Event]) -> None:
    report, rejected = shared.take(
        [Row(line, event, NEEDS) for line, event in enumerate(batch, 1)], MADE_UP, most_removed=1.0
    )
    # Two keys may make one id; then neither is taken.
    assert {row.reason.partition(":")[0] for row in rejected} <= {
        "its id would be that of another record"
    }
    refused = {row.line for row in rejected}
    by_key = dict(
        shared.sql(
            "SELECT key, public_id FROM events_event e WHERE e.key = ANY(%s)",
            [e.key for e in batch],
        )
    )
    bodies = shared.all("events", dataset="made-up") if len(refused) < len(batch) else {}
    for line, event in enumerate(batch, 1):
        if line not in refused:
            assert shown(bodies[by_key[event.key]]) == expected(event)
    assert report.published + report.rejected == len(batch)


def test_links_between_events_come_out(shared: Any) -> None:
    whole = Event("whole", "Whole", "PROTEST", "occurred", "confirmed", [])
    part = Event(
        "part", "Part", "PROTEST", "occurred", "confirmed", [],
        part_of="whole", related=[Link("follows", "whole"), Link("reports", "whole")],
    )  # fmt: skip
    linked = Dataset(**{**vars(MADE_UP), "id": "linked"})
    report, _ = shared.take([Row(1, part), Row(2, whole)], linked)
    assert report.published == 2
    body = shared.get("events/part")
    assert body["part_of"]["id"] == "whole"
    assert [(item["kind"], item["event"]["id"]) for item in body["related"]] == [
        ("follows", "whole"),
        ("reports", "whole"),
    ]


@pytest.mark.parametrize("text", ["\N{ZERO WIDTH SPACE}", "\N{NO-BREAK SPACE}", "\u2028", "\t"])
def test_a_text_of_nothing_but_space_is_refused_or_comes_out(shared: Any, text: str) -> None:
    dataset = Dataset(**{**vars(MADE_UP), "id": f"blank-{ord(text):x}"})
    event = Event("", text, "PROTEST", "occurred", "confirmed", [], key="1")
    report, rejected = shared.take([Row(1, event)], dataset)
    if rejected:
        assert rejected[0].reason == "breaks the rule events_event_title_not_blank"
    else:
        assert shared.get(f"events/{dataset.id}-1")["title"] == text
    assert report.published + report.rejected == 1
