"""One state of the data for all queries of an answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries of an answer see one state of the data, whoever writes meanwhile."""
    if connection.in_atomic_block:
        yield  # within a test
        return
    with transaction.atomic():
        # Held before the snapshot is taken, which is with the first query: whoever replaces tables has either
        # done so, or waits for us. In those that came after a snapshot it would see no row.
        hold = import_string(settings.DATA_HOLD)
        with connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; {hold}")
        yield
