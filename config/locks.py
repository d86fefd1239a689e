"""Locks of commands that have the database to themselves; they end with the session."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Any number that no other program of ours takes.
SETUP_LOCK = 20201120


@contextmanager
def setting_up() -> Iterator[None]:
    """Hold the lock of those who set the database up: of two at once, one does and one waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SETUP_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SETUP_LOCK])
