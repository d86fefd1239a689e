"""What the embedded database consists of, and how it is made.

Everything lies in `<folder>/postgres`, which only its owner can enter:

    data/         PostgreSQL's own files
    socket/       the socket that clients connect to
    server.log    what the server and its keeper say
    users.lock    locked, shared, by every process that uses the server
    start.lock    locked by the process that is starting it
    keeper.lock   locked by the process that keeps it running
"""

import hashlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from config.embedded.account import (
    MAJOR_VERSION,
    Account,
    client_name,
    private_folder,
    server_account,
)
from config.embedded.errors import EmbeddedPostgresError

NAME = "dateline"
SUPERUSER = "postgres"
# Who may change rows, and who may read what is served (config/roles.py).
IMPORTER, READER = f"{NAME}_importer", f"{NAME}_reader"
LET_IN = (NAME, IMPORTER, READER, SUPERUSER)
PORT = 5432

# A socket's whole path may have 103 bytes on macOS and 107 on Linux.
SOCKET_PATH_BYTES = 103

# Where sockets of very long paths go. Not TMPDIR: it differs between processes that must meet.
SHORT_PLACE = Path("/tmp")  # noqa: S108 - a private folder is made inside, with its owner checked

# Megabytes of the server's cache.
LEAST_BUFFERS, MOST_BUFFERS = 64, 2048

# Letters of every script must count as letters in text search, which asks the C library.
LETTERS = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"

CONFIGURATION = f"""

# ---- Settings of this project: an embedded server for one application ----
listen_addresses = ''                   # no network, only the socket
port = {PORT}
unix_socket_permissions = 0700
max_connections = 100
work_mem = 16MB
random_page_cost = 1.1                  # solid-state disks
max_parallel_workers_per_gather = 1
max_wal_size = 8GB                      # an import of a million events writes some 6 GB, and
checkpoint_timeout = 15min              # after each checkpoint pages are written whole again
wal_compression = on
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off                 # the keeper writes and bounds the one log file
lc_messages = 'C'
"""

ACCESS = f"""# Only the account that owns this database may connect; there are no passwords.
# TYPE  DATABASE  USER                   METHOD
local   all       {",".join(LET_IN)}      peer map={NAME}
"""

# Imports check foreign keys themselves, all at once (ingest/references.py).
BOOTSTRAP = f"""CREATE ROLE {NAME} LOGIN CREATEDB;
CREATE DATABASE {NAME} OWNER {NAME};
GRANT SET ON PARAMETER session_replication_role TO {NAME};
"""


@dataclass(frozen=True)
class Cluster:
    """The database cluster that lives in one folder, whether it exists yet or not."""

    folder: Path

    def __post_init__(self) -> None:
        """Settle the path, so that all processes mean the same place by it."""
        object.__setattr__(self, "folder", self.folder.expanduser().resolve())

    @property
    def home(self) -> Path:
        """The folder that holds all of it."""
        return self.folder / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The file that the server and its keeper write to."""
        return self.home / "server.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: beside the data, or in a short place if that cannot be."""
        beside = self.home / "socket"
        fits = len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES
        if fits and "," not in str(beside):  # a comma separates hosts in a client's parameters
            return beside
        mark = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return SHORT_PLACE / f"dateline-{os.geteuid()}-{mark}" / "socket"

    def connection_parameters(self) -> dict[str, Any]:
        """Return what a client needs to connect to the application's database."""
        return {"host": str(self.socket_folder), "port": PORT, "dbname": NAME, "user": NAME}

    def prepare(self) -> Account:
        """Make or check the private folders and return the account that runs the server."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_folder(self.home)
        private_folder(self.socket_folder.parent)
        account = server_account(self.socket_folder.parent)
        account.give(self.socket_folder)
        return account

    def make(self, account: Account) -> None:
        """Make the cluster if it is absent. Call it under the start lock only.

        Raises EmbeddedPostgresError when there is a cluster of another PostgreSQL release.
        """
        self._remove_drafts()
        if self.data.exists():
            self._refuse_other_release()
            self._admit(self.data)
            return
        # Made beside its place and moved there when complete: a kill leaves nothing half made.
        draft = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.home))
        try:
            self._fill(account, account.give(draft))
            draft.rename(self.data)
            _sync(self.home)
        finally:
            # Again, as a killed starter's initdb may have worked on in its own draft meanwhile.
            self._remove_drafts()

    def server_command(self, account: Account) -> list[str]:
        """Return the command line of the server, with what is no part of the data."""
        buffers = f"shared_buffers={_buffer_megabytes()}MB"
        return account.command("postgres", "-D", self.data, "-k", self.socket_folder, "-c", buffers)

    def _remove_drafts(self) -> None:
        for draft in self.home.glob("data.new-*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _refuse_other_release(self) -> None:
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise EmbeddedPostgresError(
                f"{self.data} is not a PostgreSQL data folder: move it away, nothing was changed."
            ) from None
        if found != str(MAJOR_VERSION):
            raise EmbeddedPostgresError(
                f"{self.data} was made by PostgreSQL {found}, but PostgreSQL {MAJOR_VERSION} is "
                "installed; nothing was changed. Write a backup with the version of this software "
                f"that made it (manage.py backup FILE), move {self.home} away, and restore it with "
                "this one (manage.py restore FILE)."
            )

    def _admit(self, data: Path) -> None:
        """Write down who may connect, which an earlier release may have told otherwise."""
        for name, text in (("pg_hba.conf", ACCESS), ("pg_ident.conf", _peers())):
            place = data / name
            if not place.exists() or place.read_text() != text:
                place.write_text(text)

    def _fill(self, account: Account, draft: Path) -> None:
        # Written unsynced and synced once at the end, which takes half the time.
        initdb = account.command("initdb", "--pgdata", draft, "--username", SUPERUSER)
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        text = ("--encoding=UTF8", *locale, f"--lc-ctype={LETTERS}")
        account.run([*initdb, *text, "--auth=peer", "--no-sync", "--no-instructions"])
        with (draft / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION)
        self._admit(draft)
        # A server of one process, which needs no authentication and opens no socket.
        alone = ("--single", "-D", draft, "-c", "exit_on_error=true", SUPERUSER)
        account.run(account.command("postgres", *alone), BOOTSTRAP)
        account.run(account.command("initdb", "--pgdata", draft, "--sync-only"))


def _buffer_megabytes() -> int:
    """Return the size of the server's cache: a quarter of this machine's memory, at most 2 GB.

    PostgreSQL's manual recommends the quarter. Memory that the data do not fill is not taken.
    """
    quarter = psutil.virtual_memory().total // 4 // 2**20
    return max(LEAST_BUFFERS, min(quarter, MOST_BUFFERS))


def _peers() -> str:
    """Return the map that lets the owner's account in, under each of the names."""
    owner = client_name().replace('"', '""')
    lines = (f'{NAME}  "{owner}"  {role}' for role in LET_IN)
    return "\n".join(("# MAP  ACCOUNT  ROLE", *lines)) + "\n"


def _sync(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
