"""The race of imports: what it compares has to be the same. What it measures is no matter for tests."""

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.contestants import bulk_create, import_world, serialize_and_save, staged
from benchmarks.imports import AGAIN, BULK, SAVED, STAGED, Measured, fingerprint, table
from events.models import Event, EventBody, EventCode, Participation
from ingest.synthesis import synthesize

ROWS = list(synthesize(60, seed=1))


@pytest.fixture
def left(db: None) -> Callable[..., Any]:
    """Return a function that loads rows in one way, and returns what is there then."""
    Event.objects.filter(part_of__isnull=False).update(part_of=None)

    def left(load: Callable[[Any], None]) -> tuple[Any, ...]:
        load(ROWS)
        return fingerprint()

    return left
