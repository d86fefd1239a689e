"""Nobody waits for ever: a table that is locked costs a request some seconds, and others nothing."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests.clusters import servers
from tests.service import Service, fetch, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

# Seconds after which a request gives up waiting for a lock, and some for a machine that is busy.
GIVES_UP = 5 + 10
# Fewer than the threads of a worker.
MANY = 6


def test_a_table_that_is_locked_holds_nobody(tmp_path: Path) -> None:
    data = tmp_path / "data"
    service = Service(data, PORT=str(free_port()), WORKERS="1")

    def refused(_: int) -> tuple[int, str, str]:
        with pytest.raises(HTTPError) as error:
            fetch(f"{base}/api/events")
        with error.value as told:
            return told.code, told.headers["Content-Type"], told.headers["Retry-After"]

    try:
        base = service.base()
        folder = data / "postgres" / "socket"
        if not folder.is_dir():
            pytest.skip("the path is too long for a socket, which then lies elsewhere")
        address = f"host={folder} user=dateline dbname=dateline"
        with psycopg.connect(address) as writer, ThreadPoolExecutor(MANY) as clients:
            writer.execute("LOCK TABLE events_event")
            began = time.monotonic()
            answers = clients.map(refused, range(MANY))
            assert fetch(f"{base}/livez") == {"status": "alive"}
            assert fetch(f"{base}/api/actors")["count"] == 22
            assert set(answers) == {(503, "application/problem+json", "5")}
            assert time.monotonic() - began < GIVES_UP
            writer.rollback()
        assert fetch(f"{base}/api/events")["count"] == 29
        service.interrupt()
    finally:
        if service.process.poll() is None:
            service.kill()


def test_forms_are_told_of_a_database_that_does_not_answer(tmp_path: Path) -> None:
    """Also those that come with a session, which is looked up before anything else."""
    with servers() as make:
        database = make()
        settings = {"DATABASE_URL": database.url, "PORT": str(free_port()), "WORKERS": "1"}
        service = Service(tmp_path / "data", **settings)
        try:
            base = service.base()
            database.send(signal.SIGSTOP)
            assert answers(base) == {(503, "5")}
            database.send(signal.SIGCONT)
            database.kill()
            assert answers(base) == {(503, "5")}
            assert "Traceback" not in service.said
        finally:
            service.kill()


def answers(base: str) -> set[tuple[int, str | None]]:
    """Return how the admin answers those who say that they are signed in."""
    session = {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}

    def answered(request: Request) -> tuple[int, str | None]:
        with pytest.raises(HTTPError) as error:
            urlopen(request, timeout=30)
        with error.value as told:
            return told.code, told.headers["Retry-After"]

    requests = [
        Request(f"{base}{path}", b"a=b" if method == "POST" else None, session, method=method)
        for path in ("/admin/", "/admin/login/", "/admin/events/event/")
        for method in ("POST", "DELETE", "GET")
    ]
    with ThreadPoolExecutor(MANY) as clients:
        return set(clients.map(answered, requests))
