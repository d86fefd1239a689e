"""The race of imports: what it compares has to be the same. How long it takes is no matter for tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from benchmarks.contestants import (
    bulk_create,
    bulk_create_with_bodies_last,
    import_world,
    serialize_and_save,
    staged,
)
from benchmarks.imports import AGAIN, BULK, LAST, SAVED, STAGED, Measured, fingerprint, table
from events.models import Event, EventBody, EventCode, Participation
from ingest.synthesis import synthesize

pytestmark = pytest.mark.slow

COUNT = 60
ROWS = list(synthesize(COUNT, seed=1))
EVENTS: list[Any] = [row.record for row in ROWS]

CONTESTANTS = [staged, bulk_create, bulk_create_with_bodies_last, serialize_and_save]


@pytest.fixture
def world(db: None) -> None:
    import_world(ROWS)
    # Imports are transactions of their own, except here, where all is one: triggers stayed off.
    connection.cursor().execute("RESET dateline.bulk_load")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("load", CONTESTANTS)
def test_a_contestant_loads_all_that_the_rows_say(load: Callable[[Any], None]) -> None:
    load(ROWS)
    events = Event.objects.filter(dataset__public_id="synthetic")
    assert events.count() == COUNT
    assert EventBody.objects.filter(event__in=events).count() == COUNT
    assert EventCode.objects.filter(event__in=events).count() == COUNT
    assert Participation.objects.filter(event__in=events).count() == sum(
        len(event.participants) for event in EVENTS
    )
    for name in ("low", "best", "high", "civilians"):
        known = [getattr(event.deaths, name) for event in EVENTS]
        assert events.aggregate(total=Sum(f"deaths_{name}"))["total"] == sum(filter(None, known))
        assert events.filter(**{f"deaths_{name}": None}).count() == known.count(None)


@pytest.mark.usefixtures("world")
def test_contestants_leave_the_same_rows() -> None:
    left = []
    for load in CONTESTANTS:
        with transaction.atomic():
            load(ROWS)
            left.append(fingerprint())
            transaction.set_rollback(True)
    assert all(each == left[0] for each in left)
    assert all(left[0])


@pytest.mark.usefixtures("world")
def test_a_difference_shows() -> None:
    staged(ROWS)
    before = fingerprint()
    Participation.objects.filter(event__dataset__public_id="synthetic").first().delete()
    assert fingerprint() != before


def test_the_table_says_what_was_measured() -> None:
    measured = Measured(megabytes={1000: 80.4})
    for seconds in (2.0, 1.0, 9.0):
        measured.add(STAGED, 1000, seconds)
    measured.add(AGAIN, 1000, 0.5)
    measured.add(BULK, 1000, 6.0)
    measured.add(LAST, 1000, 3.0)
    measured.add(SAVED, 100, 10.0)
    text = table(measured)
    assert "| staged import | 1,000 | 2.00 | 500 | 1.00 |" in text
    assert "| staged import : bulk_create | 3.0 | 2.5 | met |" in text
    assert "| staged import : serializer and save | 50.0 | 40 | met |" in text
    assert "| staged import : bulk_create, bodies last | 1.5 | 2.5 | missed |" in text
    assert "| import again : staged import | 4.0 | 3 | met |" in text
    assert "| 1,000 | 80 |" in text
