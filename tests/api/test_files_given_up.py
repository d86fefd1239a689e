"""Files that nobody reads on, or that do not come: they end, and leave nothing behind.

These tests leave transactions, in a copy of the database: within one of a test none can end.
"""

import time
from typing import Any

import pytest
from django.db import connection
from django.db.models import Func, TextField, Value

from api import files
from api.files import AT_ONCE
from events.views import EventViewSet
from tests.api.test_files import CHOSEN, begin, leave


@pytest.mark.parametrize("path", ["/api/events.csv", CHOSEN])
def test_a_client_that_leaves_leaves_nothing_behind(
    client: Any, connect: Any, path: str, monkeypatch: Any
) -> None:
    # So that there is more to come.
    monkeypatch.setattr(files, "BLOCK", 3)
    for _ in range(3 * AT_ONCE):
        leave(begin(client, path))
    assert files.ROOM.left == AT_ONCE
    assert not files.ROOM.held
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '_django%'")
        assert cursor.fetchone() == (0,)
    assert not connection.in_atomic_block


def test_a_file_of_which_nothing_comes_is_given_up(
    client: Any, connect: Any, monkeypatch: Any
) -> None:
    waits = Func(Value(3), function="pg_sleep", output_field=TextField())
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    monkeypatch.setattr(EventViewSet, "body", waits)
    began = time.monotonic()
    response = client.get("/api/events.ndjson")
    assert response.status_code == 503
    assert time.monotonic() - began < 2
    monkeypatch.undo()
    response = client.get("/api/events.ndjson")
    assert (response.status_code, len(response.getvalue().splitlines())) == (200, 29)
    response.close()
