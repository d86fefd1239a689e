"""What is asked on the short way to the database: the same as by a cursor, whatever becomes of the connection.

These tests commit, in a copy of the database: within a transaction it is asked by a cursor.
"""

from typing import Any

import psycopg
import pytest
from django.db import (
    DataError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.test.utils import CaptureQueriesContext

from api.question import Question
from api.state import read_state, state_query

RAISE = "UPDATE sources_revision SET number = {}, changed_at = changed_at + interval '1 hour'"


@pytest.fixture(autouse=True)
def writer(connect: Any) -> psycopg.Connection[Any]:
    """Return a connection of somebody who writes."""
    session: psycopg.Connection[Any] = connect()
    session.autocommit = True
    return session


def by_cursor(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def prepared() -> int:
    (number,) = by_cursor("SELECT count(*) FROM pg_prepared_statements WHERE name = 'data_state'")
    return int(number)


def question(query: str) -> Question:
    connection.ensure_connection()
    return Question("of_a_test", lambda: query)


def test_the_state_is_told_as_a_cursor_tells_it(writer: Any) -> None:
    for number in (7, 2**31, 2**63 - 1):
        writer.execute(RAISE.format(number))
        told = read_state()
        assert told == by_cursor(state_query())
        assert told[0] == number
    assert prepared() == 1


def test_a_connection_that_was_lost_is_made_again(writer: Any) -> None:
    read_state()
    told = read_state()
    for _ in range(2):
        ended = connection.connection.info.backend_pid
        writer.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
        assert read_state() == read_state() == told
        assert connection.connection.info.backend_pid != ended
        assert prepared() == 1


@pytest.mark.parametrize("how", ["DEALLOCATE ALL", "DISCARD ALL"])
def test_what_was_prepared_may_be_gone(how: str) -> None:
    connection.ensure_connection()
    told = read_state()
    by_cursor(how)
    assert prepared() == 0
    assert read_state() == read_state() == told
    assert prepared() == 1


def test_a_transaction_that_is_rolled_back_takes_it_along() -> None:
    connection.ensure_connection()
    told = read_state()
    for _ in range(10):
        # So often that the driver prepares it; with what is rolled back it lets go of all that is prepared.
        assert read_state() == by_cursor(state_query()) == told
    assert prepared() == 1
    with transaction.atomic():
        by_cursor("SELECT 1")
        transaction.set_rollback(True)
    assert prepared() == 0
    assert read_state() == read_state() == told
    assert prepared() == 1


def test_in_a_transaction_it_is_as_any_statement() -> None:
    connection.ensure_connection()
    told = read_state()
    with transaction.atomic():
        assert read_state() == told
        with pytest.raises(ProgrammingError):
            by_cursor("SELECT nosuch")
        with pytest.raises(InternalError, match="aborted"):
            read_state()
        transaction.set_rollback(True)
    assert read_state() == told


def test_numbers_of_any_size_are_read() -> None:
    assert question("SELECT -1::smallint, -(2::bigint ^ 40)::bigint").ask(connection) == (
        -1,
        -(2**40),
    )


def test_no_row_is_none() -> None:
    assert question("SELECT 1, 2 WHERE false").ask(connection) is None


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT nosuch, 1", ProgrammingError),
        ("SELECT 1 / (random() * 0)::int, 1", DataError),
        ("SELECT 1, 1 FROM pg_sleep(10)", OperationalError),
    ],
    ids=["no column", "no number", "no time"],
)
def test_errors_are_those_of_django(query: str, error: type[Exception]) -> None:
    asked = question(query)
    by_cursor("SELECT set_config('statement_timeout', '50', false)")
    for _ in range(2):
        with pytest.raises(error) as raised:
            asked.ask(connection)
        assert isinstance(raised.value.__cause__, psycopg.Error)
    assert by_cursor("SELECT 1") == (1,)


def test_a_connection_that_was_closed_is_no_other_error() -> None:
    asked = question("SELECT 1, 2")
    asked.ask(connection)
    connection.connection.close()
    with pytest.raises(OperationalError):
        asked.ask(connection)


def test_who_watches_statements_sees_it() -> None:
    seen = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    connection.ensure_connection()
    told = read_state()
    with connection.execute_wrapper(watch):
        assert read_state() == told
    with CaptureQueriesContext(connection) as captured:
        assert read_state() == told
    assert seen == [state_query()]
    assert len(captured) == 1


def test_where_nothing_may_be_prepared_nothing_is() -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = None
    assert read_state() == read_state()
    assert prepared() == 0
