"""Backups that are not made, and files that are not restored: what was there stays as it was."""

import os
import resource
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection

from config.embedded.account import MAJOR_VERSION
from sources.models import Revision
from tests.config.backups import PATIENCE, dump_alone, refused, rewrite, run, served, sql, tables

pytestmark = pytest.mark.processes


def test_a_database_that_is_not_empty_stays(connect: Any, file: Path) -> None:
    run("backup", file)
    before = served(), Revision.current().number
    assert "The database is not empty: it has" in refused("restore", file)
    assert (served(), Revision.current().number) == before


def test_an_empty_database_is_not_backed_up(empty: Any, file: Path) -> None:
    with empty():
        assert "There is nothing to back up" in refused("backup", file)
    assert list(file.parent.iterdir()) == []


def test_a_file_that_is_there_stays(connect: Any, file: Path) -> None:
    file.write_text("precious")
    assert "is there already and stays" in refused("backup", file)
    assert file.read_text() == "precious"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_somebody_else_makes_meanwhile_stays(connect: Any, file: Path) -> None:
    holder = connect()
    holder.execute("LOCK TABLE auth_group IN ACCESS EXCLUSIVE MODE")
    errors = []

    def back_up() -> None:
        try:
            run("backup", file)
        except CommandError as error:
            errors.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=back_up)
    thread.start()
    while not list(file.parent.glob("*.part")):
        assert thread.is_alive()
    file.write_text("precious")
    holder.rollback()
    thread.join(PATIENCE)
    assert "meanwhile" in errors[0]
    assert file.read_text() == "precious"
    assert list(file.parent.iterdir()) == [file]


def test_where_nothing_can_be_written(connect: Any, tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "such" / "folder", Path("/proc/file")):
        assert refused("backup", path).startswith(f"{path} cannot be written: No such file")


def test_a_full_disk_leaves_no_file(connect: Any, file: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        refusal = refused("backup", file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refusal == f"{file} cannot be written: File too large. There is no such file now."
    assert list(file.parent.iterdir()) == []


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 100)


def spoil(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(50_000)
        opened.write(b"spoilt")


def another_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")


def later_form(file: Path) -> None:
    rewrite(file, lambda said: said.update(format=2, version="9.1"))


def later_migration(file: Path) -> None:
    def add(said: dict[str, Any]) -> None:
        said["migrations"].append(["events", "0999_later"])
        said["version"] = "9.1"

    rewrite(file, add)


def later_server(file: Path) -> None:
    rewrite(file, lambda said: said.update(postgresql=99))


def other_schema(file: Path) -> None:
    rewrite(file, lambda said: said.update(schema="elsewhere"))


def half_a_dump(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        dump, manifest = archive.read("database.dump"), archive.read("manifest.json")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("database.dump", dump[: len(dump) // 2])
        archive.writestr("manifest.json", manifest)


def other_rows(file: Path) -> None:
    rewrite(file, lambda said: said["tables"][0].update(checksum="1"))


def no_table(file: Path) -> None:
    rewrite(file, lambda said: said["tables"][0].update(name="nowhere"))


DAMAGES: list[tuple[Callable[[Path], Any], str]] = [
    (Path.unlink, "cannot be read: No such file or directory."),
    (lambda file: (file.unlink(), file.mkdir()), "cannot be read: Is a directory."),
    (lambda file: file.write_bytes(b""), "is no backup that manage.py backup has made."),
    (
        lambda file: file.write_text("id,name\n1,x\n"),
        "is no backup that manage.py backup has made.",
    ),
    (another_zip, "is no backup that manage.py backup has made."),
    (dump_alone, "is a dump of pg_dump, which pg_restore puts into an empty database."),
    (cut, "is cut off: its end is missing."),
    (spoil, "is damaged: what it holds does not have its checksum."),
    (later_form, "of form 2, and this version reads form 1. It was made by version 9.1"),
    (
        later_migration,
        "by version 9.1, which is later than this one: the migration events.0999_later",
    ),
    (later_server, f"is of PostgreSQL 99, and this is PostgreSQL {MAJOR_VERSION}"),
    (other_schema, "is of the schema elsewhere, and the tables of this database are in public"),
    (half_a_dump, "nothing was changed: could not read from input file"),
    (other_rows, "nothing was changed: the table actors_actor did not come back"),
    (no_table, 'nothing was changed: relation "public.nowhere" does not exist'),
]


def test_what_is_no_whole_backup_leaves_nothing(connect: Any, empty: Any, file: Path) -> None:
    run("backup", file)
    with empty():
        for number, (damage, reason) in enumerate(DAMAGES):
            copy = Path(shutil.copy(file, file.with_name(f"copy-{number}")))
            damage(copy)
            assert reason in refused("restore", copy)
            assert tables() == set()
        run("restore", file)


def test_what_does_not_come_back_whole_replaces_nothing(connect: Any, file: Path) -> None:
    run("backup", file)
    other_rows(file)
    sql("DELETE FROM events_participation")
    before = served(), Revision.current().number
    assert "did not come back as it was backed up" in refused("restore", file, "--replace")
    assert (served(), Revision.current().number) == before


def test_a_writer_who_does_not_end_is_not_waited_for(
    connect: Any, file: Path, monkeypatch: Any
) -> None:
    run("backup", file)
    monkeypatch.setattr("config.backup.restoring.LOCK_WAIT", "200ms")
    connect().execute("UPDATE events_event SET title = 'Another'")
    before, began = served(), time.monotonic()
    assert "nothing was changed: canceling statement due to lock timeout" in refused(
        "restore", file, "--replace"
    )
    # Before anything was done, and not at the end of it.
    assert time.monotonic() - began < PATIENCE
    assert served() == before
