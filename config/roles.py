"""Who the project is to the database: three roles, each of which may do what it has to and no more.

    owner     owns the tables: `migrate`, and every command that is not named here
    importer  changes rows, and no table: `ingest` and `datasets`, and the admin
    reader    reads what is served, and nothing of accounts and sessions: the API

`DATABASE_ROLES` says as whom each of the latter two connects. `migrate` makes them, where it may, and grants
them what they need.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

IMPORTER, READER = "importer", "reader"

# Accounts, sessions, who failed to sign in and what curators did: nothing that answers to the public needs them.
PRIVATE = {"admin", "auth", "axes", "contenttypes", "sessions"}
PRIVATE_MODELS = {"sources.Edit"}
# What others write on behalf of those who change rows.
WRITTEN_BY_OWNER = {"sources_edit"}
WRITING = ("INSERT", "UPDATE", "DELETE")

# Whoever finds the role missing makes it; of two at once one does.
MAKE = """
DO $$ BEGIN
    CREATE ROLE {role} LOGIN PASSWORD {password};
    ALTER ROLE {role} SET default_transaction_read_only = {read_only};
    IF {checks_references} AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT SET ON PARAMETER session_replication_role TO {role};
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# Which of some names are roles, and whether who asks may make others.
EXIST = """
SELECT array(SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s)), rolsuper OR rolcreaterole
FROM pg_roles WHERE rolname = current_user
"""
SEQUENCES = """
SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
AND pg_has_role(relowner, 'USAGE') ORDER BY relname
"""
# The release of PostgreSQL since which a table's statistics may be gathered by who does not own it.
MAINTAINS = 170000

# What a role is to have and has not, as statements that give it.
MISSING = """
SELECT format('GRANT %%s ON %%s %%I TO %%I', privilege, kind, name, %(role)s::text)
FROM unnest(%(kinds)s::text[], %(names)s::text[], %(privileges)s::text[]) wanted (kind, name, privilege)
WHERE NOT CASE kind WHEN 'TABLE' THEN has_table_privilege(%(role)s::name, quote_ident(name), privilege)
    WHEN 'SCHEMA' THEN has_schema_privilege(%(role)s::name, name, privilege)
    ELSE has_sequence_privilege(%(role)s::name, quote_ident(name), privilege) END
"""
# The same for tables that others have just put in the place of these, whatever has been given before.
ANEW = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT {rights} ON {tables} TO {role};
"""
COUNTING = "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};"

_writer: ContextVar[str | None] = ContextVar("writer", default=None)


def answer_as_reader() -> None:
    """Let this process read as the reader from here on, and write only within `writing`."""
    default = connections.settings[DEFAULT_DB_ALIAS]
    # Few write, and seldom: they need no connection that stays.
    connections.settings[IMPORTER] = {
        **default,
        **settings.DATABASE_ROLES[IMPORTER],
        "CONN_MAX_AGE": 0,
    }
    default.update(settings.DATABASE_ROLES[READER])


@contextmanager
def writing() -> Iterator[None]:
    """Let models be read and written as the importer, where this process has it besides the reader."""
    token = _writer.set(IMPORTER if IMPORTER in connections.settings else None)
    try:
        yield
    finally:
        _writer.reset(token)


class Router:
    """Leads the queries of models to the importer's connection within `writing`."""

    def db_for_read(self, *_: Any, **__: Any) -> str | None:
        """Return the alias to read from: what was written a moment ago is seen there."""
        return _writer.get()

    db_for_write = db_for_read


@dataclass(frozen=True)
class Role:
    """A role besides the owner: which it is, and its name and password in the database."""

    kind: str
    name: str
    password: str

    def statement(self) -> str:
        """Return the statement that makes it."""
        return (
            sql.SQL(MAKE)
            .format(
                role=sql.Identifier(self.name),
                password=sql.Literal(self.password or None),
                read_only=sql.Literal("on" if self.kind == READER else "off"),
                checks_references=sql.Literal(self.kind == IMPORTER),
            )
            .as_string()
        )

    def wants(self, connection: BaseDatabaseWrapper) -> list[tuple[str, str, str]]:
        """Return what it needs, each with its kind and the privilege."""
        tables = self.tables(connection, connection.introspection.table_names())
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            found = [("SCHEMA", *cursor.fetchone(), "USAGE")]
            if self.kind == IMPORTER:
                cursor.execute(SEQUENCES)
                found += [("SEQUENCE", name, "USAGE") for (name,) in cursor.fetchall()]
        rights = self.rights(connection)
        return found + [
            ("TABLE", table, right)
            for table in tables
            for right in rights
            if right not in WRITING or table not in WRITTEN_BY_OWNER
        ]

    def tables(self, connection: BaseDatabaseWrapper, existing: Iterable[str]) -> list[str]:
        """Return the tables among those that exist that it has to do with."""
        known = connection.introspection.django_table_names()
        return sorted({*existing}.intersection(_served() if self.kind == READER else known))

    def rights(self, connection: BaseDatabaseWrapper) -> list[str]:
        """Return what it may do with its tables."""
        if self.kind == READER:
            return ["SELECT"]
        # To gather statistics of what was loaded, too.
        maintains = ["MAINTAIN"] if connection.pg_version >= MAINTAINS else []  # type: ignore[attr-defined]
        return ["SELECT", "INSERT", "UPDATE", "DELETE", *maintains]


def roles(connection: BaseDatabaseWrapper) -> list[Role]:
    """Return the roles that connect under a name of their own."""
    return [
        Role(kind, place["USER"], place.get("PASSWORD", ""))
        for kind, place in settings.DATABASE_ROLES.items()
        if place.get("USER", "") not in ("", connection.settings_dict["USER"])
    ]


def make(cursor: Any, wanted: Iterable[Role]) -> list[Role]:
    """Make the roles that there are not; return them instead if who asks may make none."""
    cursor.execute(EXIST, [[role.name for role in wanted]])
    names, may = cursor.fetchone()
    absent = [role for role in wanted if role.name not in names]
    if not may:
        return absent
    for role in absent:
        cursor.execute(role.statement())
    return []


def grant(connection: BaseDatabaseWrapper, role: Role) -> None:
    """Give a role what it needs of this database and has not."""
    kinds, names, privileges = map(list, zip(*role.wants(connection), strict=True))
    values: dict[str, Any] = {
        "role": role.name,
        "kinds": kinds,
        "names": names,
        "privileges": privileges,
    }
    with connection.cursor() as cursor:
        cursor.execute(MISSING, values)
        for (line,) in cursor.fetchall():
            cursor.execute(line)
        for table in WRITTEN_BY_OWNER.intersection(names):
            cursor.execute(_withdrawn(sql.Identifier(table), role))


def _withdrawn(table: sql.Identifier, role: Role) -> str:
    """Return the statement that takes from a role what it had in an earlier release, or is given with all else."""
    rights = sql.SQL(", ").join(map(sql.SQL, WRITING))
    name = sql.Identifier(role.name)
    return sql.SQL("REVOKE {} ON {} FROM {};").format(rights, table, name).as_string()


def granting_anew(
    connection: BaseDatabaseWrapper, schema: str, tables: Iterable[str]
) -> Iterator[str]:
    """Yield the statements that give the roles that are there what they need of `tables`, just made in `schema`."""
    wanted, tables = roles(connection), list(tables)
    with connection.cursor() as cursor:
        cursor.execute(EXIST, [[role.name for role in wanted]])
        names, _ = cursor.fetchone()
    for role in wanted:
        if role.name in names:
            yield (
                sql.SQL(ANEW + COUNTING if role.kind == IMPORTER else ANEW)
                .format(
                    schema=sql.Identifier(schema),
                    role=sql.Identifier(role.name),
                    rights=sql.SQL(", ").join(map(sql.SQL, role.rights(connection))),
                    tables=sql.SQL(", ").join(
                        sql.Identifier(schema, table) for table in role.tables(connection, tables)
                    ),
                )
                .as_string()
            )
            for table in WRITTEN_BY_OWNER.intersection(role.tables(connection, tables)):
                yield _withdrawn(sql.Identifier(schema, table), role)


def _served() -> Iterator[str]:
    """Yield the tables that answers are made from, and that tell whether the database is ready."""
    yield MigrationRecorder.Migration._meta.db_table
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in PRIVATE and model._meta.label not in PRIVATE_MODELS:
            yield model._meta.db_table
