"""`manage.py backup` and `restore`: what comes back is what there was, or nothing has changed."""

import os
import stat
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client

from api.snapshot import snapshot
from config.backup import BackupError
from config.backup.programs import programs_for
from config.embedded.account import MAJOR_VERSION, binaries
from ingest.importing import IMPORT_LOCK
from sources.models import Edit, Publisher, Revision
from sources.trail import made_by
from tests.config.backups import (
    ENTRY,
    PASSWORD,
    PATIENCE,
    ask,
    beside,
    dump_alone,
    refused,
    run,
    served,
    sql,
)

pytestmark = pytest.mark.processes

# Whether everybody may have lines written by the owner.
TRAIL_IS_OPEN = """
SELECT has_function_privilege('public', 'sources_keep_edit()', 'EXECUTE')
"""

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
        # What a backup does not hold is given and taken anew.
        assert sql(TRAIL_IS_OPEN) == [(False,)]
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
