"""An import whose process is killed: what is served stays as it was, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

pytestmark = [pytest.mark.processes, pytest.mark.slow]

PATIENCE = 60
COUNT = 1_500
# What the server is doing while it is killed, as its statements tell; each a phase of the import.
PHASES = (
    "COPY %",
    "%INSERT INTO refs\\_%",
    "CREATE TEMP TABLE ready\\_%",
    "INSERT INTO events\\_%",
    "%INSERT INTO events\\_eventbody%",
)


def rows(best: str) -> list[dict[str, str]]:
    return [
        {
            "id": str(number),
            "date_start": f"2031-{number % 12 + 1:02}-01",
            "date_end": f"2031-{number % 12 + 1:02}-01",
            "where_coordinates": f"Town {number % 400} town",
            "side_b": f"Front {number % 40}",
            "side_b_new_id": str(9200 + number % 40),
            "best": best,
        }
        for number in range(1, COUNT + 1)
    ]


def start(world: Any, path: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "ingest", "ucdp-ged", str(path)],
        cwd=settings.PROJECT,
        env={**os.environ, "DATABASE_URL": world.url, "DATELINE_DATA": str(settings.DATA_FOLDER)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.002)
    raise AssertionError("this took too long")


def others(admin: Any, statement: str) -> list[Any]:
    """Return the other sessions of this database that are at a statement, or were at last."""
    return admin.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND query LIKE %s AND backend_type = 'client backend'",
        [statement],
    ).fetchall()


def left_behind(admin: Any) -> list[Any]:
    """Return the tables of other sessions that end with them."""
    return admin.execute(
        "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"
    ).fetchall()


def test_a_killed_import_leaves_the_old_data_and_nothing_else(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(rows("10")))
    before, number = world.served(), world.revision()
    checksum = "SELECT md5(string_agg(body, '' ORDER BY event_id)) FROM events_eventbody"
    bodies = world.sql(checksum)
    path = ged(rows("20"), "GEDEvent_v31_2.csv")
    with world.connect() as admin:
        for phase in PHASES:
            process = start(world, path)
            until(lambda: others(admin, phase) or process.poll() is not None)  # noqa: B023
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL, f"it was done before {phase} was seen"
            until(lambda: not left_behind(admin))
            assert (world.sql(checksum), world.revision()) == (bodies, number)
        assert world.served() == before

        # Whoever comes next is not kept out by one who is dead.
        process = start(world, path)
        assert process.wait(PATIENCE) == 0
        assert not left_behind(admin)
    after = world.all("events", dataset="ucdp-ged")
    assert {(event["deaths"]["best"], event["revision"]) for event in after.values()} == {(20, 2)}
    done = world.load("ucdp-ged", path)
    assert done.of_kind("events") == (0, 0, COUNT, 0)
