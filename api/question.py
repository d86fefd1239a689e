"""A small question that nearly every request puts to the database, on a short way there.

Django's cursor and the driver's own take longer over it than PostgreSQL and the way there and back. So it is sent as
they send what is prepared, and only numbers are read of what comes back. Who watches statements, or is in a
transaction, has it asked by a cursor.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

Pair = tuple[int, int]


class Question:
    """A query for one row of two whole numbers, which each connection prepares under a name."""

    def __init__(self, name: str, query: Callable[[], str]) -> None:
        self.name, self.query = name.encode(), query
        self.prepared: WeakSet[Connection[Any]] = WeakSet()

    def ask(self, connection: BaseDatabaseWrapper) -> Pair | None:
        """Return the row; None if there is none. What goes wrong is one of Django's errors, as with a cursor."""
        if _takes_short_way(connection):
            with connection.wrap_database_errors:
                try:
                    return self._answer(connection.connection)
                except InvalidSqlStatementName:
                    # With a transaction that is rolled back, the driver lets go of all that was prepared.
                    self.prepared.discard(connection.connection)
        with connection.cursor() as cursor:
            cursor.execute(self.query())
            found: Pair | None = cursor.fetchone()
        return found

    def _answer(self, session: Connection[Any]) -> Pair | None:
        if session not in self.prepared:
            session.execute(b"PREPARE %s AS %s" % (self.name, self.query().encode()), prepare=False)
            self.prepared.add(session)
        with session.lock:
            session.pgconn.send_query_prepared(self.name, None, result_format=Format.BINARY)
            result = session.wait(execute(session.pgconn))[0]
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
        return (_number(result, 0), _number(result, 1)) if result.ntuples else None


def _number(result: PGresult, column: int) -> int:
    return int.from_bytes(result.get_value(0, column) or b"", signed=True)


def _takes_short_way(connection: BaseDatabaseWrapper) -> bool:
    """Return whether no statement begins a transaction, is seen by anybody, or must not be prepared."""
    session = connection.connection
    return (
        session is not None
        and connection.autocommit
        and not connection.execute_wrappers
        and not connection.queries_logged
        and session.prepare_threshold is not None
    )
