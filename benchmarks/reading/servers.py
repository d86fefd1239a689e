"""The servers of a run: started side by side, asked in turn, and stopped together."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import psutil

from benchmarks.reading.asks import DATASETTE, FASTAPI, KEPT, L1, L2, NINJA, OURS, PLAIN, Ask
from benchmarks.reading.usage import Tree

PATIENCE = 60
HOME = "benchmarks.reading.contestants"
PROJECT = Path(__file__).resolve().parents[2]
GRANIAN = ("-m", f"{HOME}.granian_wsgi")
UVICORN = ("-m", "uvicorn", "--workers", "2", "--log-level", "warning", "--no-access-log")


class NotStarted(RuntimeError):
    """A server that did not come up, with what it said."""


class Server:
    """A server that runs: where it listens and what it costs. Its answers come over one connection."""

    def __init__(self, base: str, tree: Tree) -> None:
        self.base, self.tree = base, tree
        self.connection = HTTPConnection(urlsplit(base).netloc, timeout=PATIENCE)

    def get(self, address: str, etag: str = "") -> tuple[int, bytes, HTTPMessage]:
        """Return status, body and header fields of the answer to an address, whatever the status."""
        fields = {"If-None-Match": etag} if etag else {}
        try:
            self.connection.request("GET", address, headers=fields)
            answer = self.connection.getresponse()
        except (RemoteDisconnected, ConnectionError):
            # Servers close what has long been idle.
            self.connection.close()
            self.connection.request("GET", address, headers=fields)
            answer = self.connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def json(self, address: str) -> Any:
        """Return what is answered to an address, which has to be JSON and no error."""
        status, body, _ = self.get(address)
        if status != 200:
            raise ValueError(f"{address} was answered {status}: {body.decode()[:500]}")
        return orjson.loads(body)


@dataclass(frozen=True)
class Kind:
    """How a server is started, and which contestants it is, each with its way to ask."""

    contestants: Mapping[str, Callable[[Ask], str]]
    command: tuple[str, ...]
    urls: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


KINDS = (
    Kind({OURS: Ask.ours}, ("-m", f"{HOME}.ours"), environment={"ANSWERS_KEPT": "0"}),
    Kind({KEPT: Ask.ours}, ("-m", f"{HOME}.ours"), environment={"BENCHMARK_THREADS": "4"}),
    Kind(
        {L1: lambda ask: ask.limit("l1"), L2: lambda ask: ask.limit("l2")},
        (*GRANIAN, f"{HOME}.limits:application"),
    ),
    Kind(
        {PLAIN: Ask.numbered},
        (*GRANIAN, f"{HOME}.django_wsgi:application"),
        urls=f"{HOME}.plain_drf",
    ),
    Kind(
        {NINJA: Ask.numbered},
        (*GRANIAN, f"{HOME}.django_wsgi:application"),
        urls=f"{HOME}.django_ninja",
    ),
    Kind({FASTAPI: Ask.keyset}, (*UVICORN, f"{HOME}.fastapi_asyncpg:app", "--port")),
    Kind(
        {DATASETTE: Ask.datasette},
        (*UVICORN, "--factory", f"{HOME}.datasette_copy:application", "--port"),
    ),
)
ADDRESSES = {name: address for kind in KINDS for name, address in kind.contestants.items()}


@contextmanager
def started(settings: Mapping[str, Any], sqlite: Path) -> Iterator[dict[str, Server]]:
    """Start all servers on the database of Django's `settings` and on its copy; yield them by contestant."""
    with ExitStack() as stack:
        running = [
            (kind, *stack.enter_context(run(kind, _environment(kind, settings, sqlite))))
            for kind in KINDS
        ]
        servers = {}
        for kind, process, base, log in running:
            wait(process, base, log)
            server = Server(base, Tree(psutil.Process(process.pid)))
            servers.update(dict.fromkeys(kind.contestants, server))
        yield servers


def _environment(kind: Kind, settings: Mapping[str, Any], sqlite: Path) -> dict[str, str]:
    """Return the environment of a server: the database in each of the ways that they want it."""
    parts = {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings.get("PASSWORD") or "",
    }
    given = {name: str(value) for name, value in parts.items() if value}
    environment = {f"BENCHMARK_{name.upper()}": value for name, value in given.items()}
    environment["BENCHMARK_DSN"] = " ".join(f"{name}='{value}'" for name, value in given.items())
    environment["BENCHMARK_SQLITE"] = str(sqlite)
    if kind.urls:
        environment["BENCHMARK_URLS"] = kind.urls
        environment["DJANGO_SETTINGS_MODULE"] = f"{HOME}.django_settings"
    return {**os.environ, **environment, **kind.environment}


@contextmanager
def run(
    kind: Kind, environment: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *kind.command, str(port)],
                cwd=PROJECT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process, f"http://127.0.0.1:{port}", log
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a server with all that it has started."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(base + "/", timeout=PATIENCE):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise NotStarted(f"{' '.join(process.args)} did not start:\n{log.read_text()}")  # type: ignore[arg-type]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
