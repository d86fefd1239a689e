"""What follows from other columns is kept by the database, whoever writes and however."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.conftest import FIXTURES
from tests.constraints.refusals import NEW_PLACE
from tests.constraints.rows import event, event_type, place

pytestmark = pytest.mark.django_db

WAR = "first-war-over-nagorno-karabakh"
ENTRY = "azerbaijani-forces-enter-aghdam"

# Every column of an event that is its own, with a value that it does not have.
OWN_COLUMNS = {
    "public_id": "'another'",
    "dataset_id": "91, release_id = 91",
    "release_id": "92",
    "key": "'another'",
    "title": "'Another'",
    "summary": "NULL",
    "type_id": event_type("AGREE"),
    "status": "'failed'",
    "certainty": "'alleged'",
    "start_date": "'1990-01-01'",
    "end_date": "'1994-12-30'",
    "date_precision": "'longer'",
    "edtf": "'/1994'",
    "place_id": place("baku"),
    "place_precision": "'near'",
    "place_name_in_source": "'Another'",
    "latitude": "1, longitude = 2",
    "longitude": "1, latitude = 2",
    "deaths_low": "1",
    "deaths_best": "1",
    "deaths_high": "1",
    "deaths_note": "'Another'",
    "deaths_civilians": "1",
    "deaths_unknown": "1",
    "displaced_low": "1",
    "displaced_best": "1",
    "displaced_high": "1",
    "displaced_note": "'Another'",
    "agreement_id": "(SELECT min(id) FROM agreements_agreement)",
    "part_of_id": event(ENTRY),
}
KEPT_COLUMNS = {
    "id",
    "updated_at",
    "revision",
    "sort_date",
    "lasting",
    "root_type_id",
    "place_level_1",
    "place_level_2",
    "place_level_3",
    "place_level_4",
    "search",
    "digest",
}
CHANGES_NOTHING = [
    "title = title",
    "start_date = start_date, place_id = place_id, type_id = type_id",
    "place_level_1 = 999, root_type_id = 999",
    "revision = 99, updated_at = '2000-01-01'",
    "digest = gen_random_uuid()",
]


def run(statement: str) -> list[tuple[Any, ...]]:
    """Run SQL and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def tree(*public_ids: str) -> list[tuple[Any, ...]]:
    """Return depth, country and levels of places, by their public ids."""
    columns = ", ".join(
        f"(SELECT public_id FROM places_place x WHERE x.id = p.{column})"
        for column in ["country_id", "level_1_id", "level_2_id", "level_3_id", "level_4_id"]
    )
    return [
        run(f"SELECT depth, {columns} FROM places_place p WHERE public_id = '{public_id}'")[0]
        for public_id in public_ids
    ]


def levels(public_id: str) -> list[str]:
    """Return the levels that an event has of its place, by their public ids."""
    [numbers] = run(
        "SELECT place_level_1, place_level_2, place_level_3, place_level_4 "
        f"FROM events_event WHERE public_id = '{public_id}'"
    )
    names = dict(run("SELECT id, public_id FROM places_place"))
    return [names[number] for number in numbers if number is not None]


def counted() -> tuple[int, datetime.datetime]:
    """Return revision and time of the last change of an event."""
    return run(f"SELECT revision, updated_at FROM events_event WHERE public_id = '{WAR}'")[0]


def sort_dates(public_id: str, table: str = "events_participation") -> set[tuple[Any, Any]]:
    return set(
        run(
            f"SELECT e.sort_date, p.sort_date FROM {table} p "
            f"JOIN events_event e ON e.id = p.event_id WHERE e.public_id = '{public_id}'"
        )
    )


@pytest.fixture
def village() -> None:
    """Put a village into Aghdam and a bridge into the village."""
    run(
        f"{NEW_PLACE} (91, 'village', 'Village', 'settlement', {place('aghdam')}, 9),"
        "(92, 'bridge', 'Bridge', 'site', 91, 9)"
    )


def test_new_place_has_its_levels(village: None) -> None:
    aze, district, here = "azerbaijan", "aghdam", "village"
    assert tree("azerbaijan", "village", "bridge") == [
        (1, aze, aze, None, None, None),
        (3, aze, aze, district, here, None),
        (4, aze, aze, district, here, "bridge"),
    ]


def test_places_inside_move_along(village: None) -> None:
    run(f"UPDATE places_place SET parent_id = {place('armenia')} WHERE public_id = 'village'")
    assert tree("village", "bridge") == [
        (2, "armenia", "armenia", "village", None, None),
        (3, "armenia", "armenia", "village", "bridge", None),
    ]
    run("UPDATE places_place SET parent_id = NULL WHERE public_id = 'village'")
    assert tree("village", "bridge") == [
        (1, None, "village", None, None, None),
        (2, None, "village", "bridge", None, None),
    ]


def test_country_follows_its_kind(village: None) -> None:
    run("UPDATE places_place SET kind = 'territory' WHERE public_id = 'azerbaijan'")
    assert [row[1] for row in tree("azerbaijan", "aghdam", "bridge")] == [None, None, None]
    run("UPDATE places_place SET kind = 'country' WHERE public_id = 'aghdam'")
    assert [row[1] for row in tree("aghdam", "bridge", "lachin")] == ["aghdam", "aghdam", None]


def test_nobody_else_writes_levels() -> None:
    before = run("SELECT * FROM places_place ORDER BY id")
    run("UPDATE places_place SET depth = 4, country_id = 999, level_1_id = 999, level_4_id = 999")
    assert run("SELECT * FROM places_place ORDER BY id") == before


def test_event_follows_its_place(village: None) -> None:
    run(f"UPDATE events_event SET place_id = 92 WHERE public_id = '{ENTRY}'")
    assert levels(ENTRY) == ["azerbaijan", "aghdam", "village", "bridge"]
    run(f"UPDATE places_place SET parent_id = {place('armenia')} WHERE public_id = 'village'")
    assert levels(ENTRY) == ["armenia", "village", "bridge"]
    run(
        "UPDATE events_event SET place_id = NULL, place_precision = NULL "
        f"WHERE public_id = '{ENTRY}'"
    )
    assert levels(ENTRY) == []


def test_event_has_the_root_of_its_type() -> None:
    root = (
        f"SELECT code FROM events_eventtype WHERE id = (SELECT root_type_id FROM events_event "
        f"WHERE public_id = '{ENTRY}')"
    )
    assert run(root) == [("RETREAT",)]
    run(
        f"UPDATE events_eventtype SET parent_id = {event_type('CONCEDE')} "
        "WHERE code = 'RETREAT/withdraw'"
    )
    assert run(root) == [("CONCEDE",)]
    run(f"UPDATE events_event SET type_id = {event_type('AID')} WHERE public_id = '{ENTRY}'")
    assert run(root) == [("AID",)]
    run(f"UPDATE events_event SET root_type_id = 999 WHERE public_id = '{ENTRY}'")
    assert run(root) == [("AID",)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("'1988-02-20'", "'1988-02-27'", datetime.date(1988, 2, 20)),
        ("NULL", "'1988-02-27'", datetime.date(1, 1, 1)),
    ],
)
@pytest.mark.parametrize("table", ["events_participation", "events_eventcode"])
def test_what_is_of_an_event_has_its_date(
    start: str, end: str, expected: datetime.date, table: str
) -> None:
    run(f"UPDATE events_event SET start_date = {start}, end_date = {end} WHERE public_id = '{WAR}'")
    assert sort_dates(WAR, table) == {(expected, expected)}
    run(f"UPDATE {table} SET sort_date = '1900-01-01'")
    assert sort_dates(WAR, table) == {(expected, expected)}
    run(
        f"UPDATE {table} SET event_id = {event(WAR)} "
        f"WHERE event_id = {event('protests-in-armenia')}"
    )
    assert sort_dates(WAR, table) == {(expected, expected)}


@pytest.mark.parametrize(
    ("start", "end", "lasting"),
    [
        ("'2020-01-01'", "'2020-02-01'", False),
        ("'2020-01-01'", "'2020-02-02'", True),
        ("'2020-01-01'", "NULL", True),
        ("NULL", "'2020-01-01'", True),
        ("NULL", "NULL", True),
    ],
)
def test_an_event_lasts_if_it_may_take_over_a_month(start: str, end: str, lasting: bool) -> None:
    known = not start == end == "NULL"
    precision, edtf = ("'day'", "'2020'") if known else ("NULL", "NULL")
    run(
        f"UPDATE events_event SET start_date = {start}, end_date = {end}, "
        f"date_precision = {precision}, edtf = {edtf} WHERE public_id = '{WAR}'"
    )
    assert run(f"SELECT lasting FROM events_event WHERE public_id = '{WAR}'") == [(lasting,)]


def test_event_without_date_sorts_first() -> None:
    run(
        "UPDATE events_event SET start_date = NULL, end_date = NULL, date_precision = NULL, "
        f"edtf = NULL WHERE public_id = '{WAR}'"
    )
    first = datetime.date(1, 1, 1)
    assert sort_dates(WAR) == {(first, first)}


@pytest.mark.parametrize("column", OWN_COLUMNS)
def test_event_counts_changes(column: str) -> None:
    run(
        "INSERT INTO sources_dataset (id, public_id, name, description, licence, citation, "
        "redistributable) VALUES (91, 'a', 'A', 'A', 'A', 'A', true);"
        "INSERT INTO sources_release (id, dataset_id, version, checksum, loaded_at) "
        "VALUES (91, 91, '1', repeat('0', 64), now());"
        "INSERT INTO sources_release (id, dataset_id, version, checksum, loaded_at) "
        "SELECT 92, min(id), '2', repeat('0', 64), now() FROM sources_dataset"
    )
    revision, updated_at = counted()
    [(number, changed_at)] = run(
        f"UPDATE events_event SET {column} = {OWN_COLUMNS[column]} WHERE public_id = '{WAR}' "
        "RETURNING revision, updated_at"
    )
    assert number == revision + 1
    assert changed_at > updated_at


def test_every_column_is_tried() -> None:
    columns = run(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'events_event'::regclass "
        "AND attnum > 0 AND NOT attisdropped"
    )
    assert {column for (column,) in columns} == set(OWN_COLUMNS) | KEPT_COLUMNS


@pytest.mark.parametrize("change", CHANGES_NOTHING)
def test_event_counts_nothing_else(change: str) -> None:
    before = counted()
    run(f"UPDATE events_event SET {change} WHERE public_id = '{WAR}'")
    assert counted() == before


def test_event_counts_from_its_own_number() -> None:
    revision, _ = counted()
    run(f"UPDATE events_event SET title = 'A', revision = 99 WHERE public_id = '{WAR}'")
    assert counted()[0] == revision + 1


def test_loading_again_counts_nothing() -> None:
    state = "SELECT public_id, revision, updated_at FROM events_event ORDER BY id"
    before = run(state)
    call_command("loaddata", *FIXTURES, verbosity=0)
    assert run(state) == before


def test_one_transaction_raises_the_data_revision_once() -> None:
    state = "SELECT number, transaction = pg_current_xact_id()::text FROM sources_revision"
    [(number, here)] = run(state)
    assert not here
    for statement in [
        "UPDATE actors_actor SET description = 'A'",
        "DELETE FROM events_event_fulfils",
        "INSERT INTO sources_publisher (public_id, name) VALUES ('a', 'A')",
        "SAVEPOINT a",
        "UPDATE places_placename SET language = 'en'",
        "RELEASE a",
    ]:
        run(statement)
        assert run(state) == [(number + 1, True)]


def test_every_table_that_is_served_raises_the_data_revision() -> None:
    own = {
        table
        for table in connection.introspection.table_names()
        if table.split("_")[0] in {"actors", "agreements", "events", "places", "sources"}
    }
    # For each statement that inserts (4), deletes (8), updates (16) or truncates (32): after it, and
    # before it (2) the lock.
    expected = {"raise": {4, 8, 16, 32}, "lock": {2 | 4 | 8 | 16 | 32}}
    for function, kinds in expected.items():
        triggers = run(
            "SELECT tgrelid::regclass::text, tgtype, tgenabled FROM pg_trigger "
            f"WHERE tgfoid = 'sources_{function}_revision'::regproc"
        )
        tables = own - {"events_eventbody", "events_eventterms", "sources_edit", "sources_revision"}
        assert set(triggers) == {(t, kind, "O") for t in tables for kind in kinds}


def test_what_changes_nothing_does_not_raise_the_data_revision() -> None:
    before = run("SELECT number FROM sources_revision")
    run("UPDATE events_event SET title = 'A' WHERE false")
    run("DELETE FROM sources_publisher WHERE false")
    assert run("SELECT number FROM sources_revision") == before


def test_what_follows_is_planned_anew() -> None:
    """A plan kept from a change of nothing would join many changes row by row, later in the session."""
    functions = run(
        "SELECT proname, prosrc FROM pg_proc JOIN pg_trigger ON tgfoid = pg_proc.oid "
        "WHERE tgoldtable IS NOT NULL AND tgnewtable IS NOT NULL"
    )
    assert len(functions) >= 4
    for name, source in functions:
        joins = [line for line in source.splitlines() if "JOIN before_change" in line]
        assert all("EXECUTE" in line for line in joins), name
