"""Where faults take place: the service, its database, and what they were before.

The database is the embedded server under its keeper or, for faults that would not last under one, the same
programs started here, which the service knows by its address.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.embedded import Cluster
from config.embedded.keeper import running_server
from tests.faults.load import truth
from tests.faults.relay import Relay
from tests.service import PROJECT, Service, fetch, free_port

WORKERS = 2
# How many made-up events are served, and how many there are after an import.
EVENTS, MORE = 5_000, 15_000
IMPORT = ("synthesize", str(MORE))
PATIENCE = 90
ACCESS = "local all all trust\nhost all all 127.0.0.1/32 trust\n"


def until(is_so: Callable[[], Any], seconds: float = PATIENCE, what: str = "this") -> Any:
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} took longer than {seconds} s")


def manage(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a command of the project."""
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=known | {"DATELINE_DATA": str(data)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def finished(process: subprocess.Popen[bytes]) -> str:
    """Wait for a command, which has to succeed, and return what it printed."""
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 0, out.decode()
    return out.decode()


def prepare(folder: Path, events: int = EVENTS) -> Path:
    """Make a data folder with the article's records and made-up events, and return it at rest."""
    data = folder / "prepared"
    service = Service(data, PORT=str(free_port()))
    try:
        service.base()
        finished(manage(data, "synthesize", str(events)))
    finally:
        service.interrupt()
    until(lambda: running_server(Cluster(data).data) is None)
    return data


class OwnServer:
    """PostgreSQL on a cluster, without a keeper: it runs when it is told to."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.port = cluster, free_port()
        access = cluster.home.parent / "access"
        access.write_text(ACCESS)
        self.command = [
            *cluster.server_command(cluster.prepare()),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"),
            *("-c", f"hba_file={access}"),
        ]
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, port: int = 0) -> str:
        return f"postgres://{role}@127.0.0.1:{port or self.port}/dateline"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        with self.cluster.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(self.answers, what="the database's start")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("dateline"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stop it: fast (SIGINT), or as a crash (SIGQUIT)."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def hang(self) -> None:
        """Stop all its processes without ending them."""
        self._tell(signal.SIGSTOP)

    def resume(self) -> None:
        """Let them go on."""
        self._tell(signal.SIGCONT)

    def _tell(self, number: int) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        postmaster = psutil.Process(self.process.pid)
        return [postmaster, *postmaster.children(recursive=True)]


@dataclass
class Journal:
    """Somebody who writes numbers, and remembers those whose writing was acknowledged."""

    connect: Callable[[], psycopg.Connection[Any]]
    acknowledged: list[int] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        number = 0
        while not self.ending.is_set():
            # Whether what was not acknowledged was written nobody knows, so nothing is promised.
            with suppress(psycopg.Error), closing(self.connect()) as session:
                while not self.ending.wait(0.05):
                    number += 1
                    session.execute("INSERT INTO faults_journal VALUES (%s)", [number])
                    self.acknowledged.append(number)
            self.ending.wait(0.05)


class Stage:
    """One service on a copy of what was prepared."""

    def __init__(self, prepared: Path, data: Path, *, own: bool = False, **settings: str) -> None:
        shutil.copytree(prepared, data, symlinks=True, copy_function=_copy)
        _hand_over(prepared, data)
        self.data, self.cluster = data, Cluster(data)
        self.port, self.settings = free_port(), settings
        self.server = OwnServer(self.cluster) if own else None
        self.service: Service | None = None
        self.relay: Relay | None = None
        self.unmount: Callable[[], object] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"http://{self.host}"

    def environment(self, port: int = 0) -> dict[str, str]:
        """Return how commands and the service find the database: by `port`, if somebody stands between."""
        if self.server is None:
            return {}
        return {
            "DATABASE_URL": self.server.url("dateline"),
            "DATABASE_IMPORTER_URL": self.server.url("dateline_importer", port),
            "DATABASE_READER_URL": self.server.url("dateline_reader", port),
        }

    def start(self, port: int = 0) -> None:
        """Start the service, and wait until it answers."""
        settings = {"PORT": str(self.port), "WORKERS": str(WORKERS), **self.environment(port)}
        self.service = Service(self.data, **(settings | self.settings))
        assert self.service.base() == self.base
        until(self._is_ready, what="the service's start")

    def _is_ready(self) -> bool:
        try:
            return bool(fetch(f"{self.base}/readyz")["status"] == "ready")
        except OSError:
            return False

    @contextmanager
    def running(self, port: int = 0) -> Iterator["Stage"]:
        """Run service and database, and end both whatever happens; `port` is between them if it is not 0."""
        if self.server:
            self.server.start()
        try:
            self.start(port)
            with self.database() as session:
                session.execute("CREATE TABLE IF NOT EXISTS faults_journal (number int)")
            self.truth = truth(self.host)
            yield self
        finally:
            if self.service and self.service.process.poll() is None:
                self.service.kill()
            if self.server and self.server.process and self.server.process.poll() is None:
                self.server.resume()
                self.server.stop(signal.SIGQUIT)

    def clear(self) -> None:
        """Remove the data, and what was put in the way, once nobody uses them."""
        if self.relay:
            self.relay.close()
        until(lambda: running_server(self.cluster.data) is None, what="the database's end")
        if self.unmount:
            time.sleep(2)  # for its keeper
            self.unmount()
        shutil.rmtree(self.data, ignore_errors=True)

    def database(self, role: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection of our own, past whatever stands between."""
        if self.server:
            return psycopg.connect(self.server.url(role), autocommit=True)
        place = self.cluster.connection_parameters()
        return psycopg.connect(**{**place, "user": role}, autocommit=True)

    def postmaster(self) -> psutil.Process:
        """Return the database's first process."""
        if self.server:
            return self.server.processes()[0]
        found = until(lambda: running_server(self.cluster.data), what="the database's start")
        assert isinstance(found, psutil.Process)
        return found

    def backends(self, role: str = "dateline_reader") -> list[int]:
        """Return the process ids of the sessions of a role: those of the service, if it is the reader."""
        with self.database() as session:
            rows = session.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = %s", [role]
            ).fetchall()
        return [pid for (pid,) in rows]

    def importing(self) -> subprocess.Popen[bytes]:
        """Start the import of more events; return it under way."""
        process = self.command(*IMPORT)
        until(lambda: self.backends("dateline_importer"), what="the import's start")
        return process

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        assert self.service is not None
        return self.service.workers()

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command of the project on this database."""
        return manage(self.data, *arguments, **self.environment())


def _copy(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


def _hand_over(source: Path, target: Path) -> None:
    """Give each file of a copy the owner of the original."""
    for path in (source, *source.rglob("*")):
        copy = target / path.relative_to(source)
        if copy.exists():
            found = path.lstat()
            os.chown(copy, found.st_uid, found.st_gid)
