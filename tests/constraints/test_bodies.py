"""Stored bodies are what the serializer writes, whatever plain SQL changes.

`CHANGES` has for every table that bodies are made of the ways in which its rows can change what
events look like; after each statement all bodies are compared.
"""

from typing import Any

import orjson
import pytest
from django.db import connection

from api.checking import fetched
from api.stored import BEGIN_BULK_LOAD
from events.bodies import EVENT_BODIES
from events.models import Event, EventBody
from events.serializers import EventSerializer
from tests.constraints.rows import actor, document, event, event_type, place, provision

pytestmark = pytest.mark.django_db

WAR = event("first-war-over-nagorno-karabakh")
AUTUMN = event("fighting-of-autumn-2020")
ENTRY = event("azerbaijani-forces-enter-aghdam")
PROTESTS = event("protests-in-armenia")
HOSTILE = r"""E'"\\"\u0001\t\u2028\U0001F54A </script> Ağdam عربي'"""

NEW_EVENT = f"""INSERT INTO events_event (public_id, key, title, summary, status, certainty, start_date,
    date_precision, edtf, place_precision, dataset_id, release_id, type_id, place_id, updated_at,
    revision) SELECT 'new', 'new', {HOSTILE}, NULL, status, certainty, start_date, date_precision,
    edtf, place_precision, dataset_id, release_id, type_id, place_id, updated_at, 1
    FROM events_event WHERE id = {ENTRY}"""

CHANGES = {
    "events_event": [
        NEW_EVENT,
        f"UPDATE events_event SET title = {HOSTILE}, summary = {HOSTILE}",
        f"UPDATE events_event SET deaths_low = 0, deaths_note = NULL WHERE id = {WAR}",
        f"UPDATE events_event SET deaths_civilians = 0, deaths_unknown = 7 WHERE id = {WAR}",
        f"UPDATE events_event SET place_name_in_source = {HOSTILE} WHERE id = {WAR}",
        f"UPDATE events_event SET latitude = -1e-7, longitude = 0.1 + 0.2 WHERE id = {WAR}",
        f"UPDATE events_event SET start_date = '0001-01-01' WHERE id = {WAR}",
        f"UPDATE events_event SET end_date = '9999-12-31' WHERE id = {WAR}",
        f"UPDATE events_event SET type_id = {event_type('AID')} WHERE id = {WAR}",
        f"UPDATE events_event SET place_id = {place('baku')} WHERE id = {WAR}",
        f"UPDATE events_event SET place_id = NULL, place_precision = NULL WHERE id = {WAR}",
        f"UPDATE events_event SET part_of_id = NULL WHERE part_of_id = {AUTUMN}",
        f"UPDATE events_event SET part_of_id = {WAR} WHERE id = {ENTRY}",
        f"UPDATE events_event SET agreement_id = NULL WHERE id = {ENTRY}",
        "UPDATE events_event SET agreement_id = (SELECT min(id) FROM agreements_agreement)",
        # Counts up by itself.
        f"UPDATE events_event SET certainty = 'alleged' WHERE id = {WAR}",
        f"UPDATE events_event SET public_id = 'renamed' WHERE id = {AUTUMN}",
    ],
    "events_eventtype": [
        f"UPDATE events_eventtype SET label = {HOSTILE}",
        "UPDATE events_eventtype SET code = 'RECOIL' WHERE code = 'RETREAT'",
        f"""UPDATE events_eventtype SET parent_id = {event_type("CONCEDE")}
            WHERE code = 'RETREAT/withdraw'""",
        "UPDATE events_eventtype SET parent_id = NULL WHERE code = 'RETREAT/withdraw'",
    ],
    "events_eventcode": [
        f"INSERT INTO events_eventcode (event_id, scheme, code) VALUES ({PROTESTS}, 'a', '007')",
        f"UPDATE events_eventcode SET event_id = {ENTRY} WHERE scheme = 'a'",
        f"UPDATE events_eventcode SET code = code || {HOSTILE} WHERE event_id = {ENTRY}",
        "DELETE FROM events_eventcode",
    ],
    "places_place": [
        f"UPDATE places_place SET name = {HOSTILE} WHERE public_id = 'aghdam'",
        f"UPDATE places_place SET name = {HOSTILE} WHERE public_id = 'azerbaijan'",
        "UPDATE places_place SET iso2 = NULL, public_id = 'aze' WHERE public_id = 'azerbaijan'",
        "UPDATE places_place SET latitude = 40, longitude = -1e-7 WHERE public_id = 'aghdam'",
        "UPDATE places_place SET latitude = 0.1 + 0.2 WHERE public_id = 'aghdam'",
        "UPDATE places_place SET latitude = NULL, longitude = NULL",
        f"UPDATE places_place SET parent_id = {place('armenia')} WHERE public_id = 'aghdam'",
        "UPDATE places_place SET kind = 'territory' WHERE public_id = 'armenia'",
    ],
    "events_participation": [
        f"""INSERT INTO events_participation (event_id, actor_id, role, position)
            VALUES ({PROTESTS}, {actor("ap")}, 'guarantor', 0)""",
        f"UPDATE events_participation SET event_id = {ENTRY} WHERE role = 'guarantor'",
        f"UPDATE events_participation SET actor_id = {actor('russia')} WHERE role = 'guarantor'",
        f"UPDATE events_participation SET position = 9, name_in_source = {HOSTILE}",
        f"UPDATE events_participation SET deaths = 0 WHERE event_id = {PROTESTS}",
        "UPDATE events_participation SET position = 30000 - id",
        f"DELETE FROM events_participation WHERE event_id = {PROTESTS}",
    ],
    "actors_actor": [
        f"UPDATE actors_actor SET name = {HOSTILE} WHERE public_id = 'azerbaijan-army'",
        f"UPDATE actors_actor SET country_id = NULL WHERE id = {actor('azerbaijan-army')}",
        f"UPDATE actors_actor SET country_id = {place('turkey')}",
        # Only quoted, never a participant.
        f"UPDATE events_eventcitation SET attributed_to_id = {actor('ap')} WHERE event_id = {WAR}",
        f"UPDATE actors_actor SET name = {HOSTILE} WHERE public_id = 'ap'",
        f"UPDATE places_place SET name = {HOSTILE} WHERE public_id = 'turkey'",
    ],
    "agreements_agreement": [
        f"UPDATE agreements_agreement SET title = {HOSTILE}",
        "UPDATE agreements_agreement SET public_id = public_id || '-a'",
        "UPDATE agreements_agreement SET start_date = NULL",
    ],
    "events_event_fulfils": [
        f"""INSERT INTO events_event_fulfils (event_id, provision_id)
            VALUES ({PROTESTS}, {provision("hand-over-of-lachin")})""",
        f"UPDATE events_event_fulfils SET event_id = {WAR} WHERE event_id = {PROTESTS}",
        f"UPDATE events_event_fulfils SET provision_id = {provision('hand-over-of-kelbajar')}",
        "DELETE FROM events_event_fulfils",
    ],
    "events_event_breaches": [
        f"""INSERT INTO events_event_breaches (event_id, provision_id)
            VALUES ({PROTESTS}, {provision("hand-over-of-lachin")})""",
        f"UPDATE events_event_breaches SET event_id = {WAR}",
        f"UPDATE events_event_breaches SET provision_id = {provision('hand-over-of-aghdam')}",
        f"UPDATE agreements_provision SET text = {HOSTILE}",
        "UPDATE agreements_agreement SET public_id = public_id || '-a'",
        "DELETE FROM events_event_breaches",
    ],
    "agreements_provision": [
        f"UPDATE agreements_provision SET text = {HOSTILE}, status = 'lapsed'",
        "UPDATE agreements_provision SET due_date = NULL, due_qualifier = NULL",
        "UPDATE agreements_provision SET agreement_id = (SELECT min(id) FROM agreements_agreement)",
    ],
    "events_eventlink": [
        "DELETE FROM events_eventlink",
        f"""INSERT INTO events_eventlink (event_id, kind, other_id)
            VALUES ({PROTESTS}, 'reports', {WAR})""",
        f"UPDATE events_event SET title = {HOSTILE} WHERE id = {WAR}",
        f"UPDATE events_eventlink SET kind = 'follows' WHERE other_id = {WAR}",
        f"UPDATE events_eventlink SET event_id = {ENTRY} WHERE other_id = {WAR}",
        f"UPDATE events_eventlink SET other_id = {PROTESTS}",
        "DELETE FROM events_eventlink",
    ],
    "events_eventcitation": [
        f"""INSERT INTO events_eventcitation (event_id, document_id, position, locator, supports)
            SELECT {WAR}, id, 99, {HOSTILE}, ARRAY['title', {HOSTILE}] FROM sources_document
            WHERE public_id = 'geonames-az'""",
        f"UPDATE events_eventcitation SET event_id = {ENTRY} WHERE position = 99",
        f"UPDATE events_eventcitation SET document_id = {document('geonames-countries')}",
        "UPDATE events_eventcitation SET supports = supports || ARRAY['a']",
        "UPDATE events_eventcitation SET position = 200 - position",
        f"UPDATE events_eventcitation SET attributed_to_id = {actor('ap')}",
        f"DELETE FROM events_eventcitation WHERE event_id = {ENTRY}",
    ],
    "sources_document": [
        f"UPDATE sources_document SET title = {HOSTILE}",
        "UPDATE sources_document SET published = NULL",
        "UPDATE sources_document SET publisher_id = (SELECT max(id) FROM sources_publisher)",
        "UPDATE sources_document SET publisher_id = NULL",
    ],
    "sources_publisher": [f"UPDATE sources_publisher SET name = {HOSTILE}"],
    "sources_dataset": [
        f"UPDATE sources_dataset SET name = {HOSTILE}",
        "UPDATE sources_dataset SET licence = 'CC0-1.0', public_id = 'renamed'",
    ],
    "sources_release": [f"UPDATE sources_release SET version = {HOSTILE}"],
}

# Deferred foreign keys let a transaction write what is referred to after what refers to it.
LATE = {
    table: f"""CREATE TEMP TABLE late ON COMMIT DROP AS SELECT * FROM {table};
        DELETE FROM {table}; UPDATE late SET {column} = {HOSTILE};
        INSERT INTO {table} SELECT * FROM late"""
    for table, column in {
        "events_eventtype": "label",
        "places_place": "name",
        "actors_actor": "name",
        "agreements_agreement": "title",
        "agreements_provision": "text",
        "sources_document": "title",
        "sources_publisher": "name",
        "sources_dataset": "name",
        "sources_release": "version",
    }.items()
}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def stored() -> dict[str, Any]:
    """Return all bodies as they are stored, by the public ids of the events."""
    bodies = EventBody.objects.values_list("event__public_id", "body")
    return {public_id: orjson.loads(body) for public_id, body in bodies}


def written() -> dict[str, bytes]:
    """Return all bodies as the serializer writes them now."""
    events = fetched(EventSerializer(), Event.objects.all())
    return {row.public_id: orjson.dumps(EventSerializer(row).data) for row in events}


def stale() -> dict[str, set[str]]:
    """Return the events whose stored bodies are not what should be, with the keys that differ."""
    then, now = stored(), {key: orjson.loads(body) for key, body in written().items()}
    different = {}
    for event_id in now.keys() | then.keys():
        old, new = then.get(event_id, {}), now.get(event_id, {})
        different[event_id] = {key for key in old | new if old.get(key) != new.get(key)}
    return {event_id: keys for event_id, keys in different.items() if keys}


def test_bodies_of_the_article() -> None:
    """As they have no whole number of degrees, also in their text: order of keys, nothing between."""
    bodies = EventBody.objects.values_list("event__public_id", "body")
    assert {public_id: body.encode() for public_id, body in bodies} == written()


def test_whole_degrees_are_equal_as_json() -> None:
    run(f"UPDATE events_event SET latitude = 47, longitude = -0.0 WHERE id = {ENTRY}")
    assert not stale()
    body = EventBody.objects.get(event__public_id="azerbaijani-forces-enter-aghdam").body
    assert '"latitude":47,' in body
    assert b'"latitude":47.0,' in written()["azerbaijani-forces-enter-aghdam"]


@pytest.mark.parametrize("table", CHANGES)
def test_bodies_follow(table: str) -> None:
    for statement in CHANGES[table]:
        before = stored()
        run(statement)
        assert not stale(), statement
        assert stored() != before, f"changes nothing: {statement}"


def test_every_table_is_tried() -> None:
    assert set(CHANGES) == set(EVENT_BODIES.dependencies(connection))


@pytest.mark.parametrize("table", LATE)
def test_bodies_follow_what_comes_late(table: str) -> None:
    run(LATE[table])
    assert not stale()


def test_body_goes_with_its_event() -> None:
    """As in the admin; plain SQL has to name every table."""
    Event.objects.get(public_id="azerbaijani-forces-expected-in-lachin").delete()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert not stale()


def test_bodies_follow_when_a_table_is_emptied() -> None:
    run("TRUNCATE events_eventcode")
    assert not stale()


@pytest.mark.parametrize("table", CHANGES)
def test_rows_that_are_written_as_they_were_cost_nothing(table: str) -> None:
    """As fixtures are when they are loaded again; what they would write anew is seen by what it mends."""
    run("UPDATE events_eventbody SET body = '{}'")
    run(f"UPDATE {table} SET id = id")
    assert set(EventBody.objects.values_list("body", flat=True)) == {"{}"}


def test_bulk_load_refreshes_at_the_end() -> None:
    before = stored()
    run(BEGIN_BULK_LOAD)
    run(f"UPDATE events_event SET title = {HOSTILE}")
    run(f"UPDATE places_place SET name = {HOSTILE}")
    run("DELETE FROM events_participation")
    assert stored() == before
    run(f"SELECT refresh_events_eventbody(ARRAY[{WAR}])")
    assert before.keys() - stale().keys() == {"first-war-over-nagorno-karabakh"}
    run("SELECT refresh_events_eventbody(ARRAY(SELECT id FROM events_event))")
    assert not stale()


@pytest.mark.parametrize("setting", ["on", "1", ""])
def test_only_its_own_transaction_can_put_bodies_off(setting: str) -> None:
    run(f"SET dateline.bulk_load = '{setting}'")
    run(f"UPDATE events_event SET title = {HOSTILE}")
    assert not stale()


def test_a_body_goes_with_its_event_by_sql_too() -> None:
    event = "(SELECT id FROM events_event WHERE public_id = 'celebrations-in-baku')"
    for table in ("eventcode", "participation", "eventcitation", "eventlink"):
        run(f"DELETE FROM events_{table} WHERE event_id = {event}")
    run(f"DELETE FROM events_event WHERE id = {event}")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert not stale()
    assert "celebrations-in-baku" not in stored()


def test_a_body_is_written_by_way_of_the_key_of_its_event() -> None:
    """However many events there are: a plan that joins them all first takes a second for each."""
    definition = EVENT_BODIES.sql(connection)
    assert "events_event.id = ANY(ids)" in definition
