"""The trail of curators: what each changed in the admin, with the row before and after.

The database writes it, by a trigger on every table of records, in the transaction of the change: whatever the
admin does, inline rows, bulk actions and links included, is in it or did not happen. The function that writes is
the owner's: who changes records can neither change lines nor write any without a change. A session tells whose
changes are recorded (`made_by`); who has the password of the role that the admin writes by can tell what they like. Others are not: imports write a million rows, and their trail is the
release. Nor is what triggers derive from a change, which follows from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CASCADE

from sources.records import Record
from sources.revision import served_tables

FUNCTIONS = """
CREATE OR REPLACE FUNCTION sources_keep_edit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    derived text[] := TG_ARGV[0];
    before jsonb;
    after jsonb;
    owner jsonb;
    collection text := TG_TABLE_NAME;
BEGIN
    -- Rows of temporary tables are whatever their owner makes them.
    IF TG_TABLE_SCHEMA <> 'public' THEN
        RAISE insufficient_privilege;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        before := to_jsonb(OLD) - derived;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        after := to_jsonb(NEW) - derived;
    END IF;
    IF before = after THEN
        RETURN NULL;
    END IF;
    owner := coalesce(after, before);
    FOR link IN 1 .. TG_NARGS - 2 BY 2 LOOP
        collection := TG_ARGV[link + 1];
        EXECUTE format('SELECT to_jsonb(o) FROM %I o WHERE id = $1', collection)
            INTO owner USING (owner ->> TG_ARGV[link])::bigint;
    END LOOP;
    INSERT INTO sources_edit
        (at, curator, action, collection, record, "table", "row", before, after)
    VALUES (
        now(),
        current_setting('dateline.curator'),
        CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
        collection,
        owner ->> 'public_id',
        TG_TABLE_NAME,
        (coalesce(after, before) ->> 'id')::bigint,
        before,
        after
    );
    RETURN NULL;
END $$;
-- Triggers that are there need no right to it; nobody else puts it on a table of theirs.
REVOKE EXECUTE ON FUNCTION sources_keep_edit() FROM PUBLIC;

CREATE OR REPLACE FUNCTION sources_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', SCHEMA = 'public',
        TABLE = 'sources_edit', CONSTRAINT = 'sources_edit_stays',
        MESSAGE = 'What curators did stays in the trail as it is.';
END $$;

CREATE OR REPLACE TRIGGER sources_edit_stays
    BEFORE UPDATE OR DELETE ON sources_edit
    FOR EACH ROW EXECUTE FUNCTION sources_refuse_edit();
-- Also of sessions that leave other triggers out, as imports do.
ALTER TABLE sources_edit ENABLE ALWAYS TRIGGER sources_edit_stays;
"""

TRIGGER = """
CREATE OR REPLACE TRIGGER {table}_keep_edit
    AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW
    WHEN (current_setting('dateline.curator', true) <> '' AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION sources_keep_edit({arguments})
"""


@contextmanager
def made_by(curator: str) -> Iterator[None]:
    """Record what this thread changes meanwhile as changed by `curator`."""
    _name(curator)
    try:
        yield
    finally:
        try:
            _name("")
        except DatabaseError:
            # Nobody else may write in this name.
            _writer().close()


def _writer() -> BaseDatabaseWrapper:
    """Return the connection by which records are written."""
    return connections[router.db_for_write(Record)]


def _name(curator: str) -> None:
    with _writer().cursor() as cursor:
        cursor.execute("SELECT set_config('dateline.curator', %s, false)", [curator])


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on every table of records, and on the trail itself."""
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        for table in sorted(existing.intersection(served_tables())):
            arguments = ", ".join(f"'{word}'" for word in _arguments(models[table]))
            cursor.execute(TRIGGER.format(table=table, arguments=arguments))


def _arguments(model: Any) -> Iterator[str]:
    """Yield the columns that the database keeps, and by which columns to which tables a row belongs."""
    columns = model._meta.concrete_fields
    derived = ",".join(field.column for field in columns if not field.editable)
    yield f"{{{derived}}}"
    while not issubclass(model, Record):
        # What goes with a record when that is deleted belongs to it.
        owner = next((field for field in model._meta.concrete_fields if _goes_with(field)), None)
        if owner is None:
            return
        model = owner.related_model
        yield from (owner.column, model._meta.db_table)


def _goes_with(field: Any) -> bool:
    return field.is_relation and field.remote_field.on_delete is CASCADE
