"""PostgreSQL's own programs: which of those that are here fit the server, and how they reach our database.

pg_dump reads servers of its own major version and older ones, no newer ones. What its newer versions write
may hold settings that an older server does not know. So the oldest that is new enough is taken: of those
that come with the embedded server, or else the one on PATH.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connection
from psycopg.pq import Conninfo

from config.backup.errors import BackupError
from config.embedded.account import releases

# How errors begin, and the lines that belong to them.
ERROR = re.compile(r"^(\w+: |psql:\S+ )?(error|fatal): ", re.IGNORECASE)
DETAIL = re.compile(r"^(\w+: )?(detail|hint): ", re.IGNORECASE)

NEEDED = ("pg_dump", "pg_restore", "psql")


def programs_for(server: int) -> Path:
    """Return the folder of programs for a server of this major version.

    Raises BackupError when all that are here are older.
    """
    found = [(version, place) for place in _places() if (version := _version(place)) >= server]
    if not found:
        raise BackupError(
            f"The database runs on PostgreSQL {server}, and only programs of older versions are here: "
            f"install those of {server} (pg_dump, pg_restore, psql) where PATH finds them."
        )
    return min(found, key=lambda candidate: candidate[0])[1]


def server_version() -> int:
    """Return the major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (version,) = cursor.fetchone()
    return int(version)


@contextmanager
def running(program: Path, *arguments: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on our database until it ends, or until it is ended for an exception here.

    It never asks for a password, and none is on its command line.
    """
    command = [str(program), *arguments]
    with subprocess.Popen(command, env=_environment(), **streams) as process:  # noqa: S603 (no shell)
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def complaint(said: IO[bytes]) -> str:
    """Return the first error of what a program said, with what it adds to it."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    wrong = [number for number, line in enumerate(lines) if ERROR.search(line)]
    told = lines[wrong[0] :] if wrong else lines
    details = [line for line in told[1:3] if DETAIL.search(line)]
    return (
        " ".join(ERROR.sub("", line).strip() for line in told[:1] + details) or "no reason is told"
    )


def _environment() -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs connect as we do."""
    parameters: dict[str, Any] = connection.get_connection_params()
    known = {
        option.envvar.decode(): str(parameters[option.keyword.decode()])
        for option in Conninfo.get_defaults()
        if option.envvar and parameters.get(option.keyword.decode()) is not None
    }
    # Messages are looked through, and so have to be in one language.
    return os.environ | {"LC_ALL": "C"} | known


def _places() -> Iterator[Path]:
    yield from releases()
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent


def _version(place: Path) -> int:
    """Return the major version of the programs in a folder; 0 where one is missing."""
    if not all((place / program).exists() for program in NEEDED):
        return 0
    done = subprocess.run(  # noqa: S603 (no shell)
        [str(place / "pg_dump"), "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"\) (\d+)", done.stdout)
    return int(version[1]) if version else 0
