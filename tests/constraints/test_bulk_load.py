"""A bulk load may bring along what follows from other rows, and what it leaves out is derived all the same."""

import datetime
from typing import Any

import pytest

from api.stored import BEGIN_BULK_LOAD
from events.models import Event
from tests.constraints.rows import event, event_type, place
from tests.constraints.test_derived import ENTRY, WAR, counted, levels, run, sort_dates

pytestmark = pytest.mark.django_db

NEW_EVENT = f"""INSERT INTO events_event (public_id, key, title, status, certainty, place_id,
    place_precision, dataset_id, release_id, type_id, updated_at, revision, {{columns}})
    SELECT 'new', 'new', 'New', status, certainty, {place("aghdam")}, 'exact', dataset_id, release_id,
    {event_type("RETREAT/withdraw")}, updated_at, 1, {{values}}
    FROM events_event WHERE public_id = '{ENTRY}'"""
# What follows from that place and type, and what does not.
RIGHT = {
    "root_type_id": event_type("RETREAT"),
    "place_level_1": place("azerbaijan"),
    "place_level_2": place("aghdam"),
    "search": "events_event_words('New', NULL)",
}
WRONG = {
    "root_type_id": event_type("AID"),
    "place_level_1": place("armenia"),
    "place_level_2": place("lachin"),
    "search": "events_event_words('Other', NULL)",
}
NEW_PARTICIPATION = f"""INSERT INTO events_participation (event_id, actor_id, role, position, sort_date)
    VALUES ({event(WAR)}, (SELECT id FROM actors_actor WHERE public_id = 'ap'), 'guarantor', 99, {{}})
    RETURNING sort_date"""
# What looks like a bulk load, and is none of this transaction.
NO_BULK_LOAD = [
    "SELECT 1",
    "SET LOCAL dateline.bulk_load = 'on'",
    "SET LOCAL dateline.bulk_load = ''",
    "SELECT set_config('dateline.bulk_load', (pg_current_xact_id()::text::bigint - 1)::text, true)",
]


def inserted(given: dict[str, str]) -> tuple[Any, ...]:
    """Insert an event with derived columns as given; return what they are then."""
    run(NEW_EVENT.format(columns=", ".join(given), values=", ".join(given.values())))
    return run(f"SELECT {', '.join(RIGHT)} FROM events_event WHERE public_id = 'new'")[0]


def meant(columns: dict[str, str]) -> tuple[Any, ...]:
    return run(f"SELECT {', '.join(columns.values())}")[0]


def test_a_bulk_load_keeps_what_is_brought_along() -> None:
    run(BEGIN_BULK_LOAD)
    assert inserted(WRONG) == meant(WRONG), "looked up, though it was brought along"
    assert run(NEW_PARTICIPATION.format("'1900-01-01'")) == [(datetime.date(1900, 1, 1),)]


@pytest.mark.parametrize(
    "left_out",
    [set(RIGHT), {"root_type_id"}, {"place_level_1", "place_level_2"}, {"search"}],
    ids=["all", "type", "place", "words"],
)
def test_a_bulk_load_derives_what_is_left_out(left_out: set[str]) -> None:
    run(BEGIN_BULK_LOAD)
    given = {column: "NULL" if column in left_out else RIGHT[column] for column in RIGHT}
    assert inserted(given) == meant(RIGHT)
    (first_day,) = run(f"SELECT sort_date FROM events_event WHERE public_id = '{WAR}'")[0]
    assert run(NEW_PARTICIPATION.format("NULL")) == [(first_day,)]


def test_a_bulk_load_by_models_brings_nothing_along() -> None:
    war = Event.objects.get(public_id=WAR)
    run(BEGIN_BULK_LOAD)
    Event.objects.create(
        public_id="new",
        key="new",
        title="New",
        status=war.status,
        certainty=war.certainty,
        type=war.type,
        place=war.place,
        place_precision=war.place_precision,
        dataset=war.dataset,
        release=war.release,
    )
    query = f"SELECT {', '.join(RIGHT)} FROM events_event WHERE public_id ="
    (*derived, words), (*same, _) = run(f"{query} 'new'")[0], run(f"{query} '{WAR}'")[0]
    assert derived == same
    assert words == meant({"words": RIGHT["search"]})[0]


@pytest.mark.parametrize("setting", NO_BULK_LOAD)
def test_outside_a_bulk_load_what_is_given_is_written_over(setting: str) -> None:
    run(setting)
    assert inserted(WRONG) == meant(RIGHT)
    (first_day,) = run(f"SELECT sort_date FROM events_event WHERE public_id = '{WAR}'")[0]
    assert run(NEW_PARTICIPATION.format("'1900-01-01'")) == [(first_day,)]


def test_what_a_bulk_load_changes_is_derived() -> None:
    run(BEGIN_BULK_LOAD)
    run(
        f"UPDATE events_event SET place_id = {place('aghdam')}, place_level_1 = 999, "
        f"root_type_id = 999, type_id = {event_type('AID')}, title = 'New', summary = NULL, "
        f"search = events_event_words('Other', NULL) WHERE public_id = '{WAR}'"
    )
    assert run(f"SELECT search FROM events_event WHERE public_id = '{WAR}'") == run(
        f"SELECT {RIGHT['search']}"
    )
    assert levels(WAR) == ["azerbaijan", "aghdam"]
    assert run(f"SELECT root_type_id FROM events_event WHERE public_id = '{WAR}'") == run(
        f"SELECT {event_type('AID')}"
    )
    before = sort_dates(WAR)
    run("UPDATE events_participation SET sort_date = '1900-01-01'")
    assert sort_dates(WAR) == before


def test_a_bulk_load_counts_changes_too() -> None:
    revision, _ = counted()
    run(BEGIN_BULK_LOAD)
    run(
        f"UPDATE events_event SET title = 'A', digest = gen_random_uuid() WHERE public_id = '{WAR}'"
    )
    assert counted()[0] == revision + 1
    run(f"UPDATE events_event SET digest = gen_random_uuid() WHERE public_id = '{WAR}'")
    assert counted()[0] == revision + 1
