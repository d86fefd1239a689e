"""What a statement may take from others: time and memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TooLong(Exception):
    """A statement took longer than it may."""


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
