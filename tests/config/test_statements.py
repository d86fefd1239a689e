"""Statements that took long, in the log."""

import json
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from config.logs import JsonLines, TextLines
from config.statements import Statements, shape


@pytest.fixture
def watched(db: None) -> Any:
    """Return a function that has the statements of the connection watched."""
    before = list(connection.execute_wrappers)
    yield lambda *asked: Statements(*asked).watch(connection)
    connection.execute_wrappers[:] = before


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_slow_statement_is_told_without_its_values(watched: Any, logged: Any) -> None:
    lines = logged(JsonLines())
    watched(0.05, None)
    run("SELECT 1")
    run("SELECT pg_sleep(%s), 'a secret', 42", 0.06)
    (line,) = lines()
    told = json.loads(line)
    assert told["logger"] == "dateline.statements"
    assert told["statement"] == "SELECT pg_sleep(%s), ?, ?"
    assert 60 <= told["duration_ms"] < 5000


def test_one_that_failed_is_told_too(watched: Any, logged: Any) -> None:
    lines = logged(TextLines())
    failures: list[BaseException] = []
    watched(0, failures.append)
    with pytest.raises(ProgrammingError):
        run("SELECT nosuch\n FROM events_event")
    assert len(failures) == 1
    assert lines()[0].endswith(" ms: SELECT nosuch FROM events_event")


def test_a_request_is_told_by_its_statements(watched: Any, ask: Any, logged: Any) -> None:
    lines = logged(JsonLines())
    watched(0, None)
    ask("/api/events?place=Aghdam", HTTP_X_REQUEST_ID="mine")
    told = [json.loads(line) for line in lines()]
    assert len(told) > 1
    assert {entry["request_id"] for entry in told} == {"mine"}
    assert not any("ghdam" in entry.get("statement", "") for entry in told)


def test_unless_it_is_asked_for_nothing_is_watched(watched: Any) -> None:
    before = list(connection.execute_wrappers)
    watched(None, None)
    assert connection.execute_wrappers == before


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "SELECT \"t1\".\"f2\" FROM t1 WHERE x = 'a''b' LIMIT 10",
            'SELECT "t1"."f2" FROM t1 WHERE x = ? LIMIT ?',
        ),
        ("SELECT 1.5, -2, t.c3, $1, $$it's$$, $a$ x $a$", "SELECT ?, -?, t.c3, $1, ?, ?"),
        ("SELECT\n\t''", "SELECT ?"),
        ("SELECT E'a\\'b secret'", "SELECT ?"),
    ],
)
def test_what_a_statement_has_of_its_own_is_left(statement: str, expected: str) -> None:
    assert shape(statement) == expected
