"""Rows as PostgreSQL sends them in one go, by COPY: it writes the next while we pass on the last.

There is one statement however many rows there are, and nobody waits for anybody between two blocks of them.
Until it has ended, the connection can be asked nothing else.
"""

import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from api.prepared import inlined

# A limit that is none: with one, texts are written of rows that are sorted, without one before.
ALL = 2**63 - 1

# What a row comes in.
Buffer = bytes | memoryview


def copied(rows: QuerySet[Any]) -> Generator[Buffer, None, None]:
    """Yield the text that is the only column of `rows`, row after row, in UTF-8."""
    with _copy(rows, "FORMAT binary") as copy:
        # Texts are sent as the bytes that they are written in, and nothing is gained by reading them.
        copy.set_types(["bytea"])
        for (text,) in copy.rows():
            yield text


def copied_csv(rows: QuerySet[Any], quoted: Sequence[str]) -> Generator[Buffer, None, None]:
    """Yield `rows` as lines of CSV without their ends; columns that are `quoted` are, unless they are null."""
    with _copy(rows, f"FORMAT csv, FORCE_QUOTE ({', '.join(quoted)})") as copy:
        for line in copy:
            yield line[:-1]


@contextmanager
def _copy(rows: QuerySet[Any], options: str) -> Iterator[Any]:
    statement = f"COPY ({inlined(rows[:ALL], connection)}) TO STDOUT ({options})"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        yield copy


@contextmanager
def patience(seconds: float) -> Iterator[Event]:
    """End the connection when the event that this yields is not set again for so many seconds, or for twice as many.

    A client that reads no more holds up whoever writes to it, and that the server, which sees an old
    state of the data for as long. Neither can tell by itself. The connection is then as if it had been lost.
    """
    taken, ended = Event(), Event()
    connection.ensure_connection()
    session: Any = connection.connection
    family = socket.AF_UNIX if session.info.host.startswith("/") else socket.AF_INET
    line = socket.fromfd(session.fileno(), family, socket.SOCK_STREAM)

    def watch() -> None:
        while not ended.wait(seconds):
            if not taken.is_set():
                line.shutdown(socket.SHUT_RDWR)
                return
            taken.clear()

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield taken
    finally:
        ended.set()
        watching.join()
        line.close()
