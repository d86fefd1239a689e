"""A database for measurements alone, made for one run and dropped after it.

It is made on the server of DATABASE_URL, or else on an embedded one in a temporary folder; in neither
case is any other database touched.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# Seconds that the embedded server has to stop once nobody uses it any more.
PATIENCE = 10
# Tells a child process which database the run uses.
NAME = "DATELINE_BENCHMARK_DATABASE"
APART = "DATELINE_BENCHMARK_APART"


def run_apart(module: str, arguments: Sequence[str]) -> int | None:
    """Run a module again with a data folder of its own; None when this is that run already."""
    if os.environ.get("DATABASE_URL") or os.environ.get(APART):
        return None
    with tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "DATELINE_DATA": folder, APART: "1"}
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=environment, check=False)
        _wait_for_server(Path(folder))
        return done.returncode


def _wait_for_server(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while list(folder.rglob("postmaster.pid")) and time.monotonic() < deadline:
        time.sleep(0.1)


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make a database with the vocabulary of event types in it, use it, and drop it; yield its name."""
    set_up()
    from django.core.management import call_command
    from django.db import connection

    before = connection.settings_dict["NAME"]
    name = connection.settings_dict["TEST"]["NAME"] = f"dateline_benchmark_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    os.environ[NAME] = name
    try:
        call_command("loaddata", "00-event-types", verbosity=0)
        yield name
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def join_database() -> None:
    """Use the database of the run that started this process."""
    set_up()
    from django.db import connection

    connection.settings_dict["NAME"] = os.environ[NAME]


def set_up() -> None:
    """Set Django up for this process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
