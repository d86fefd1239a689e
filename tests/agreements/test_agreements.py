"""Agreements and provisions: what was owed, and what came of it."""

from typing import Any

import pytest

from agreements.models import Agreement, AgreementCode, Provision

ENTRY = "azerbaijani-forces-enter-aghdam"
TRUCE = "azerbaijan-armenia-cease-fire-2020"
US_TRUCE = "us-brokered-cease-fire-2020"


def test_an_agreement_shows_its_clauses_and_what_came_of_them(get: Any) -> None:
    agreement = get(f"/api/agreements/{TRUCE}")
    assert {(party["actor"]["id"], party["role"]) for party in agreement["parties"]} == {
        ("azerbaijan", "signatory"),
        ("armenia", "signatory"),
        ("russia", "mediator"),
    }
    provisions = {provision["id"]: provision for provision in agreement["provisions"]}
    aghdam = provisions["hand-over-of-aghdam"]
    assert (aghdam["status"], aghdam["as_of"]) == ("fulfilled", "2020-11-20")
    assert aghdam["asserted_by"]["id"] == "azerbaijan-ministry-of-defence"
    assert [event["id"] for event in aghdam["fulfilled_by"]] == [ENTRY]
    assert aghdam["breached_by"] == []
    assert provisions["hand-over-of-lachin"]["fulfilled_by"] == []


def test_both_directions_are_one_request_each(get: Any) -> None:
    (provision,) = get(f"/api/events/{ENTRY}")["fulfils"]
    assert provision["agreement"] == TRUCE
    (event,) = get(provision["url"])["fulfilled_by"]
    assert event["url"] == f"/api/events/{ENTRY}"


def test_pending_provisions_say_who_owes_what_where_and_by_when(get: Any) -> None:
    pending = get("/api/provisions", status="pending")["results"]
    assert {
        (p["place"]["name"], p["obligor"]["name"], p["due"]["qualifier"], p["due"]["date"])
        for p in pending
    } == {("Lachin", "Armenia", "by", "2020-12-04"), ("Kelbajar", "Armenia", "by", "2020-12-04")}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "fulfilled"}, 1),
        ({"status": "fulfilled,pending"}, 3),
        ({"place": "Azerbaijan"}, 3),
        ({"place": "Laçın"}, 1),
        ({"obligor": "Armenia"}, 3),
        ({"obligor": "Azerbaijan"}, 0),
        ({"agreement": TRUCE}, 3),
    ],
)
def test_provisions_are_filtered(get: Any, query: dict[str, str], count: int) -> None:
    assert get("/api/provisions", **query)["count"] == count


def test_provisions_come_in_the_order_in_which_they_are_due(get: Any) -> None:
    due = [p["due"]["date"] for p in get("/api/provisions")["results"]]
    assert due == sorted(due)


def test_agreements_are_filtered(get: Any) -> None:
    assert get("/api/agreements", actor="Russia")["results"][0]["id"] == TRUCE
    assert get("/api/agreements", status="failed")["count"] == 1
    assert get("/api/agreements", kind="ceasefire")["count"] == 2
    assert get("/api/agreements", kind="renewal")["count"] == 0


def test_an_agreement_shows_where_it_applies(get: Any) -> None:
    places = get(f"/api/agreements/{TRUCE}")["places"]
    assert {place["id"] for place in places} == {"nagorno-karabakh", "aghdam", "lachin", "kelbajar"}
    assert all(get(place["url"])["name"] == place["name"] for place in places)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Nagorno-Karabakh", {TRUCE, US_TRUCE}),
        # It covers the places inside.
        ("Azerbaijan", {TRUCE, US_TRUCE}),
        ("AZ", {TRUCE, US_TRUCE}),
        ("Lachin", {TRUCE}),
        ("Laçın", {TRUCE}),
        ("Lachin,Nagorno-Karabakh", {TRUCE, US_TRUCE}),
        ("Armenia", set()),
    ],
)
def test_agreements_are_found_by_place(get: Any, place: str, expected: set[str]) -> None:
    answer = get("/api/agreements", place=place)
    ids = [agreement["id"] for agreement in answer["results"]]
    assert set(ids) == expected
    assert answer["count"] == len(ids) == len(expected)
    assert answer["resolved"]["place"]


def test_the_place_of_a_provision_is_one_of_its_agreement(get: Any) -> None:
    for agreement in Agreement.objects.all():
        agreement.places.clear()
    ids = [agreement["id"] for agreement in get("/api/agreements", place="Lachin")["results"]]
    assert ids == [TRUCE]
    assert get("/api/agreements", place="Nagorno-Karabakh")["count"] == 0


def test_a_place_that_is_not_known_is_refused(get: Any) -> None:
    (error,) = get("/api/agreements", 400, place="Lachn")["errors"]
    assert (error["parameter"], error["suggestion"]) == ("place", "Lachin")


def test_an_agreement_shows_its_codes_in_other_datasets(get: Any) -> None:
    agreement = Agreement.objects.get(public_id=TRUCE)
    assert get(f"/api/agreements/{TRUCE}")["codes"] == []
    for scheme, code in (("pax", "0042"), ("cow", "7")):
        AgreementCode.objects.create(agreement=agreement, scheme=scheme, code=code)
    assert get(f"/api/agreements/{TRUCE}")["codes"] == [
        {"scheme": "cow", "code": "7"},
        {"scheme": "pax", "code": "0042"},
    ]


def test_a_provision_shows_what_its_dataset_codes_it_as(get: Any) -> None:
    path = "/api/provisions/hand-over-of-lachin"
    assert get(path)["code"] == {"scheme": None, "code": None, "level": None}
    Provision.objects.filter(public_id="hand-over-of-lachin").update(
        scheme="made-up", code="Ter", level=2, status="unknown", as_of=None
    )
    provision = get(path)
    assert provision["code"] == {"scheme": "made-up", "code": "Ter", "level": 2}
    assert (provision["status"], provision["as_of"]) == ("unknown", None)
    clauses = get(f"/api/agreements/{TRUCE}")["provisions"]
    assert [clause["code"]["level"] for clause in clauses].count(2) == 1
    assert [one["id"] for one in get("/api/provisions", status="unknown")["results"]] == [
        "hand-over-of-lachin"
    ]
