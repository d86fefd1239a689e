"""Foreign keys of new events are checked all at once where the server lets us, and hold all the same."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from ingest import references
from ingest.references import checked_at_once
from ingest.session import Session

pytestmark = pytest.mark.slow

EVERY = [("events_eventcode", "true"), ("events_participation", "true")]
# Each is written where no row of its kind refers to what there is.
BROKEN = {
    "events_eventcode": "INSERT INTO events_eventcode (event_id, scheme, code) VALUES (-1, 'a', 'b')",
    "events_participation": "INSERT INTO events_participation (event_id, actor_id, role, position) "
    "SELECT id, -1, 'target', 9 FROM events_event LIMIT 1",
}


def test_the_embedded_server_lets_us(world: Any) -> None:
    assert world.sql(references.MAY) == [(True,)]


@pytest.mark.parametrize("table", BROKEN)
def test_what_refers_to_nothing_is_found(world: Any, table: str) -> None:
    message = rf"1 rows of {table} refer to nothing: foreign key {table}_"
    with pytest.raises(IntegrityError, match=message):
        write_broken(table)


def write_broken(table: str) -> None:
    with transaction.atomic():
        session = Session()
        with checked_at_once(session, EVERY):
            session.run(BROKEN[table])


def test_triggers_are_back_afterwards(world: Any) -> None:
    with pytest.raises(IntegrityError, match="violates foreign key constraint"):
        write_broken_afterwards()


def write_broken_afterwards() -> None:
    with transaction.atomic():
        session = Session()
        with checked_at_once(session, EVERY):
            pass
        session.run(BROKEN["events_participation"])


def test_a_server_that_does_not_let_us_loads_the_same(
    world: Any, ged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [f"2031-03-0{number}" for number in range(1, 4)]
    rows = [{"id": day[-1], "date_start": day, "date_end": day} for day in days]
    world.load("ucdp-ged", ged(rows))
    at_once = world.served()
    words = world.sql("SELECT public_id, search FROM events_event ORDER BY public_id")
    call_command("datasets", "remove", "ucdp-ged", verbosity=0)
    monkeypatch.setattr(references, "MAY", "SELECT false")
    world.load("ucdp-ged", ged(rows))
    assert world.served()["events"].keys() == at_once["events"].keys()
    assert world.served()["events"] == at_once["events"]
    assert world.sql("SELECT public_id, search FROM events_event ORDER BY public_id") == words
