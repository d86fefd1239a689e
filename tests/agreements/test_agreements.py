"""Agreements and provisions: what was owed, and what came of it."""

from typing import Any

import pytest

ENTRY = "azerbaijani-forces-enter-aghdam"
TRUCE = "azerbaijan-armenia-cease-fire-2020"


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
