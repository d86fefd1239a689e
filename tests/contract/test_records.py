"""What every record and every brief of one has, and the words that it is told in."""

from typing import Any

import pytest

from actors.models import Actor
from events.models import Event, EventType
from sources.models import Dataset, Release
from tests.contract.test_openapi import document

# A client counts on these; there may be more.
KEYS = {
    "events": (
        *("id", "url", "title", "summary", "type", "codes", "status", "certainty", "date", "place"),
        *("place_precision", "participants", "deaths", "displaced", "agreement", "fulfils"),
        *("breaches", "part_of", "related", "sources", "dataset", "release", "updated_at"),
        "revision",
    ),
    "actors": ("id", "url", "name", "kind", "country", "names"),
    "places": ("id", "url", "name", "kind", "country", "ancestors", "names"),
    "agreements": ("id", "url", "title", "kind", "status", "date", "parties", "provisions"),
    "provisions": ("id", "url", "agreement", "status", "due", "obligor", "place", "fulfilled_by"),
    "sources": ("id", "url", "kind", "title", "publisher", "published"),
    "datasets": ("id", "url", "name", "licence", "citation", "releases", "coverage"),
    "event-types": ("id", "url", "code", "label", "definition", "parent", "codes", "event_count"),
}
INSIDE_AN_EVENT = {
    "type": {"code", "label", "root"},
    "date": {"start", "end", "precision", "edtf"},
    "deaths": {"low", "best", "high", "note"},
    "displaced": {"low", "best", "high", "note"},
    "place": {"id", "url", "name", "latitude", "longitude", "kind", "country"},
    "participants": {"role", "actor", "name_in_source"},
    "related": {"kind", "event"},
    "sources": {"source", "locator", "attributed_to", "supports"},
    "codes": {"scheme", "code"},
}
WORDS = {
    "EventStatus": {"occurred", "ongoing", "expected", "failed"},
    "Certainty": {"confirmed", "reported", "alleged"},
    "Role": {
        *("initiator", "target", "participant", "mediator", "signatory", "guarantor", "speaker"),
        *("affected", "observer"),
    },
    "EventGrouping": {
        *("year", "month", "day", "type", "root_type", "country", "place", "actor", "status"),
        "dataset",
    },
    "CountRelation": {"exact", "at_least"},
}
# What names a record, in a line.
NAMES = ("name", "title", "label", "text")


def test_every_key_is_there_in_every_record(collection: Any, records: Any) -> None:
    assert {tuple(record) for record in records} == {tuple(records[0])}
    assert set(KEYS[collection.name]) <= set(records[0])


def test_what_is_in_an_event_has_its_keys(get: Any) -> None:
    seen = set()
    for event in get("/api/events", page_size=1000)["results"]:
        for name, keys in INSIDE_AN_EVENT.items():
            values = event[name] if isinstance(event[name], list) else [event[name]]
            for value in filter(None, values):
                assert keys <= set(value), name
                seen.add(name)
    assert seen == set(INSIDE_AN_EVENT)


def test_of_an_event_of_which_nothing_is_known_nothing_is_made_up(get: Any) -> None:
    Event.objects.create(
        public_id="bare",
        key="bare",
        title="Bare",
        type=EventType.objects.get(code="PROTEST"),
        status="occurred",
        certainty="reported",
        dataset=Dataset.objects.get(public_id="aghdam-2020"),
        release=Release.objects.get(dataset__public_id="aghdam-2020"),
    )
    bare = get("/api/events/bare")
    assert list(bare) == list(get("/api/events")["results"][0])
    unknown = {"summary", "place", "place_precision", "agreement", "part_of"}
    assert {name for name in unknown if bare[name] is not None} == set()
    for name in ("date", "deaths", "displaced"):
        assert set(bare[name].values()) == {None}, name
    for name in ("participants", "codes", "fulfils", "breaches", "related", "sources"):
        assert bare[name] == [], name


def test_a_brief_is_a_line_of_its_own(get: Any, records: Any) -> None:
    def briefs(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            inner = [brief for one in value.values() for brief in briefs(one)]
            return [value, *inner] if "url" in value else inner
        return [brief for one in value for brief in briefs(one)] if isinstance(value, list) else []

    for brief in [brief for record in records for brief in briefs(record)]:
        assert brief["id"] == brief["url"].rpartition("/")[2]
        assert any(brief.get(name) for name in NAMES), brief


def test_an_id_is_readable_and_of_one_record(records: Any) -> None:
    ids = [record["id"] for record in records]
    assert len(set(ids)) == len(ids)
    for id_ in ids:
        assert id_.replace("-", "").isalnum()
        assert id_ == id_.lower()


def test_an_id_outlives_the_name(get: Any) -> None:
    before = get("/api/actors/azerbaijan-army")
    actor = Actor.objects.get(public_id="azerbaijan-army")
    actor.name = "Land Forces"
    actor.save()
    after = get("/api/actors/azerbaijan-army")
    assert (after["id"], after["url"]) == (before["id"], before["url"])
    assert after["name"] == "Land Forces"


@pytest.mark.parametrize("name", WORDS)
def test_words_are_these(name: str) -> None:
    assert set(document()["components"]["schemas"][name]["enum"]) == WORDS[name]
