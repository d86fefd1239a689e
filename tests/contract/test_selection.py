"""`fields`, `omit` and `include`: other shapes of the same records."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.formats import SELECTION
from tests.contract.conftest import COLLECTIONS, Collection
from tests.contract.test_openapi import check

# What each word puts whole records of, and where.
INCLUDED: dict[str, dict[str, tuple[Any, ...]]] = {
    "events": {
        "place": ("places", ["place"]),
        "actors": ("actors", ["participants", "actor"]),
        "agreement": ("agreements", ["agreement"]),
        "sources": ("sources", ["sources", "source"]),
    },
    "places": {"sources": ("sources", ["sources", "source"])},
    "actors": {"sources": ("sources", ["sources", "source"])},
    "agreements": {
        "places": ("places", ["places"]),
        "actors": ("actors", ["parties", "actor"]),
        "sources": ("sources", ["sources", "source"]),
    },
    "provisions": {
        "agreement": ("agreements", ["agreement"]),
        "actors": ("actors", ["obligor"], ["beneficiary"]),
        "place": ("places", ["place"]),
        "sources": ("sources", ["sources", "source"]),
    },
}
WORDS = [(name, word) for name, words in INCLUDED.items() for word in words]


def found_at(record: Any, path: list[str]) -> list[Any]:
    values = [record]
    for key in path:
        values = [value[key] for value in values if value is not None]
        values = [v for value in values for v in (value if isinstance(value, list) else [value])]
    return [value for value in values if value is not None]


def refused(get: Any, path: str, **query: Any) -> Any:
    return get(path, 400, **query)["errors"][0]


def test_fields_and_omit_choose_keys(get: Any, collection: Collection, records: Any) -> None:
    keys = list(records[0])
    for chosen in (["id"], [keys[-1], "id"], keys):
        kept = [key for key in keys if key in chosen]
        left = [key for key in keys if key not in chosen]
        expected = [{key: record[key] for key in kept} for record in records]
        page = get(collection.path, page_size=1000, fields=",".join(chosen))["results"]
        assert page == expected
        assert [list(record) for record in page] == [kept] * len(page)
        assert get(records[0]["url"], fields=chosen) == expected[0]
        if left and chosen != keys:
            assert get(collection.path, page_size=1000, omit=left)["results"] == expected
            assert get(records[0]["url"], omit=",".join(left)) == expected[0]


def test_a_key_that_is_not_there_is_refused(get: Any, collection: Collection) -> None:
    for name in ("fields", "omit"):
        for path in (collection.path, f"{collection.path}/anything"):
            error = refused(get, path, **{name: "id,urll"})
            assert (error["parameter"], error["value"]) == (name, "urll")
            assert (error["code"], error["suggestion"]) == ("unknown_value", "url")
            assert "id" in error["allowed"]
    assert refused(get, collection.path, fields="")["code"] == "blank"
    both = refused(get, collection.path, fields="id", omit="url")
    assert (both["parameter"], both["code"]) == ("omit", "contradiction")


@pytest.mark.parametrize("name", [c.name for c in COLLECTIONS])
def test_only_declared_briefs_can_be_made_whole(get: Any, name: str) -> None:
    error = refused(get, f"/api/{name}", include="nonsense")
    if name in INCLUDED:
        assert (error["code"], error["allowed"]) == ("unknown_value", list(INCLUDED[name]))
    else:
        assert error["code"] == "unknown_parameter"


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_include_puts_whole_records_in_the_place_of_briefs(get: Any, name: str, word: str) -> None:
    target, *paths = INCLUDED[name][word]
    plain = get(f"/api/{name}", page_size=1000)["results"]
    whole = get(f"/api/{name}", page_size=1000, include=word)["results"]
    full = {record["id"]: record for record in get(f"/api/{target}", page_size=1000)["results"]}
    for path in paths:
        briefs = [brief for record in plain for brief in found_at(record, path)]
        put_in = [record for item in whole for record in found_at(item, path)]
        assert briefs
        assert put_in == [full[brief["id"]] for brief in briefs]
    changed = {path[0] for path in paths}
    for before, after in zip(plain, whole, strict=True):
        assert {k: v for k, v in before.items() if k not in changed} == {
            k: v for k, v in after.items() if k not in changed
        }
        assert list(before) == list(after)
    assert get(whole[0]["url"], include=word) == whole[0]


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_each_word_costs_one_query_however_long_the_list(get: Any, name: str, word: str) -> None:
    for size in (5, 50):
        with CaptureQueriesContext(connection) as captured:
            get(f"/api/{name}", page_size=size, include=word)
            plain = 4 + (name != "events")
        # The state of the data, what is withheld, the page, the word; a count where there is more.
        assert len(captured) in (plain, plain + 1), [query["sql"] for query in captured]


def test_keys_alone_cost_no_query(get: Any, collection: Collection) -> None:
    made = []
    for query in ({}, {"fields": "id"}):
        with CaptureQueriesContext(connection) as captured:
            get(collection.path, **query)
        made.append(len(captured))
    assert made[0] == made[1]


def test_what_is_left_out_cannot_be_made_whole(get: Any) -> None:
    for query in ({"fields": "id,title"}, {"omit": "place"}):
        error = refused(get, "/api/events", include="place", **query)
        assert (error["parameter"], error["code"]) == ("include", "contradiction")
        assert "`place`" in error["detail"]
    # One of two places is enough.
    assert get("/api/provisions", include="actors", fields="id,obligor")["results"]


def test_all_together(get: Any) -> None:
    event, *_ = get(
        "/api/events", place="Aghdam", include="place,actors", fields="place,participants"
    )["results"]
    assert list(event) == ["place", "participants"]
    assert event["place"]["names"]
    assert event["participants"][0]["actor"]["names"]


def test_lines_take_them_and_tables_do_not(client: Any, db: None) -> None:
    response = client.get("/api/events.ndjson", {"fields": "id,place", "include": "place"})
    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert all(list(line) == ["id", "place"] for line in lines)
    assert any("names" in line["place"] for line in lines if line["place"])
    for suffix in ("csv", "geojson"):
        for name, value in (("fields", "id"), ("omit", "id"), ("include", "place")):
            answer = client.get(f"/api/events.{suffix}", {name: value})
            assert answer.status_code == 400
            (error,) = answer.json()["errors"]
            assert (error["parameter"], error["code"]) == (name, "not_for_format")


def test_another_shape_is_another_type_and_as_described(
    client: Any, db: None, collection: Collection, records: Any
) -> None:
    queries = [{"fields": "id"}, {"omit": "url"}]
    queries += [{"include": word} for word in INCLUDED.get(collection.name, ())]
    for query in queries:
        listed = client.get(collection.path, query)
        assert listed["Content-Type"] == SELECTION
        check(collection.path, 200, SELECTION, listed.json())
        one = client.get(records[0]["url"], query)
        assert one["Content-Type"] == SELECTION
        check(f"{collection.path}/{{id}}", 200, SELECTION, one.json())


def test_pages_keep_their_shape(get: Any) -> None:
    page = get("/api/events", page_size=1, fields="id")
    assert "fields=id" in page["next"]


def test_a_withheld_record_stays_a_brief(get: Any) -> None:
    from actors.models import Actor
    from events.models import Event, Participation
    from tests.contract.withheld import WITHHELD, withheld_dataset

    withheld_dataset()
    event = Event.objects.get(public_id="azerbaijani-forces-enter-aghdam")
    actor = Actor.objects.get(public_id=WITHHELD["actors"])
    Participation.objects.create(event=event, actor=actor, role="observer", position=9)
    answer = get("/api/events/azerbaijani-forces-enter-aghdam", include="actors")
    brief = answer["participants"][-1]["actor"]
    assert brief["id"] == WITHHELD["actors"]
    assert "names" not in brief
