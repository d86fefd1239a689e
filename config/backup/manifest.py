"""What a backup says of itself: when and of what it was made, and how to tell that it came back whole."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from api.state import read_state
from config.backup.errors import BackupError
from config.backup.programs import server_version
from events.models import Event

# Of this form of the file. Another one is not read.
FORMAT = 1

# Who is logged in is nobody's business later, and who has logged out is not to be logged in again.
LEFT_OUT = Session._meta.db_table

# What PostgreSQL writes values as text by, for the checksum to be the same everywhere.
AS_TEXT = """
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL DateStyle = 'ISO, YMD';
    SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL extra_float_digits = 1;
    SET LOCAL bytea_output = 'hex';
"""

# Tables of the schema, with the columns that the database does not make of others.
TABLES = """
    SELECT relname, array_agg(attname::text ORDER BY attnum)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
        AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    GROUP BY relname ORDER BY relname"""

# The sum of hashes of all rows: the same in whatever order they lie.
CHECKSUM = """
    SELECT count(*), coalesce(sum(
        ('x' || left(encode(sha256(convert_to(ROW({columns})::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint
    ), 0)::text FROM {table}"""


@dataclass(frozen=True)
class Table:
    """What a table held: its columns without the generated ones, how many rows, and their checksum."""

    name: str
    columns: list[str]
    rows: int
    checksum: str


@dataclass(frozen=True)
class Manifest:
    """What stands in a backup beside the dump."""

    format: int
    version: str
    made_at: str
    postgresql: int
    schema: str
    revision: int
    changed_at: str
    migrations: list[list[str]]
    tables: list[Table]

    @property
    def contents(self) -> str:
        """What there is in it, as it is told."""
        rows = {table.name: table.rows for table in self.tables}
        return (
            f"{rows.get(Event._meta.db_table, 0):,} events, {sum(rows.values()):,} rows of "
            f"{len(rows)} tables, data revision {self.revision} of {self.changed_at}"
        )

    @classmethod
    def now(cls) -> Self:
        """Return that of the database as this transaction sees it."""
        number, changed_at = read_state()
        with connection.cursor() as cursor:
            cursor.execute(AS_TEXT)
            cursor.execute("SELECT current_schema()")
            (schema,) = cursor.fetchone()
            cursor.execute(TABLES)
            found = [(name, columns) for name, columns in cursor.fetchall() if name != LEFT_OUT]
            tables = []
            for name, columns in found:
                cursor.execute(checksum(schema, name, columns))
                tables.append(Table(name, columns, *cursor.fetchone()))
        return cls(
            format=FORMAT,
            version=settings.VERSION,
            made_at=_moment(datetime.now(UTC)),
            postgresql=server_version(),
            schema=schema,
            revision=number,
            changed_at=_moment(datetime.fromtimestamp(changed_at // 1_000_000, UTC)),
            migrations=sorted(map(list, MigrationRecorder(connection).applied_migrations())),
            tables=tables,
        )

    def to_json(self) -> str:
        """Return it as it stands in the file."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read it. Raises ValueError for what is none."""
        try:
            said: dict[str, Any] = json.loads(text)
            if said["format"] != FORMAT:
                raise BackupError(
                    f"This is a backup of form {said['format']}, and this version reads form {FORMAT}. "
                    f"It was made by version {said['version']}; restore it with that."
                )
            return cls(**said | {"tables": [Table(**table) for table in said["tables"]]})
        except (KeyError, TypeError) as error:
            raise ValueError(str(error)) from error

    def unknown_migrations(self) -> list[str]:
        """Return the migrations that the data have gone through and this version does not know."""
        known = MigrationLoader(None).disk_migrations
        return [f"{app}.{name}" for app, name in self.migrations if (app, name) not in known]


def checksum(schema: str, name: str, columns: list[str]) -> str:
    """Return the query for number and checksum of the rows of a table: what `Table` says of it."""
    query = sql.SQL(CHECKSUM).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)), table=sql.Identifier(schema, name)
    )
    return query.as_string()


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
