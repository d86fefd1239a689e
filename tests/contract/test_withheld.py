"""A dataset that is withheld: clients see neither it nor anything of it, and cannot tell that it is there."""

import json
from typing import Any

import pytest
from django.db import connection

from config.urls import router
from events.models import Event
from places.models import Place
from sources.models import Dataset, Revision, Tombstone
from tests.contract.withheld import HIDDEN, WITHHELD, told, withheld_dataset


@pytest.fixture
def dataset(db: None) -> Dataset:
    return withheld_dataset()


def test_all_that_is_tried_is_there_when_it_is_served(get: Any, dataset: Dataset) -> None:
    Dataset.objects.filter(pk=dataset.pk).update(served=True)
    assert set(WITHHELD) == {prefix for prefix, _, _ in router.registry} - {"event-types"}
    for collection, public_id in WITHHELD.items():
        record = get(f"/api/{collection}/{public_id}")
        assert record in get(f"/api/{collection}", page_size=1000)["results"]


def test_no_list_has_it(get: Any, collection: Any, dataset: Dataset) -> None:
    for sort in collection.sorts:
        told(get, collection.path, page_size=1000, sort=sort)
    count = told(get, collection.path, page_size=1000)["count"]
    assert get(collection.path, page_size=1, count="exact")["count"] == count
    Dataset.objects.filter(pk=dataset.pk).update(served=True)
    more = 1 if collection.name in WITHHELD else 0
    assert get(collection.path, page_size=1)["count"] == count + more


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("events", {"place": "Aghdam"}),
        ("events", {"place": "Aghdam", "place_match": "exact"}),
        ("events", {"country": "AZ"}),
        ("events", {"actor": "Azerbaijan"}),
        ("events", {"actor": "Azerbaijan", "sort": "title"}),
        ("events", {"actor": "Azerbaijan", "place": "Aghdam", "date": "2020-11"}),
        ("events", {"type": "RETREAT"}),
        ("events", {"date": "2020-11-20"}),
        ("events", {"deaths_min": "1"}),
        ("events", {"deaths_max": "10"}),
        ("events", {"q": "troops"}),
        ("agreements", {"actor": "Azerbaijan"}),
        ("agreements", {"place": "Aghdam"}),
        ("agreements", {"kind": "ceasefire"}),
        ("provisions", {"place": "Aghdam"}),
        ("provisions", {"obligor": "Azerbaijan"}),
        ("provisions", {"status": "unknown"}),
        ("actors", {"kind": "state"}),
        ("places", {"kind": "country"}),
        ("sources", {"kind": "report"}),
    ],
    ids=str,
)
def test_no_filter_finds_it(get: Any, dataset: Dataset, path: str, query: dict[str, str]) -> None:
    told(get, f"/api/{path}", page_size=1000, **query)


@pytest.mark.parametrize(("name", "public_id"), WITHHELD.items())
def test_its_ids_are_not_found(get: Any, dataset: Dataset, name: str, public_id: str) -> None:
    never = get(f"/api/{name}/never-was", 404)
    problem = get(f"/api/{name}/{public_id}", 404)
    assert json.dumps(problem) == json.dumps(never).replace("never-was", public_id)


@pytest.mark.parametrize(
    ("path", "parameter", "name"),
    [
        ("events", "place", "Undisclosed place"),
        ("events", "country", "Undisclosed place"),
        ("events", "place", WITHHELD["places"]),
        ("events", "actor", "Undisclosed actor"),
        ("events", "actor", WITHHELD["actors"]),
        ("events", "agreement", "Undisclosed agreement"),
        ("events", "dataset", HIDDEN),
        ("events", "dataset", "Undisclosed"),
        ("agreements", "place", "Undisclosed place"),
        ("agreements", "actor", "Undisclosed actor"),
        ("provisions", "agreement", WITHHELD["agreements"]),
        ("provisions", "obligor", "Undisclosed actor"),
        ("actors", "name", "Undisclosed actor"),
        ("actors", "country", "Undisclosed place"),
        ("actors", "dataset", HIDDEN),
        ("places", "dataset", "Undisclosed"),
        ("sources", "dataset", HIDDEN),
        ("places", "name", "Undisclosed place"),
        ("places", "within", "Undisclosed place"),
    ],
)
def test_its_names_mean_nothing(
    get: Any, dataset: Dataset, path: str, parameter: str, name: str
) -> None:
    for asked in (name, name.replace("closed", "closd")):
        (error,) = get(f"/api/{path}", 400, **{parameter: asked})["errors"]
        assert (error["value"], error["code"]) == (asked, "unknown_name")
        assert HIDDEN not in str(error["suggestion"]).lower()
        assert HIDDEN not in str(error["allowed"]).lower()


def test_nothing_of_it_is_counted(get: Any, dataset: Dataset) -> None:
    withdrawals = get("/api/event-types/retreat-withdraw")["event_count"]
    retreats = get("/api/event-types/retreat")["event_count"]
    coverage = get("/api/datasets/aghdam-2020")["coverage"]
    Dataset.objects.filter(pk=dataset.pk).update(served=True)
    assert get("/api/event-types/retreat-withdraw")["event_count"] == withdrawals + 1
    assert get("/api/event-types/retreat")["event_count"] == retreats + 1
    assert get("/api/datasets/aghdam-2020")["coverage"] == coverage
    own = get(f"/api/datasets/{HIDDEN}")["coverage"]
    assert own == {
        "events": 1,
        "first_date": "2020-11-20",
        "last_date": "2020-11-20",
        "agreements": 1,
    }


def test_the_index_does_not_name_it(get: Any, dataset: Dataset) -> None:
    assert [terms["dataset"] for terms in told(get, "/api")["licences"]] == ["aghdam-2020"]
    Dataset.objects.filter(pk=dataset.pk).update(served=True)
    named = {terms["dataset"] for terms in get("/api")["licences"]}
    assert named == {"aghdam-2020", HIDDEN}


@pytest.mark.parametrize("served", [False, True])
def test_deciding_who_sees_it_raises_the_data_revision(get: Any, served: bool) -> None:
    before = get("/api")
    # The first change of its transaction, so that it is this one that counts.
    Dataset.objects.update(served=served)
    after = get("/api")
    assert after["data_revision"] == before["data_revision"] + 1 == Revision.current().number
    assert bool(after["licences"]) is served


def test_all_of_a_dataset_goes_and_comes_back(get: Any) -> None:
    paths = [f"/api/{prefix}" for prefix, _, _ in router.registry]
    before = {path: get(path, page_size=1000)["results"] for path in paths}
    Dataset.objects.update(served=False, redistributable=False)
    counts = {path: get(path)["count"] for path in paths}
    assert counts.pop("/api/event-types") > 0
    assert set(counts.values()) == {0}
    assert {one["event_count"] for one in get("/api/event-types")["results"]} == {0}
    get("/api/events", 400, place="Aghdam")
    Dataset.objects.update(served=True, redistributable=True)
    assert {path: get(path, page_size=1000)["results"] for path in paths} == before


def test_a_record_of_nobody_is_served(get: Any, dataset: Dataset) -> None:
    """What a curator enters has no dataset, whichever is withheld."""
    Place.objects.filter(public_id="baku").update(dataset=None)
    Dataset.objects.update(served=False, redistributable=False)
    assert [place["id"] for place in get("/api/places")["results"]] == ["baku"]


def test_what_was_removed_of_it_is_not_told(get: Any, dataset: Dataset) -> None:
    Tombstone.objects.create(collection="events", public_id="removed", dataset=HIDDEN, release="2")
    problem = get("/api/events/removed", 404)
    assert HIDDEN not in json.dumps(problem)


def test_which_are_withheld_is_looked_up_once(get: Any, dataset: Dataset) -> None:
    """For each list, and not for each row that is walked."""
    rows = Event.objects.served().order_by("-sort_date", "-id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "hashed SubPlan" in rows.explain()
