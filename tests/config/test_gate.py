"""How many requests at a time use the database, and what becomes of the others."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from api.problems import BUSY
from config.gate import PLACES, SPARE, WAIT, Gate

API = {"PATH_INFO": "/api/events"}


class Database:
    """What requests wait for, and how they are answered."""

    def __init__(self) -> None:
        self.answers = Event()

    def __call__(self, request: dict[str, Any], _: Any) -> list[bytes]:
        if BUSY in request:
            return [b"come back"]
        if request["PATH_INFO"] != "/livez":
            self.answers.wait(10)
        return [b"answer"]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def ask(database: Database) -> Any:
    """Return a function that asks for a path, and returns the answer and how long it took."""
    gate = Gate(database)
    with ThreadPoolExecutor(PLACES + SPARE) as threads:

        def answer(path: str) -> tuple[bytes, float]:
            began = time.monotonic()
            (text,) = gate({"PATH_INFO": path}, None)
            return text, time.monotonic() - began

        yield lambda path="/api/events": threads.submit(answer, path)
        database.answers.set()


def test_a_burst_after_a_pause_is_answered(database: Database, ask: Any) -> None:
    time.sleep(WAIT + 0.1)
    asked = [ask() for _ in range(PLACES + SPARE)]
    time.sleep(WAIT / 2)
    database.answers.set()
    assert {each.result()[0] for each in asked} == {b"answer"}


def test_where_nothing_moves_others_are_told_to_come_back(database: Database, ask: Any) -> None:
    stuck = [ask() for _ in range(PLACES)]
    first, _ = (ask().result() for _ in range(2))
    assert first[0] == b"come back"
    assert first[1] == pytest.approx(WAIT, abs=0.3)
    # Who comes now need not wait to be told, and who asks whether the process lives is told so.
    for path, text in (
        ("/api/events", b"come back"),
        ("/livez", b"answer"),
        ("/admin/", b"come back"),
        ("/", b"come back"),
        ("/events/x", b"come back"),
        ("/agreements", b"come back"),
    ):
        told, seconds = ask(path).result()
        assert (told, seconds < 0.2) == (text, True)
    database.answers.set()
    assert {each.result()[0] for each in stuck} == {b"answer"}
    assert ask().result()[0] == b"answer"


@pytest.mark.parametrize("closes", [True, False])
def test_an_answer_in_pieces_holds_its_place_until_it_is_closed(closes: bool) -> None:
    gate = Gate(lambda *_: iter([b"a", b"b"]))
    flowing = [gate(dict(API), None) for _ in range(PLACES)]
    assert not gate._enter()
    last = flowing.pop()
    assert list(last) == [b"a", b"b"]
    if closes:
        last.close()
        last.close()
    del last
    assert gate._enter()
    assert not gate._enter()


def test_an_error_leaves_its_place() -> None:
    def fails(*_: Any) -> Any:
        raise ValueError("mistake")

    gate = Gate(fails)
    for _ in range(PLACES + 1):
        with pytest.raises(ValueError, match="mistake"):
            gate(dict(API), None)


def test_who_has_to_come_back_is_told_as_anyone(client: Any) -> None:
    response = client.get(
        "/api/events", **{BUSY: "all are taken"}, headers={"origin": "https://x.example"}
    )
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"
    page = client.get("/admin/", **{BUSY: "all are taken"})
    assert (page.status_code, page["Content-Type"]) == (503, "text/plain; charset=utf-8")
