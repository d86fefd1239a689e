"""The database session of an import: SQL that we write ourselves, and COPY."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction
from psycopg import ClientCursor

Values = Mapping[str, Any] | Sequence[Any] | None


# What is said where tables or roles are missing, rather than which.
NOT_SET_UP = (
    "The database is not set up yet: start the service once (make run), or manage.py migrate."
)


def is_set_up(error: DatabaseError) -> bool:
    """Return whether what the database refuses has another cause than that nothing is in it yet."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state not in ("42P01", "42704") and "does not exist" not in str(error)


class ImporterCommand(BaseCommand):
    """A command that changes rows and nothing else, and connects as the role that may do no more."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; tell in a sentence where there is nothing to change yet."""
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if is_set_up(error):
                raise
            raise CommandError(NOT_SET_UP) from error

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as the only command of a process, which has not connected yet."""
        connection.settings_dict.update(settings.DATABASE_ROLES["importer"])
        super().run_from_argv(argv)


class Session:
    """Runs statements on the connection of this process, with values bound on our side.

    Statements of an import create tables and name them, which no server-side binding can do.
    """

    def __init__(self) -> None:
        connection.ensure_connection()
        self.cursor: Any = ClientCursor(connection.connection)

    def run(self, sql: str, values: Values = None) -> int:
        """Run a statement; return how many rows it touched."""
        with connection.wrap_database_errors:
            self.cursor.execute(sql, values)
        return int(self.cursor.rowcount)

    def rows(self, sql: str, values: Values = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with connection.wrap_database_errors:
            self.cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = self.cursor.fetchall()
        return found

    def value(self, sql: str, values: Values = None) -> Any:
        """Return the first value of the first row of a query, None when there is no row."""
        rows = self.rows(sql, values)
        return rows[0][0] if rows else None

    def copy(self, target: str, rows: Iterable[Sequence[Any]]) -> None:
        """Copy rows into the table and columns that `target` names."""
        with connection.wrap_database_errors, self.cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def lock_writers(self) -> None:
        """Take the lock of writers to the end of the transaction: what is read now stays so."""
        self.run("SELECT FROM sources_revision FOR UPDATE")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; what is put off to the end is checked then."""
        with transaction.atomic():
            yield
