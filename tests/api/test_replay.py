"""Answers that are given again: the same as those made anew, to whom they are for, and while they are true.

These tests commit, and put back what they changed: within a transaction nothing is kept.
"""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import state

EVENT = "/api/events/azerbaijani-forces-enter-aghdam"
PATHS = ["/api/events?place=Agdam", EVENT, f"{EVENT}?fields=id", "/api/events/summary?by=type"]
TITLE = "UPDATE events_event SET title = {} WHERE public_id = 'azerbaijani-forces-enter-aghdam'"
MORE, LESS = TITLE.format("title || ' at noon'"), TITLE.format("replace(title, ' at noon', '')")


@pytest.fixture
def writer(connect: Any) -> psycopg.Connection[Any]:
    """Return a connection of somebody who writes."""
    session: psycopg.Connection[Any] = connect()
    session.autocommit = True
    state._memory.answers.clear()
    return session


def ask(path: str, method: str = "get", **headers: str) -> tuple[Any, int]:
    """Return an answer and how many queries it took."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with CaptureQueriesContext(connection) as captured:
        response = getattr(Client(), method)(path, headers=named)
    return response, len(captured)


def told(response: Any) -> tuple[Any, ...]:
    return response.status_code, response.content, dict(response.items())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_answer_that_is_given_again_is_the_same(
    writer: Any, path: str, method: str, encoding: str
) -> None:
    anew, _ = ask(path, method, accept_encoding=encoding)
    again, queries = ask(path, method, accept_encoding=encoding)
    assert queries == 1
    assert told(again) == told(anew)
    assert anew.status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        {"accept": "text/csv"},
        {"accept": "application/geo+json"},
        {"accept": "image/png"},
        {"accept_encoding": "gzip"},
        {"origin": "https://example.org"},
        {"host": "localhost"},
        {"x_forwarded_proto": "https"},
        {"content_length": "5"},
        {"transfer_encoding": "chunked"},
    ],
    ids=lambda other: next(iter(other)) + "=" + next(iter(other.values())),
)
def test_another_question_has_an_answer_of_its_own(
    writer: Any, other: dict[str, str], settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    path = "/api/events?page_size=1"
    expected, _ = ask(path, **other)
    body = expected.streaming_content if expected.streaming else None
    expected_content = b"".join(body) if body else expected.content
    state._memory.answers.clear()
    plain, _ = ask(path)
    response, queries = ask(path, **other)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert (response.status_code, content) == (expected.status_code, expected_content)
    assert (content, dict(response.items())) != (plain.content, dict(plain.items()))
    assert queries != 1 or response.status_code >= 400


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_answer_is_told_so_again(writer: Any, path: str) -> None:
    for kept in (False, True):
        if not kept:
            tag = ask(path)[0]["ETag"]
            state._memory.answers.clear()
        first, _ = ask(path, if_none_match=tag)
        again, queries = ask(path, if_none_match=tag)
        assert queries == 1
        del first["Content-Length"]
        assert told(again) == told(first)
        assert (again.status_code, again.content) == (304, b"")
        # What was kept for those who have it is nothing to those who have not.
        whole, _ = ask(path, if_none_match='W/"another"')
        assert whole.status_code == 200
        assert whole.content
        assert ask(path, if_none_match=tag)[0].status_code == 304


def test_nobody_is_given_what_is_no_longer_true(writer: Any) -> None:
    before, _ = ask(EVENT)
    assert ask(EVENT)[1] == 1
    writer.execute(MORE)
    try:
        changed, _ = ask(EVENT, if_none_match=before["ETag"])
        assert changed.status_code == 200
        assert changed.json()["title"] == before.json()["title"] + " at noon"
        assert ask(EVENT)[0].json() == changed.json()
    finally:
        writer.execute(LESS)
    assert ask(EVENT)[0].json()["title"] == before.json()["title"]


@pytest.mark.parametrize("path", ["/api/events?place=Nowhere", "/api/events/none", "/api/nothing"])
def test_errors_are_not_kept(writer: Any, path: str) -> None:
    first, _ = ask(path)
    assert not state._memory.answers
    assert told(ask(path)[0])[:2] == told(first)[:2]


def test_without_a_database_what_is_kept_is_not_given(writer: Any, monkeypatch: Any) -> None:
    assert ask(EVENT)[0].status_code == 200

    def gone() -> Any:
        raise OperationalError("gone")

    for module in ("api.replay", "api.caching"):
        monkeypatch.setattr(f"{module}.read_state", gone)
    assert ask(EVENT)[0].status_code == 503


@pytest.mark.parametrize("off", [{"ANSWERS_KEPT": 0}, {"RATE_LIMIT": "1000/second"}], ids=list)
def test_nothing_is_kept_where_it_is_not_wanted(writer: Any, settings: Any, off: Any) -> None:
    for name, value in off.items():
        setattr(settings, name, value)
    for _ in range(2):
        response, queries = ask(EVENT)
        assert response.status_code == 200
        assert queries == 2
    assert not state._memory.answers
