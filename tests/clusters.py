"""Database servers of a test's own: a primary and standbys of it, as their operator would set them up."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psutil
import psycopg

from config.embedded.account import Account, clean_environment, server_account

NAME = "dateline"
SUPERUSER = "postgres"
PATIENCE = 60

# Small and quick, and in no hurry to write to the disk.
SETTINGS = """
listen_addresses = ''
port = 5432
max_connections = 60
shared_buffers = 64MB
timezone = 'UTC'
fsync = off
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 500ms
"""
LOCALE = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--lc-ctype=C.UTF-8",
)


class Server:
    """One server, whose socket lies beside its data."""

    def __init__(self, home: Path, account: Account) -> None:
        self.home, self.account = home, account
        account.give(home)
        self.data = home / "data"
        self.log = home / "log"

    @property
    def url(self) -> str:
        """The address of its database, for DATABASE_URL."""
        return f"postgres://{SUPERUSER}@{quote(str(self.home), safe='')}/{NAME}"

    def make(self) -> Self:
        initdb = self.account.command("initdb", "-D", self.data, "-U", SUPERUSER, "--auth=trust")
        self.account.run([*initdb, "--encoding=UTF8", *LOCALE, "--no-sync", "--no-instructions"])
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS)
        return self

    def copy(self, home: Path) -> "Server":
        """Make a standby of it, with PostgreSQL's own program for that."""
        standby = Server(home, self.account)
        # With a slot: what it has not got yet is kept for it, however long it is away.
        how = (
            "-R",
            "-c",
            "fast",
            "-C",
            "-S",
            f"standby_{home.name}",
            "-h",
            self.home,
            "-U",
            SUPERUSER,
        )
        self.account.run(self.account.command("pg_basebackup", "-D", standby.data, *how))
        return standby

    def follow(self, primary: "Server") -> Self:
        """Make a standby of what was a primary and has ended, with PostgreSQL's own program for that."""
        source = f"host={primary.home} user={SUPERUSER} dbname={SUPERUSER}"
        how = ("-R", "--source-server", source)
        self.account.run(self.account.command("pg_rewind", "-D", self.data, *how))
        return self.start()

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.account.command("postgres", "-D", self.data, "-k", self.home),
                stdout=log,
                stderr=log,
                cwd="/",
                env=clean_environment(),
                start_new_session=True,
            )
        self.wait_for("SELECT 1", SUPERUSER)
        return self

    @property
    def processes(self) -> list[psutil.Process]:
        """The server, and the processes of its sessions and duties."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
            server = psutil.Process(number)
            return [server, *server.children()]
        except (OSError, psutil.Error):
            return []

    def send(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server: SIGSTOP, to have it hang."""
        for process in self.processes:
            # A server's processes come and go.
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def kill(self) -> None:
        """Stop it as a crash would (`pg_ctl stop -m immediate`)."""
        self.running.send_signal(signal.SIGQUIT)
        self.running.wait(PATIENCE)

    def connect(self, name: str = NAME) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.home), dbname=name, user=SUPERUSER, autocommit=True, connect_timeout=5
        )

    def ask(self, sql: str, *values: Any, name: str = NAME) -> Any:
        """Return the first value that a statement gives."""
        with self.connect(name) as connection:
            cursor = connection.execute(sql, values or None)
            row = cursor.fetchone() if cursor.description else None
        return row and row[0]

    def wait_for(self, sql: str, name: str = NAME) -> None:
        """Wait until a statement gives what is true."""
        for _ in range(PATIENCE * 20):
            try:
                if self.ask(sql, name=name):
                    return
            except psycopg.OperationalError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{sql}\n{self.log.read_text()[-2000:]}")


@contextmanager
def servers() -> Iterator[Any]:
    """Yield a function that makes a server, or a standby of one, and starts it; end all that run after."""
    # Short, as the path of a socket has to be.
    folder = Path(tempfile.mkdtemp(prefix="dl-"))
    account = server_account(folder)
    made: list[Server] = []

    def make(primary: Server | None = None, settings: str = "") -> Server:
        home = folder / str(len(made))
        server = primary.copy(home) if primary else Server(home, account).make()
        with (server.data / "postgresql.conf").open("a") as configuration:
            configuration.write(settings)
        made.append(server.start())
        if primary is None:
            server.ask(f"CREATE DATABASE {NAME}", name=SUPERUSER)
        return server

    try:
        yield make
    finally:
        for server in made:
            server.send(signal.SIGCONT)
            server.kill()
        shutil.rmtree(folder)
