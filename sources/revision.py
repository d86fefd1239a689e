"""The data revision: raised once by each transaction that changes what is served.

Answers carry it as their validator. The database counts, by a trigger on every table of records, so
that no way of writing can forget it.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from sources.records import Identified

FUNCTION = """
CREATE OR REPLACE FUNCTION sources_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sources_revision
    SET number = number + 1, changed_at = now(), transaction = pg_current_xact_id()::text
    WHERE transaction <> pg_current_xact_id()::text;
    RETURN NULL;
END $$;
"""


def served_tables() -> Iterator[str]:
    """Yield the tables of all records and of the links between them."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, Identified) or _links_records(model):
            yield model._meta.db_table


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the trigger on every table that exists."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(FUNCTION)
        for table in existing.intersection(served_tables()):
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {table}_raise_revision "
                f"AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION sources_raise_revision()"
            )


def _links_records(model: type[Model]) -> bool:
    owner = model._meta.auto_created
    return bool(owner) and issubclass(owner, Identified)  # type: ignore[arg-type]
