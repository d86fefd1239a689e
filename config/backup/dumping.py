"""From the database to the file, while others read and write: all of one moment."""

import shutil
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile

from django.db import connection

from api.snapshot import snapshot
from config.backup.archive import DUMP, MANIFEST, new_archive
from config.backup.errors import BackupError
from config.backup.manifest import LEFT_OUT, Manifest
from config.backup.programs import complaint, programs_for, running, server_version
from sources.models import Revision

# Whoever changes tables, which takes moments, is waited for so long.
LOCK_WAIT = "60s"


def back_up(path: Path) -> Manifest:
    """Write the database to a new file and return what it says of itself. Raises BackupError."""
    if Revision._meta.db_table not in connection.introspection.table_names():
        raise BackupError("There is nothing to back up: the database holds no tables of ours.")
    with new_archive(path) as archive:
        pg_dump = programs_for(server_version()) / "pg_dump"
        with snapshot(), TemporaryFile() as told:
            manifest = Manifest.now()
            options = _options(manifest.schema)
            with (
                archive.open(DUMP, "w", force_zip64=True) as file,
                running(pg_dump, *options, stdout=PIPE, stderr=told) as dump,
            ):
                shutil.copyfileobj(dump.stdout, file, 2**20)  # type: ignore[arg-type] # (a pipe)
            if dump.returncode:
                raise BackupError(f"The database could not be read: {complaint(told)}")
        archive.writestr(MANIFEST, manifest.to_json())
    return manifest


def _options(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (moment,) = cursor.fetchone()
    return [
        "--format=custom",
        # An eighth larger than at the usual level, in half the time.
        "--compress=3",
        "--no-password",
        f"--snapshot={moment}",
        f"--lock-wait-timeout={LOCK_WAIT}",
        f"--schema={_quoted(schema)}",
        f"--exclude-table-data={_quoted(schema)}.{_quoted(LEFT_OUT)}",
    ]


def _quoted(name: str) -> str:
    """Return a name as a pattern for itself alone."""
    return '"' + name.replace('"', '""') + '"'
