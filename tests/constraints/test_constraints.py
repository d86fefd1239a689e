"""The database refuses bad records, whoever writes them, and names the rule that they break.

Every statement is plain SQL on the article's records and is rolled back.
"""

import re

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from tests.constraints.refusals import DATASET, NEW_PLACE, refusals
from tests.constraints.rows import FILL, event, event_type, place

pytestmark = pytest.mark.django_db

APPS = ["actors", "agreements", "events", "places", "sources"]
REFUSALS = refusals()

# Rules that triggers hold; their errors look like those of constraints.
TRIGGERS = {
    "places_place_no_cycle": [
        f"UPDATE places_place SET parent_id = {place('aghdam')} WHERE public_id = 'azerbaijan'",
        "UPDATE places_place SET parent_id = id",
        # Two that would be each inside the other, in one statement.
        f"""UPDATE places_place SET parent_id =
            CASE public_id WHEN 'lachin' THEN {place("aghdam")} ELSE {place("lachin")} END
            WHERE public_id IN ('aghdam', 'lachin')""",
    ],
    "places_place_parent_first": [
        "UPDATE places_place SET parent_id = 999",
        f"{NEW_PLACE} (91, 'a', 'A', 'site', 92, 1), (92, 'b', 'B', 'country', NULL, 1)",
    ],
    "events_eventtype_two_levels": [
        f"""UPDATE events_eventtype SET parent_id = {event_type("RETREAT/withdraw")}
            WHERE code = 'AGREE'""",
        f"UPDATE events_eventtype SET parent_id = {event_type('AGREE')} WHERE code = 'RETREAT'",
        "UPDATE events_eventtype SET parent_id = id WHERE code = 'AGREE'",
        # A chain of three, in one statement.
        f"""UPDATE events_eventtype SET parent_id =
            CASE code WHEN 'AGREE' THEN {event_type("CONCEDE")} ELSE {event_type("SUPPORT")} END
            WHERE code IN ('AGREE', 'CONCEDE')""",
    ],
    "events_event_place_first": ["UPDATE events_event SET place_id = 999"],
    "events_event_type_first": ["UPDATE events_event SET type_id = 999"],
    "events_participation_event_first": ["UPDATE events_participation SET event_id = 999"],
    "events_eventcode_event_first": ["UPDATE events_eventcode SET event_id = 999"],
    "sources_edit_stays": [
        "UPDATE sources_edit SET curator = 'somebody else'",
        "DELETE FROM sources_edit",
    ],
    "events_event_no_cycle": [
        f"""UPDATE events_event SET part_of_id = {event("azerbaijan-launches-offensive")}
            WHERE public_id = 'fighting-of-autumn-2020'""",
        # A ring of all events.
        """UPDATE events_event e SET part_of_id = coalesce(
            (SELECT min(id) FROM events_event o WHERE o.id > e.id),
            (SELECT min(id) FROM events_event))""",
    ],
}

# What JSON cannot say, and the columns where a trigger writes over it.
INFINITE = ["'infinity'", "'-infinity'"]
NOT_IN_JSON = {
    "date": INFINITE,
    "timestamp with time zone": INFINITE,
    "double precision": ["'NaN'", *INFINITE],
}
KEPT = {
    ("events_participation", "sort_date"),
    ("events_eventcode", "sort_date"),
    ("events_event", "updated_at"),
    # As they are in the event and its place.
    *(("events_eventterms", f"{name}_date") for name in ("sort", "start", "end")),
    *(("events_eventterms", name) for name in ("latitude", "longitude")),
    # Nothing there is changed at all.
    ("sources_edit", "at"),
}


@pytest.fixture(autouse=True)
def rows_in_every_table(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL)


def broken_by(statement: str) -> str | None:
    """Return the name of the rule that refuses `statement`; none if it is accepted."""
    refusal = None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            # Foreign keys are otherwise checked at the end of the transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except IntegrityError as error:
        refusal = error.__cause__
    if refusal is None:
        return None
    assert isinstance(refusal, psycopg.IntegrityError)
    return unhashed(refusal.diag.constraint_name or str(refusal))


def unhashed(name: str) -> str:
    """Return the name of a constraint without what Django makes up for uniqueness."""
    return re.sub(r"_[0-9a-f]{8}_(fk|uniq).*$", "", name)


@pytest.mark.parametrize("name", REFUSALS)
def test_constraint_refuses(name: str) -> None:
    tried = {statement: broken_by(statement) for statement in REFUSALS[name]}
    assert not {statement: rule for statement, rule in tried.items() if rule != name}


@pytest.mark.parametrize("name", TRIGGERS)
def test_trigger_refuses(name: str) -> None:
    tried = {statement: broken_by(statement) for statement in TRIGGERS[name]}
    assert not {statement: rule for statement, rule in tried.items() if rule != name}


def test_every_constraint_is_tried() -> None:
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APPS
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conname FROM pg_constraint
                WHERE contype IN ('c', 'u', 'x') AND conrelid::regclass::text = ANY(%(tables)s)
                UNION SELECT indexrelid::regclass::text FROM pg_index
                WHERE indisunique AND NOT indisprimary
                AND indrelid::regclass::text = ANY(%(tables)s)""",
            {"tables": tables},
        )
        existing = {unhashed(name) for (name,) in cursor.fetchall()}
    assert set(REFUSALS) == existing


def test_every_rule_of_a_trigger_is_tried() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        sources = " ".join(source for (source,) in cursor.fetchall())
    assert set(re.findall(r"CONSTRAINT = '(\w+)'", sources)) == set(TRIGGERS)


def test_every_relation_leads_somewhere() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conname, conrelid::regclass::text, attname FROM pg_constraint
                JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                WHERE contype = 'f' AND split_part(conrelid::regclass::text, '_', 1) = ANY(%s)""",
            [APPS],
        )
        relations = {
            f"""UPDATE {table} SET {column} = 999 WHERE ctid =
                (SELECT ctid FROM {table} ORDER BY {column} IS NULL LIMIT 1)""": unhashed(name)
            for name, table, column in cursor.fetchall()
        }
    assert relations
    tried = {statement: broken_by(statement) for statement in relations}
    # A trigger is faster where it needs the row that is referred to.
    renamed = {
        "places_place_parent_first": "places_place_parent_id",
        "events_event_place_first": "events_event_place_id",
        "events_event_type_first": "events_event_type_id",
        "events_participation_event_first": "events_participation_event_id",
        "events_eventcode_event_first": "events_eventcode_event_id",
    }
    # A release without a dataset breaks two rules; that of the records is looked at first.
    held_twice = {"sources_release_dataset_id": "agreements_agreement_release_id_of_dataset"}
    expected = {key: held_twice.get(name, name) for key, name in relations.items()}
    assert {key: renamed.get(name, name) for key, name in tried.items()} == expected


def test_no_column_takes_what_json_cannot_say() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, column_name, data_type FROM information_schema.columns
                WHERE split_part(table_name, '_', 1) = ANY(%s) AND is_generated = 'NEVER'
                AND data_type = ANY(%s)""",
            [APPS, list(NOT_IN_JSON)],
        )
        tried = {
            f"UPDATE {table} SET {column} = {value}"
            for table, column, kind in cursor.fetchall()
            for value in NOT_IN_JSON[kind]
            if (table, column) not in KEPT
        }
    assert tried
    assert not {statement for statement in tried if broken_by(statement) is None}


def test_nothing_is_deleted_that_others_need() -> None:
    assert broken_by("DELETE FROM sources_publisher") == "sources_document_publisher_id"
    assert broken_by("DELETE FROM agreements_agreement") is not None


@pytest.mark.parametrize("table", ["events_event", "agreements_agreement"])
def test_a_release_is_one_of_the_same_dataset(table: str) -> None:
    """However many datasets a record could be from: the two columns are held to one row."""
    another = f"""INSERT INTO sources_dataset ({DATASET}) SELECT 'other', name, description, licence,
        citation, redistributable FROM sources_dataset"""
    for dataset in ("999", "(SELECT id FROM sources_dataset WHERE public_id = 'other')"):
        refused = broken_by(f"{another}; UPDATE {table} SET dataset_id = {dataset}")
        assert refused in {f"{table}_release_id_of_dataset", f"{table}_dataset_id"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreements_provision SET status = 'unknown', as_of = NULL",
        "UPDATE agreements_provision SET scheme = 'pax', code = '007', level = NULL",
        "UPDATE agreements_provision SET scheme = 'pax', code = '007', level = 0",
        "UPDATE sources_tombstone SET release = NULL",
        "UPDATE events_eventtype SET quad = NULL",
        # Numbers change places.
        "UPDATE agreements_provision SET number = 4 - number",
        # One code for two records, each in its own table or scheme.
        "UPDATE places_placecode SET scheme = 'pax'; UPDATE actors_actorcode SET scheme = 'pax'",
        "UPDATE places_placecode SET scheme = code, code = '1'",
        "UPDATE agreements_agreementcode SET code = '1'",
    ],
)
def test_what_may_be_is_taken(statement: str) -> None:
    assert broken_by(statement) is None
