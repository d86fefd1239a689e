"""Answers that are given again: the same as those made anew, to whom they are for, and while they are true.

These tests commit, in a copy of the database: within a transaction nothing is kept.
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection, connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from api import caching, files, state
from api.replay import Replay, in_one_piece

EVENT = "/api/events/azerbaijani-forces-enter-aghdam"
PATHS = ["/api/events?place=Agdam", EVENT, f"{EVENT}?fields=id", "/api/events/summary?by=type"]
LATER = (
    "UPDATE events_event SET title = title || ' at noon' "
    "WHERE public_id = 'azerbaijani-forces-enter-aghdam'"
)


@pytest.fixture
def writer(connect: Any) -> psycopg.Connection[Any]:
    """Return a connection of somebody who writes."""
    session: psycopg.Connection[Any] = connect()
    session.autocommit = True
    return session


@dataclass
class Answered:
    """An answer as a server is given it, and how many queries it took."""

    status: int
    headers: dict[str, str]
    content: bytes
    queries: int

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def told(self) -> tuple[Any, ...]:
        return self.status, self.headers, self.content


@pytest.fixture
def ask() -> Any:
    """Return a function that asks the application as a server does."""
    application = Replay(in_one_piece(WSGIHandler()))

    def ask(path: str, method: str = "GET", environment: Any = (), **headers: str) -> Answered:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        environ = RequestFactory(headers=named).generic(method, path).environ
        if "content-length" not in named:
            environ.pop("CONTENT_LENGTH", None)
        environ.update(environment)
        begun: list[Any] = []
        with CaptureQueriesContext(connection) as captured:
            pieces = application(environ, lambda status, fields: begun.extend((status, fields)))
            content = b"".join(pieces)
            if hasattr(pieces, "close"):
                pieces.close()
        return Answered(int(begun[0][:3]), dict(begun[1]), content, len(captured))

    return ask


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_answer_that_is_given_again_is_the_same(
    ask: Any, writer: Any, path: str, method: str, encoding: str
) -> None:
    anew = ask(path, method, accept_encoding=encoding)
    again = ask(path, method, accept_encoding=encoding)
    assert (anew.status, again.queries) == (200, 1)
    assert again.told == anew.told


@pytest.mark.parametrize(
    "other",
    [
        {"accept": "text/csv"},
        {"accept": "application/geo+json"},
        {"accept": "image/png"},
        {"accept-encoding": "gzip"},
        {"origin": "https://example.org"},
        {"host": "localhost"},
        {"x-forwarded-proto": "https"},
        {"content-length": "5"},
        {"transfer-encoding": "chunked"},
    ],
    ids=lambda other: "=".join(*other.items()),
)
def test_another_question_has_an_answer_of_its_own(
    ask: Any, writer: Any, other: dict[str, str], settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    path = "/api/events?page_size=1"
    expected = ask(path, **other)
    state._memory.answers.clear()
    plain, answer = ask(path), ask(path, **other)
    assert (answer.status, answer.content) == (expected.status, expected.content)
    assert answer.told != plain.told


@pytest.mark.parametrize(
    "other",
    [
        {"PATH_INFO": "/api/actors"},
        {"QUERY_STRING": "page_size=2"},
        {"SCRIPT_NAME": "/below"},
        {"SERVER_NAME": "localhost"},
        {"SERVER_PORT": "8080"},
        {"wsgi.url_scheme": "https"},
    ],
    ids=lambda other: "=".join(*other.items()),
)
def test_another_address_has_answers_of_its_own(
    ask: Any, writer: Any, other: dict[str, str]
) -> None:
    path = "/api/events?page_size=1"
    expected = ask(path, environment=other)
    state._memory.answers.clear()
    plain = ask(path)
    assert ask(path, environment=other).told == expected.told != plain.told


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_answer_is_told_so_again(ask: Any, writer: Any, path: str) -> None:
    tag = ask(path).headers["ETag"]
    state._memory.answers.clear()
    first, again = ask(path, if_none_match=tag), ask(path, if_none_match=tag)
    assert again.queries == 1
    first.headers.pop("Content-Length", None)
    assert again.told == first.told
    assert (again.status, again.content) == (304, b"")
    # What was kept for those who have it is nothing to those who have not.
    whole = ask(path, if_none_match='W/"another"')
    assert whole.status == 200
    assert whole.content
    assert ask(path, if_none_match=tag).status == 304


def test_nobody_is_given_what_is_no_longer_true(ask: Any, writer: Any) -> None:
    before = ask(EVENT)
    assert ask(EVENT).queries == 1
    writer.execute(LATER)
    changed = ask(EVENT, if_none_match=before.headers["ETag"])
    assert changed.status == 200
    assert changed.json["title"] == before.json["title"] + " at noon"
    assert ask(EVENT).json == changed.json


@pytest.mark.parametrize("path", ["/api/events?place=Nowhere", "/api/events/none", "/api/nothing"])
def test_errors_are_not_kept(ask: Any, writer: Any, path: str) -> None:
    first = ask(path)
    assert first.status >= 400
    assert not state._memory.answers
    assert ask(path).told == first.told


def test_files_are_not_kept(ask: Any, writer: Any) -> None:
    first, again = ask("/api/events.csv"), ask("/api/events.csv")
    assert first.status == again.status == 200
    assert first.content == again.content
    assert not state._memory.answers


@pytest.mark.parametrize("path", ["/api/events/summary.csv?by=type", f"{EVENT}.csv"])
def test_a_file_is_called_by_the_day_it_is_asked_for(
    ask: Any, writer: Any, path: str, monkeypatch: Any
) -> None:
    assert ask(path).status == 200
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    monkeypatch.setattr(files, "datetime", Mock(now=lambda _: tomorrow))
    assert f"{tomorrow:%Y-%m-%d}" in ask(path).headers["Content-Disposition"]


def test_an_answer_has_its_date_as_soon_as_there_is_one(
    ask: Any, writer: Any, monkeypatch: Any
) -> None:
    writer.execute("UPDATE sources_revision SET changed_at = now() + interval '1 hour'")
    assert "Last-Modified" not in ask(EVENT).headers
    later = time.time() + 2 * 3600
    monkeypatch.setattr(caching, "time", Mock(time=lambda: later))
    dated = ask(EVENT)
    assert ask(EVENT, if_modified_since=dated.headers["Last-Modified"]).status == 304


def test_long_questions_take_their_room(ask: Any, writer: Any) -> None:
    ask(EVENT)
    before = state._memory.size
    ask(EVENT, origin="https://example.org/" + 4_000 * "a")
    assert state._memory.size > 2 * before


def test_without_a_database_what_is_kept_is_not_given(
    ask: Any, writer: Any, monkeypatch: Any
) -> None:
    assert ask(EVENT).status == 200

    def gone(*_: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(type(connections["default"]), "cursor", gone)
    assert ask(EVENT).status == 503


@pytest.mark.parametrize("off", [{"ANSWERS_KEPT": 0}, {"RATE_LIMIT": "1000/second"}], ids=list)
def test_nothing_is_kept_where_it_is_not_wanted(
    ask: Any, writer: Any, settings: Any, off: dict[str, Any]
) -> None:
    for name, value in off.items():
        setattr(settings, name, value)
    first = ask(EVENT)
    for _ in range(2):
        answer = ask(EVENT)
        assert (answer.told, answer.queries) == (first.told, 1)
    assert not state._memory.answers


def test_what_is_not_of_the_api_is_nobodys_to_keep(ask: Any, writer: Any) -> None:
    for path in ("/livez", "/api/docs", "/admin/login/"):
        assert ask(path).status == 200
    assert not state._memory.answers
