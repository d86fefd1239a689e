"""What an import removed: its id says that it is gone and why, and is not confused with a wrong one."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command

from agreements.models import Provision
from sources.models import Dataset, Tombstone
from tests.contract.test_errors import PROBLEM
from tests.contract.test_openapi import check
from tests.contract.withheld import TERMS

GONE = ["events", "agreements", "provisions", "datasets"]
REMOVED = {"dataset": "past-events", "removed_at": datetime(2026, 11, 2, 23, 59, tzinfo=UTC)}

pytestmark = pytest.mark.django_db


def remove(collection: str, public_id: str = "removed", release: str | None = "26.1") -> None:
    Tombstone.objects.create(collection=collection, public_id=public_id, release=release, **REMOVED)


@pytest.mark.parametrize("name", GONE)
@pytest.mark.parametrize(
    ("release", "reason"),
    [
        ("26.1", "release 26.1 of past-events does not have it"),
        (None, "data of past-events were removed here"),
    ],
)
def test_what_is_gone_says_when_and_why(
    client: Any, name: str, release: str | None, reason: str
) -> None:
    remove(name, release=release)
    path = f"/api/{name}/removed"
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (410, PROBLEM)
    noun = name.removesuffix("s")
    assert response.json() == {
        "type": "/problems/gone",
        "title": "What was here has been removed",
        "status": 410,
        "detail": f"The {noun} “removed” was removed on 2026-11-02: {reason}.",
        "instance": path,
        "errors": [],
    }
    assert client.head(path).status_code == 410


def test_a_dataset_that_is_removed_is_gone(get: Any) -> None:
    for public_id, served in (("shown", True), ("withheld", False)):
        Dataset.objects.create(
            public_id=public_id, name=public_id, redistributable=False, served=served, **TERMS
        )
        call_command("datasets", "remove", public_id, stdout=io.StringIO())
    assert "data of shown were removed here" in get("/api/datasets/shown", 410)["detail"]
    # Clients never knew the other.
    assert "There is no dataset" in get("/api/datasets/withheld", 404)["detail"]


def test_the_answer_is_as_described(get: Any) -> None:
    for collection in GONE:
        remove(collection)
        path = f"/api/{collection}/{{id}}"
        check(path, 410, PROBLEM, get(f"/api/{collection}/removed", 410))


def test_a_tombstone_stands_for_its_own_collection(get: Any, collection: Any) -> None:
    for other in GONE:
        if other != collection.name:
            remove(other)
    get(f"{collection.path}/removed", 404)


@pytest.mark.parametrize(
    "id_", ["never-was", "remove", "removed-", "REMOVED", "%00", "removed%00", "%00removed"]
)
@pytest.mark.parametrize("name", GONE)
def test_what_never_was_is_not_found(client: Any, name: str, id_: str) -> None:
    remove(name)
    response = client.get(f"/api/{name}/{id_}")
    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM)


def test_what_is_there_again_is_served(get: Any) -> None:
    public_id = Provision.objects.first().public_id
    remove("provisions", public_id)
    assert get(f"/api/provisions/{public_id}")["id"] == public_id


def test_what_is_gone_is_in_no_list_and_no_name(get: Any) -> None:
    for collection in GONE:
        remove(collection)
        assert "removed" not in {record["id"] for record in get(f"/api/{collection}")["results"]}
    (error,) = get("/api/events", 400, agreement="removed")["errors"]
    assert error["code"] == "unknown_name"
