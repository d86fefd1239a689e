"""Bodies kept beside their records, always as the serializer would write them now.

As JSON they are equal, not always in their text: a number such as 47.0 is written 47 by the database.

The serializer says which rows a body is made of: walking it gives every table that a change can come
from and, for each, the records whose bodies it touches. From that the database gets one function
that writes bodies and a trigger on each of those tables. However a change is made - the admin, a
fixture, an import, plain SQL - the bodies follow in the same transaction.

A bulk load puts them off: it sets `dateline.bulk_load` to the id of its transaction (BEGIN_BULK_LOAD), so
that nothing is put off beyond it, and has the bodies of what it changed written once at its end.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import RawSQL
from rest_framework import serializers

from api.bodies import ROW, compiled, path_of, target_model
from api.prepared import inlined

BEGIN_BULK_LOAD = "SELECT set_config('dateline.bulk_load', pg_current_xact_id()::text, true)"
CHANGED = "SELECT id FROM changed"

# Rows that are written as they were touch nothing: of a type of events that would be a million bodies.
UPDATE = "OLD TABLE AS old_rows NEW TABLE AS new_rows"
UPDATED, UPDATED_FROM = (
    f"SELECT one.* FROM {one} one LEFT JOIN {other} other USING (id) "  # noqa: S608 (our own names)
    "WHERE one IS DISTINCT FROM other"
    for one, other in (("new_rows", "old_rows"), ("old_rows", "new_rows"))
)


@dataclass(frozen=True)
class Dependency:
    """A table that bodies are made of, and the query for the records that changed rows touch.

    `belongs`: its rows belong to a record, so that one that is removed or moved touches it too.
    """

    table: str
    affected: str
    belongs: bool


@dataclass(frozen=True)
class Kept:
    """A table with a row for each record, and what is to be in it.

    `select` makes the query for the keys of records and the values of `columns`, in their order, from a condition on
    records: SQL, and no input of anybody.
    """

    table: str
    key: str
    columns: Sequence[str]
    select: Callable[[str], str]

    def statement(self, condition: str) -> str:
        """Return the statement that writes the rows of records for which `condition` holds; none is touched in vain."""
        table, names = self.table, ", ".join(self.columns)
        return f"""
            INSERT INTO {table} ({self.key}, {names}) {self.select(condition)}
            ON CONFLICT ({self.key}) DO UPDATE SET ({names}) = ROW ({self._of("EXCLUDED")})
            WHERE ({self._of(table)}) IS DISTINCT FROM ({self._of("EXCLUDED")})"""

    def wrong(self, condition: str) -> str:
        """Return the query for the keys of such records whose row is not there, or not what it is to be."""
        names = ", ".join([self.key, *self.columns])
        return f"""
            SELECT meant.{self.key} FROM ({self.select(condition)}) meant ({names})
            LEFT JOIN {self.table} kept USING ({self.key})
            WHERE kept.{self.key} IS NULL OR ({self._of("kept")}) IS DISTINCT FROM ({self._of("meant")})"""  # noqa: S608

    def _of(self, row: str) -> str:
        return ", ".join(f"{row}.{column}" for column in self.columns)


@dataclass(frozen=True)
class StoredBody:
    """The stored bodies of one model: which serializer writes them, into which table.

    What else is kept for each record is written `along` with them. It has to be made of nothing but tables that the
    serializer reads, as triggers are on these.
    """

    serializer_class: type[serializers.ModelSerializer[Any]]
    model: type[Model]
    body_model: type[Model]
    along: Sequence[Kept] = ()

    def install(self, connection: BaseDatabaseWrapper) -> bool:
        """Create or replace function and triggers when the serializer has changed; say whether.

        All bodies are then written anew.
        """
        sql = self.sql(connection)
        digest = hashlib.sha256(sql.encode()).hexdigest()
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(
                "SELECT obj_description(to_regprocedure(%s), 'pg_proc')",
                [f"{self.function}(bigint[])"],
            )
            if cursor.fetchone() == (digest,):
                return False
            self.uninstall(connection)
            cursor.execute(sql)
            cursor.execute(f"COMMENT ON FUNCTION {self.function} IS '{digest}'")
            self.refresh_all(connection)
            # What is asked next would be planned for tables as they were, perhaps empty.
            cursor.execute(f"ANALYZE {', '.join(sorted(self.tables))}")
        return True

    def uninstall(self, connection: BaseDatabaseWrapper) -> None:
        """Remove function and triggers; `install` then writes all bodies anew.

        They name tables and columns, which a migration may be about to rename.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT oid::regprocedure FROM pg_proc WHERE proname ^@ %s", [self.function]
            )
            for (function,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {function} CASCADE")

    def refresh_all(self, connection: BaseDatabaseWrapper) -> None:
        """Write all bodies anew; those that stay as they are are not touched."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {self.function}(ARRAY(SELECT id FROM {self.model._meta.db_table}))"  # noqa: S608
            )

    def refresh(self, connection: BaseDatabaseWrapper, keys: Sequence[int]) -> None:
        """Write the bodies of these records anew, as their triggers do."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.function}(%s::bigint[])", [list(keys)])

    @property
    def tables(self) -> set[str]:
        """The tables that are written."""
        return {self.body_model._meta.db_table, *(kept.table for kept in self.along)}

    @property
    def function(self) -> str:
        return f"refresh_{self.body_model._meta.db_table}"

    def sql(self, connection: BaseDatabaseWrapper) -> str:
        """Return the definitions of the function and of all triggers."""
        triggers = [
            self._triggers(table, dependencies)
            for table, dependencies in sorted(self.dependencies(connection).items())
        ]
        return "\n".join([self._function(connection), self._function_all(), *triggers])

    def dependencies(self, connection: BaseDatabaseWrapper) -> dict[str, list[Dependency]]:
        """Return what bodies are made of, table by table."""
        found: dict[str, list[Dependency]] = defaultdict(list)
        for dependency in _Walk(self.model, connection).of(self.serializer_class()):
            if dependency not in found[dependency.table]:
                found[dependency.table].append(dependency)
        return dict(found)

    def statements(self, connection: BaseDatabaseWrapper, condition: str) -> list[str]:
        """Return the statements that write the bodies, and what is kept along, of records for which `condition` holds.

        The condition is SQL on the table of records, and no input of anybody.
        """

        def select(condition: str) -> str:
            rows = self.model._default_manager.filter(RawSQL(condition, (), BooleanField()))  # noqa: S611 (as said)
            body = compiled(self.serializer_class)
            return inlined(rows.order_by().values_list("pk", body), connection)

        meta = self.body_model._meta
        bodies = Kept(meta.db_table, str(meta.pk.column), ["body"], select)
        return [kept.statement(condition) for kept in (bodies, *self.along)]

    def _function(self, connection: BaseDatabaseWrapper) -> str:
        # By the key: a plan that takes the ids as another table joins all records to it.
        by_key = f"{self.model._meta.db_table}.id = ANY(ids)"
        return f"""
            CREATE OR REPLACE FUNCTION {self.function}(ids bigint[]) RETURNS void LANGUAGE sql AS $$
                {";".join(self.statements(connection, by_key))}
            $$;"""

    def _function_all(self) -> str:
        table = self.model._meta.db_table
        return f"""
            CREATE OR REPLACE FUNCTION {self.function}_all() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM {self.function}(ARRAY(SELECT id FROM {table}));
                RETURN NULL;
            END $$;"""  # noqa: S608

    def _triggers(self, table: str, dependencies: list[Dependency]) -> str:
        name = f"{self.function}_after_{table}"
        belongs = any(dependency.belongs for dependency in dependencies)
        affected = " UNION ".join(dependency.affected for dependency in dependencies)
        # A row that moves from one record to another touches both.
        updated = " UNION ALL ".join([UPDATED, UPDATED_FROM] if belongs else [UPDATED])
        # A row that is referred to can be added after the one that refers to it.
        moments = [
            ("insert", "NEW TABLE AS changed", affected),
            ("update", UPDATE, f"WITH changed AS ({updated}) {affected}"),
        ]
        if belongs:
            moments.append(("delete", "OLD TABLE AS changed", affected))
        triggers = "\n".join(
            f"""
            CREATE OR REPLACE FUNCTION {name}_{action}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('dateline.bulk_load', true)
                    IS DISTINCT FROM pg_current_xact_id()::text
                THEN
                    PERFORM {self.function}(ARRAY({keys}));
                END IF;
                RETURN NULL;
            END $$;
            CREATE OR REPLACE TRIGGER {name}_{action} AFTER {action} ON {table}
                REFERENCING {rows}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}_{action}();"""
            for action, rows, keys in moments
        )
        return f"""
            {triggers}
            CREATE OR REPLACE TRIGGER {name}_truncate AFTER TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {self.function}_all();"""


class _Walk:
    """Walks a serializer and yields the tables that what it writes is read from."""

    def __init__(self, model: type[Model], connection: BaseDatabaseWrapper) -> None:
        self.root, self.connection = model, connection

    def of(self, serializer: serializers.Serializer[Any]) -> Iterator[Dependency]:
        yield Dependency(self.root._meta.db_table, CHANGED, belongs=True)
        yield from self._fields(serializer, self.root, "")

    def _fields(
        self, serializer: serializers.Serializer[Any], model: type[Model], path: str
    ) -> Iterator[Dependency]:
        for field in serializer.fields.values():
            if isinstance(field, serializers.ListSerializer):
                yield from self._many(field, model, path)
            elif not isinstance(field, serializers.Serializer):
                *hops, _ = path_of(field).split("__")
                yield from self._hops(hops, model, path)
            elif field.source == ROW:
                yield from self._fields(field, model, path)
            else:
                hops = path_of(field).split("__")
                yield from self._hops(hops, model, path)
                target = target_model(model, path_of(field))
                yield from self._fields(field, target, _join(path, *hops))

    def _hops(self, hops: list[str], model: type[Model], path: str) -> Iterator[Dependency]:
        for number in range(1, len(hops) + 1):
            table = target_model(model, _join(*hops[:number]))._meta.db_table
            affected = self._reached(_join(path, *hops[:number]), CHANGED)
            yield Dependency(table, affected, belongs=False)

    def _many(
        self, field: serializers.ListSerializer[Any], model: type[Model], path: str
    ) -> Iterator[Dependency]:
        relation: Any = model._meta.get_field(str(field.source))
        here = _join(path, str(field.source))
        if relation.many_to_many:
            through = relation.remote_field.through._meta
            yield self._row_of(through.db_table, relation.m2m_column_name(), path)
            affected = self._reached(here, CHANGED)
            yield Dependency(relation.related_model._meta.db_table, affected, belongs=False)
        else:
            table = relation.related_model._meta.db_table
            yield self._row_of(table, relation.field.column, path)
        yield from self._fields(field.child, relation.related_model, here)  # type: ignore[arg-type]

    def _row_of(self, table: str, column: str, path: str) -> Dependency:
        owners = f"SELECT {column} FROM changed"  # noqa: S608
        return Dependency(table, self._reached(path, owners) if path else owners, belongs=True)

    def _reached(self, path: str, rows: str) -> str:
        """Return the query for the records from which `path` leads to one of `rows`."""
        records: QuerySet[Any] = self.root._default_manager.filter(
            **{f"{path}__in": RawSQL(rows, ())}  # noqa: S611 (our own text)
        )
        return inlined(records.order_by().values("pk"), self.connection)


def _join(*parts: str) -> str:
    return "__".join(filter(None, parts))
