"""Questions that cost much leave room for those that cost little."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from api import costs, walks
from api.problems import Unavailable
from api.room import Room
from tests.contract.test_openapi import check

pytestmark = pytest.mark.django_db

# What no walk of an index finds: it is gathered, and sorted.
GATHERED = ["bbox=46,39,47,41", "q=troops", "deaths_min=1", "place=Aghdam&sort=title"]


@pytest.fixture
def much(monkeypatch: Any) -> None:
    """Take every question that PostgreSQL is asked about for one that costs much."""
    monkeypatch.setattr(costs, "MUCH", 0)
    monkeypatch.setattr(walks, "WALKED", 1)
    monkeypatch.setattr(walks, "FOR_EACH", 1)


@pytest.fixture
def full(much: None, monkeypatch: Any) -> Iterator[None]:
    monkeypatch.setattr(costs.ROOM, "patience", 0.1)
    with costs.ROOM.place("one"):
        assert not costs.ROOM.left
        yield


@pytest.mark.parametrize("query", GATHERED)
def test_where_there_is_no_room_one_is_told_to_come_back(
    client: Any, full: None, query: str
) -> None:
    response = client.get(f"/api/events?page_size=1&{query}")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    check("/api/events", 503, "application/problem+json", response.json())
    assert "long lists" in response.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/events",
        "/api/events?sort=-date&page_size=1",
        "/api/events?place=Aghdam&page_size=1",
        "/api/events/azerbaijani-forces-enter-aghdam",
        "/api/places?bbox=46,39,47,41",
        "/api/events.csv",
    ],
)
def test_what_costs_little_needs_none(client: Any, full: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.getvalue()


@pytest.mark.parametrize("query", GATHERED)
def test_a_place_is_given_back(client: Any, much: None, query: str) -> None:
    for _ in range(2 * costs.AT_ONCE):
        assert client.get(f"/api/events?page_size=1&{query}").status_code == 200
    assert costs.ROOM.left == costs.AT_ONCE


@pytest.mark.parametrize("query", GATHERED)
def test_what_is_expected_to_cost_little_needs_no_room(
    client: Any, full: None, query: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(costs, "MUCH", 25_000)
    assert client.get(f"/api/events?page_size=1&{query}").status_code == 200


def test_a_place_that_comes_free_is_waited_for_by_so_many_and_no_more() -> None:
    room = Room("answers", at_once=1, for_one=1, waiting=1, patience=10)
    leave, order = Event(), []

    def hold(name: str) -> None:
        with room.place(name):
            order.append(name)
            leave.wait(10)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(hold, "first")
        while room.left:
            time.sleep(0.01)
        second = threads.submit(hold, "second")
        while room.may_wait:
            time.sleep(0.01)
        with pytest.raises(Unavailable), room.place("third"):
            pass
        leave.set()
        first.result()
        second.result()
    assert order == ["first", "second"]
    assert (room.left, room.may_wait) == (1, 1)


def test_nobody_waits_for_ever() -> None:
    room = Room("answers", at_once=1, for_one=1, waiting=1, patience=0.05)
    with room.place("first"), pytest.raises(Unavailable), room.place("second"):
        pass
    assert room.may_wait == 1
