"""From the file to the database: in one transaction, which holds what was backed up or leaves nothing.

pg_restore writes a script of the dump, and psql runs it between a beginning and an end of ours. The end
compares each table with the checksum that was taken with the backup.

What is replaced is put aside under another name first. So others read it until the commit, and only those
who write have to wait.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryFile
from typing import IO

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from config.backup.archive import open_archive
from config.backup.errors import BackupError
from config.backup.manifest import AS_TEXT, Manifest, Table, checksum
from config.backup.programs import complaint, programs_for, running, server_version
from config.locks import setting_up
from config.roles import granting_anew
from ingest.importing import no_imports
from ingest.report import NothingPublished
from sources.models import Revision
from sources.revision import RENEW

# What is replaced, until the commit.
ASIDE = "dateline_replaced"

# How long whoever writes is waited for.
LOCK_WAIT = "30s"

PRESENT = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"""

BEGIN = """
SET client_min_messages = warning;
BEGIN;
SET LOCAL lock_timeout = '{wait}';
SET LOCAL maintenance_work_mem = '256MB';
"""

# Writers are waited for now, when nothing has been done yet.
PUT_ASIDE = """
LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;
ALTER SCHEMA {schema} RENAME TO {aside};
CREATE SCHEMA {schema};
"""

VERIFY = """
DO $verify$
DECLARE
    found record;
BEGIN
    {query} INTO found;
    IF found IS DISTINCT FROM ({rows}::bigint, {checksum}::text) THEN
        RAISE EXCEPTION 'the table % did not come back as it was backed up', {name};
    END IF;
END $verify$;
"""

# Whoever still reads, a file perhaps, is waited for, half a second at a time, in which nobody else can begin
# to. After a second PostgreSQL would look for a circle of those who wait, and might end a reader for it.
ATTEMPTS = 300

DROP = """
DO $drop$
BEGIN
    SET LOCAL lock_timeout = '500ms';
    FOR attempts_left IN REVERSE {attempts}..0 LOOP
        BEGIN
            DROP SCHEMA {aside} CASCADE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            IF attempts_left = 0 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
END $drop$;
"""


def restore(path: Path, *, replace: bool) -> Manifest:
    """Bring a backup back, and then up to the migrations of this version. Returns what it says of itself.

    Raises BackupError, and then the database is as it was.
    """
    with open_archive(path) as (manifest, dump), _alone():
        server = server_version()
        if server < manifest.postgresql:
            raise BackupError(
                f"{path} is of PostgreSQL {manifest.postgresql}, and this is PostgreSQL {server}: what "
                "a newer one writes, an older one need not understand."
            )
        if unknown := manifest.unknown_migrations():
            raise BackupError(
                f"{path} was made by version {manifest.version}, which is later than this one: the "
                f"migration {unknown[0]} is not known here. Restore it with that version."
            )
        present = _present(manifest.schema)
        if present and not replace:
            raise BackupError(
                f"The database is not empty: it has {len(present)} tables. Name an empty one "
                "(DATELINE_DATA, DATABASE_URL), or replace all that is in it with --replace."
            )
        _run(programs_for(server), manifest, dump, present)
        call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        # Summaries read no table whose pages are known to be all visible.
        cursor.execute("VACUUM")
    return manifest


@contextmanager
def _alone() -> Iterator[None]:
    """Let nobody set the database up meanwhile, nor import into what is about to go."""
    try:
        with setting_up(), no_imports():
            yield
    except NothingPublished as refusal:
        raise BackupError(str(refusal)) from refusal


def _present(schema: str) -> list[str]:
    """Return the tables that are there already, in the schema that the backup is of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (here,) = cursor.fetchone()
        if here != schema:
            raise BackupError(
                f"The backup is of the schema {schema}, and the tables of this database are in "
                f"{here or 'none'}: let search_path begin with {schema}."
            )
        cursor.execute(PRESENT)
        return [table for (table,) in cursor.fetchall()]


def _run(programs: Path, manifest: Manifest, dump: IO[bytes], present: list[str]) -> None:
    """Run the whole script. Raises BackupError, and then nothing was changed."""
    options = ("--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1")
    selection = (f"--schema={manifest.schema}", "--no-owner", "--no-privileges", "--file=-")
    psql, pg_restore = programs / "psql", programs / "pg_restore"
    with TemporaryFile() as told, TemporaryFile() as told_before:
        # Of a pipe that is broken the one at its other end tells the reason.
        with (
            running(psql, *options, stdin=PIPE, stdout=DEVNULL, stderr=told) as run,
            suppress(BrokenPipeError),
            run.stdin as script,  # type: ignore[union-attr] # (a pipe)
        ):
            script.write(_beginning(manifest, present).encode())
            script.flush()
            with (
                running(
                    pg_restore, *selection, stdin=PIPE, stdout=script, stderr=told_before
                ) as reading,
                suppress(BrokenPipeError),
                reading.stdin as archive,  # type: ignore[union-attr] # (a pipe)
            ):
                shutil.copyfileobj(dump, archive, 2**20)
            # Without the end, which commits, nothing has happened.
            if reading.returncode == 0:
                script.write(_end(manifest, present).encode())
        if run.returncode or reading.returncode:
            reason = complaint(told if run.returncode else told_before)
            raise BackupError(f"The backup could not be restored; nothing was changed: {reason}")


def _beginning(manifest: Manifest, present: list[str]) -> str:
    begin = BEGIN.format(wait=LOCK_WAIT)
    if not present:
        return begin
    schema = manifest.schema
    return begin + _filled(
        PUT_ASIDE,
        tables=sql.SQL(", ").join(sql.Identifier(schema, table) for table in present),
        schema=sql.Identifier(schema),
        aside=sql.Identifier(ASIDE),
    )


def _end(manifest: Manifest, present: list[str]) -> str:
    revision = Revision._meta.db_table
    before = f"(SELECT number FROM {ASIDE}.{revision})" if revision in present else "0"  # noqa: S608
    tables = [sql.Identifier(table.name) for table in manifest.tables]
    return "\n".join(
        [
            _filled("SET LOCAL search_path = {schema};", schema=sql.Identifier(manifest.schema)),
            AS_TEXT,
            *(_verification(manifest.schema, table) for table in manifest.tables),
            _filled("ANALYZE {tables};", tables=sql.SQL(", ").join(tables)),
            f"{RENEW.format(before=before)};",
            *granting_anew(connection, manifest.schema, [table.name for table in manifest.tables]),
            # Last, as nobody reads from here on.
            DROP.format(aside=ASIDE, attempts=ATTEMPTS) if present else "",
            "COMMIT;\n",
        ]
    )


def _verification(schema: str, table: Table) -> str:
    return _filled(
        VERIFY,
        query=sql.SQL(checksum(schema, table.name, table.columns)),
        rows=sql.Literal(table.rows),
        checksum=sql.Literal(table.checksum),
        name=sql.Literal(table.name),
    )


def _filled(statement: str, **parts: sql.Composable) -> str:
    return sql.SQL(statement).format(**parts).as_string()
