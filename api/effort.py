"""What answers that take long may take from others: places, time and memory.

Whatever a thread waits for, it does not answer anybody else. So there are few places for what takes long,
and who finds none free is told at once when to come back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from api.problems import Unavailable


class TooLong(Exception):
    """A statement took longer than it may."""


class Room(threading.BoundedSemaphore):
    """Places for answers of one sort that take long; `full` says that all are taken."""

    def __init__(self, places: int, full: str) -> None:
        super().__init__(places)
        self.full = full

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place; raise Unavailable when all are taken."""
        if not self.acquire(blocking=False):
            raise Unavailable(self.full)
        try:
            yield
        finally:
            self.release()


@contextmanager
def bounded(seconds: float, megabytes: int) -> Iterator[None]:
    """Let statements take so long and no longer, and so much memory for a table of theirs.

    Raises TooLong.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', %s, true)",
                    [f"{round(1000 * seconds)}ms", f"{megabytes}MB"],
                )
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise
