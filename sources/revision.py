"""The data revision: raised once by each transaction that changes what is served.

Answers carry it as their validator. The database counts, by triggers on every table of records, so that
no way of writing can forget it.

The row that holds it is also the one lock of writers: whoever writes takes it first and keeps it to the
end of the transaction. So there is one writer at a time. What triggers derive from other rows is then
derived from rows that nobody else is changing, and writers do not wait for each other in a circle
(unless one locks rows by hand before it writes). Readers are not held up.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from sources.records import Identified, Use

# The data revision, and the time at which the transaction that raised it began, in microseconds since 1970: every
# row of a page comes with both, and numbers are read in a fraction of the time of dates.
STATE = """
    SELECT number, (extract(epoch FROM changed_at) * 1000000)::bigint AS changed_at
    FROM sources_revision WHERE id = 1"""

# To the end of a transaction; it keeps nobody from writing.
HOLD = "LOCK TABLE sources_revision IN ACCESS SHARE MODE"

RAISE = """
    UPDATE sources_revision
    SET number = number + 1, changed_at = now(), transaction = pg_current_xact_id()::text
    WHERE transaction <> pg_current_xact_id()::text"""

# For data that come from elsewhere: a state that has not been before, neither there nor here, where the number
# was {before}. The transaction that is noted is one of another cluster, and one of this may bear its number yet.
RENEW = """
    UPDATE sources_revision
    SET number = greatest(number, {before}) + 1, changed_at = now(),
        transaction = pg_current_xact_id()::text"""

FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION sources_lock_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM sources_revision FOR UPDATE;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sources_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT FROM changed) THEN
            RETURN NULL;
        END IF;
    END IF;
    {RAISE};
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE OR REPLACE TRIGGER {table}_lock_revision
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION sources_lock_revision();
CREATE OR REPLACE TRIGGER {table}_raise_revision_insert
    AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION sources_raise_revision();
CREATE OR REPLACE TRIGGER {table}_raise_revision_update
    AFTER UPDATE ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION sources_raise_revision();
CREATE OR REPLACE TRIGGER {table}_raise_revision_delete
    AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION sources_raise_revision();
CREATE OR REPLACE TRIGGER {table}_raise_revision_truncate
    AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION sources_raise_revision();
"""


def raise_revision() -> None:
    """Count a change that no trigger sees; whoever calls it is the one writer from here on."""
    with connection.cursor() as cursor:
        cursor.execute(RAISE)


def served_tables() -> Iterator[str]:
    """Yield the tables of all records and of the links between them."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, Identified) or _links_records(model):
            yield model._meta.db_table


def counted_tables() -> Iterator[str]:
    """Yield the tables of what is counted for the records, by which lists of them are ordered."""
    for model in apps.get_models():
        if issubclass(model, Use):
            yield model._meta.db_table


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on every table that exists."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        for table in sorted(existing.intersection([*served_tables(), *counted_tables()])):
            cursor.execute(TRIGGERS.format(table=table))


def _links_records(model: type[Model]) -> bool:
    owner = model._meta.auto_created
    return bool(owner) and issubclass(owner, Identified)  # type: ignore[arg-type]
