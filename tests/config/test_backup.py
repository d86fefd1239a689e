"""`manage.py backup` and `restore`: what comes back is what there was, or nothing has changed."""

import json
import os
import resource
import shutil
import stat
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from api.snapshot import snapshot
from config.backup import BackupError
from config.backup.programs import programs_for
from config.embedded.account import MAJOR_VERSION, binaries
from config.urls import router
from ingest.importing import IMPORT_LOCK
from sources.models import Edit, Publisher, Revision
from sources.trail import made_by
from tests.databases import copied

pytestmark = pytest.mark.processes

PASSWORD = "long and not told to anyone"  # noqa: S105 (of a test)
ENTRY = "/api/events/azerbaijani-forces-enter-aghdam"
PATIENCE = 60


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dateline.backup"


@pytest.fixture
def empty(connect: Any, django_db_blocker: Any) -> Callable[[], Any]:
    """Return a function that works on an empty database, beside that of the test."""
    return lambda: copied("template0", django_db_blocker)


def run(command: str, *arguments: Any) -> str:
    said = StringIO()
    call_command(command, *map(str, arguments), stdout=said)
    return said.getvalue()


def refused(command: str, *arguments: Any) -> str:
    with pytest.raises(CommandError) as refusal:
        run(command, *arguments)
    return str(refusal.value)


def sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def tables() -> set[str]:
    return set(connection.introspection.table_names())


def ask(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def served() -> dict[str, Any]:
    """Return what all lists answer, and the index but for the state of the data."""
    moving = dict.fromkeys(("data_revision", "data_changed_at"))
    lists = {name: ask(f"/api/{name}?page_size=1000").json() for name, _, _ in router.registry}
    return lists | {"index": ask("/api").json() | moving}


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Do something over and over in another thread, at least once, and fail if it fails."""
    done, worked, errors = threading.Event(), threading.Event(), []

    def loop() -> None:
        try:
            while not done.is_set():
                work()
                worked.set()
        except Exception as error:
            errors.append(error)
        finally:
            worked.set()
            connection.close()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        assert worked.wait(PATIENCE)
        yield
    finally:
        done.set()
        thread.join(PATIENCE)
    assert not errors


def rewrite(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Write a backup anew, in which the manifest says something else."""
    with zipfile.ZipFile(file) as archive:
        dump, manifest = archive.read("database.dump"), json.loads(archive.read("manifest.json"))
    change(manifest)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("database.dump", dump)
        archive.writestr("manifest.json", json.dumps(manifest))


# ---- There and back ----


def test_all_comes_back(connect: Any, empty: Any, file: Path) -> None:
    curator = User.objects.create_superuser("curator", password=PASSWORD)
    with made_by("curator"):
        Publisher.objects.update(website="https://example.org")
    trail = list(Edit.objects.values())
    assert trail
    client = Client()
    client.force_login(curator)
    assert Session.objects.count() == 1
    before, number = served(), Revision.current().number
    said = run("backup", file)
    assert said.startswith(f"{file}: 29 events, ")
    assert f" tables, data revision {number} of 20" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    with empty():
        said = run("restore", file)
        assert said.startswith("Restored, and every table is as it was backed up: 29 events, ")
        assert served() == before
        run("check_bodies")
        assert list(Edit.objects.values()) == trail
        assert User.objects.get().check_password(PASSWORD)
        # A number that the database gives is not one that is taken.
        Publisher.objects.create(public_id="new", name="New")
        # Whoever was logged in is not so by what lies in a file.
        assert client.get("/admin/").status_code == 302
        assert ask("/readyz").status_code == 200


def test_what_comes_back_has_tags_of_its_own(connect: Any, file: Path) -> None:
    run("backup", file)
    before = ask(ENTRY)
    sql("UPDATE events_event SET title = 'Another' WHERE public_id = 'celebrations-in-baku'")
    sql(
        "UPDATE events_event SET title = 'Another' WHERE public_id = 'azerbaijani-forces-enter-aghdam'"
    )
    between = ask(ENTRY)
    assert between.json()["title"] == "Another"
    number = Revision.current().number
    run("restore", file, "--replace")
    # Nothing that a process has remembered is told any more, and no cache may keep what it has.
    after = ask(ENTRY)
    assert after.json() == before.json()
    assert len({answer["ETag"] for answer in (before, between, after)}) == 3
    for tag in (before["ETag"], between["ETag"]):
        assert ask(ENTRY, if_none_match=tag).status_code == 200
    assert ask(ENTRY, if_none_match=after["ETag"]).status_code == 304
    assert Revision.current().number == number + 1


def test_what_is_written_afterwards_is_a_change(connect: Any, empty: Any, file: Path) -> None:
    # In another cluster a transaction may have the number of the one that wrote last in this.
    ((next_one,),) = sql("SELECT pg_current_xact_id()::text::bigint")
    sql(f"UPDATE sources_revision SET transaction = '{next_one + 1_000_000}'")
    run("backup", file)
    with empty():
        run("restore", file)
        assert int(Revision.current().transaction) < next_one + 1_000_000


def test_a_backup_is_of_one_moment(connect: Any, empty: Any, file: Path) -> None:
    open_one, busy = connect(), connect()
    open_one.execute("INSERT INTO auth_group (name) VALUES ('not there yet')")

    def write() -> None:
        busy.execute("UPDATE sources_publisher SET name = pg_current_xact_id()::text")
        busy.execute("UPDATE sources_document SET title = pg_current_xact_id()::text")
        busy.commit()

    with beside(write):
        run("backup", file)
    open_one.commit()
    with empty():
        # What was dumped is what the checksums are of.
        run("restore", file)
        assert sql(
            "SELECT count(DISTINCT name) FROM (SELECT name FROM sources_publisher WHERE public_id = 'npr' "
            "UNION SELECT title FROM sources_document WHERE public_id = 'npr-2020-11-20') AS written"
        ) == [(1,)]
        assert sql("SELECT count(*) FROM auth_group") == [(0,)]


def test_others_read_while_all_is_replaced(connect: Any, file: Path) -> None:
    run("backup", file)
    sql("DELETE FROM events_participation")
    reader, seen = connect(), []

    def read() -> None:
        (count,) = reader.execute("SELECT count(*) FROM events_participation").fetchone()
        seen.append(count)
        reader.rollback()

    with beside(read):
        run("restore", file, "--replace")
    read()
    assert seen[0] == 0
    assert len(set(seen)) == 2
    assert seen == sorted(seen)
    assert sql("SELECT count(*) FROM pg_namespace WHERE nspname ^@ 'dateline'") == [(0,)]


def test_a_snapshot_is_not_older_than_the_tables_that_it_reads(connect: Any) -> None:
    replacing, seen = connect(), []
    replacing.execute("LOCK TABLE sources_revision IN ACCESS EXCLUSIVE MODE")
    replacing.execute("UPDATE sources_revision SET number = 1000")

    def read() -> None:
        with snapshot():
            seen.append(Revision.current().number)
        connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    while replacing.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is None:
        assert thread.is_alive()
    replacing.commit()
    thread.join(PATIENCE)
    # Of a table that came meanwhile an older snapshot would see nothing.
    assert seen == [1000]


def test_an_older_backup_is_brought_up_to_this_version(
    connect: Any, empty: Any, file: Path
) -> None:
    before = served()
    call_command("migrate", "sources", "0005", verbosity=0)
    run("backup", file)
    with empty():
        run("restore", file)
        assert served() == before
        assert ask("/readyz").status_code == 200


# ---- Imports ----


def test_nothing_is_replaced_under_an_import(connect: Any, file: Path) -> None:
    run("backup", file)
    session = connect()
    session.execute("SELECT pg_advisory_lock_shared(%s)", [IMPORT_LOCK])
    assert "Somebody imports" in refused("restore", file, "--replace")
    session.execute("SELECT pg_advisory_unlock_all()")
    session.execute("SELECT pg_advisory_lock(%s)", [IMPORT_LOCK])
    assert "A backup is being restored" in refused("synthesize", 10)
    session.execute("SELECT pg_advisory_unlock_all()")
    run("synthesize", 10)
    run("restore", file, "--replace")


# ---- Refusals ----


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


def dump_alone(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        file.write_bytes(archive.read("database.dump"))


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


# ---- Programs ----


def test_programs_are_the_oldest_that_are_new_enough(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name in ("pg_dump", "pg_restore", "psql"):
        program = tmp_path / name
        program.write_text(
            f"#!/bin/sh\necho '{name} (PostgreSQL) {MAJOR_VERSION + 2}.1 (Debian)'\n"
        )
        program.chmod(0o755)
    assert programs_for(MAJOR_VERSION) == binaries()
    assert programs_for(MAJOR_VERSION + 1) == programs_for(MAJOR_VERSION + 2) == tmp_path
    (tmp_path / "psql").unlink()
    with pytest.raises(BackupError, match=f"install those of {MAJOR_VERSION + 1}"):
        programs_for(MAJOR_VERSION + 1)


def test_pg_restore_alone_can_read_a_backup(connect: Any, file: Path, tmp_path: Path) -> None:
    run("backup", file)
    dump_alone(file)
    listed = subprocess.run(
        [binaries() / "pg_restore", "--list", file], capture_output=True, text=True, check=True
    )
    assert "TABLE DATA public events_event " in listed.stdout
    assert "TABLE DATA public django_session " not in listed.stdout


def test_a_database_that_is_gone_is_told(connect: Any, file: Path, monkeypatch: Any) -> None:
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", "no_such_database")
        assert 'database "no_such_database" does not exist' in refused("backup", file)
    assert list(file.parent.iterdir()) == []
