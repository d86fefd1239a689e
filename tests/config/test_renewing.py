"""Stopping and renewing the service while it answers, in processes of its own."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
import pytest

from config.management.commands.up import STOP_SECONDS
from tests.service import PATIENCE, Service, fetch

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

Start = Callable[..., Service]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("renewing") / "data"


@pytest.fixture
def start(start: Start) -> Start:
    """Return a function that starts a service and waits until it answers."""

    def started(**environment: str) -> Service:
        service = start(**environment)
        service.base()
        return service

    return started


def port_of(service: Service) -> int:
    return int(service.base().rpartition(":")[2])


def workers(service: Service) -> set[int]:
    return {process.pid for process in service.workers()}


def until(happened: Callable[[], Any]) -> Any:
    for _ in range(PATIENCE * 20):
        if found := happened():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_workers_share_the_processors(start: Start, number: int) -> None:
    ours = set(psutil.Process().cpu_affinity())
    shares = [set(each.cpu_affinity()) for each in start(WORKERS=str(number)).workers()]
    assert len(shares) == number
    assert set.union(*shares) == ours
    # Each has as many as any other, but for one.
    sizes = sorted(map(len, shares))
    assert sizes[-1] - sizes[0] <= 1
    assert sum(sizes) == max(number, len(ours))


def renewed(service: Service, before: set[int]) -> set[int]:
    """Have the workers renewed; return those that there are then."""
    os.kill(service.process.pid, signal.SIGHUP)
    until(lambda: len(workers(service)) == len(before) and not workers(service) & before)
    return workers(service)


def locked(data: Path) -> psycopg.Connection[Any]:
    """Keep every list of events waiting until the session that this returns ends."""
    folder = data / "postgres" / "socket"
    session = psycopg.connect(f"postgres://dateline@{quote(str(folder), safe='')}/dateline")
    session.execute("LOCK TABLE events_eventbody")
    return session


class Asking(threading.Thread):
    """Asks one question, and keeps what came of it."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.answer = port, {}
        self.start()

    def run(self) -> None:
        self.answer = fetch(f"http://127.0.0.1:{self.port}/api/events?page_size=1")


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_what_has_begun_is_answered_before_the_service_stops(start: Start, data: Path) -> None:
    service = start()
    port = port_of(service)
    with locked(data) as lock:
        asking = Asking(port)
        until(lambda: lock.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone())
        stopped = time.monotonic()
        os.kill(service.process.pid, signal.SIGTERM)
        until(lambda: refuses(port))
        time.sleep(2)
        assert service.process.poll() is None
        lock.rollback()
        asking.join(PATIENCE)
    assert asking.answer["count"] == 29
    assert service.process.wait(PATIENCE) == 0
    assert time.monotonic() - stopped < STOP_SECONDS


class Load:
    """Asks without end, on connections that are kept and on new ones, and counts what came of it."""

    def __init__(self, port: int) -> None:
        self.port, self.going = port, True
        self.came: Counter[str] = Counter()
        self.threads = [
            threading.Thread(target=self.ask, args=(kept,), daemon=True)
            for kept in (True, True, False)
        ]
        for thread in self.threads:
            thread.start()

    def ask(self, kept: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while self.going:
            try:
                connection.request("GET", "/api/events?place=Aghdam&page_size=1")
                answer = connection.getresponse()
                whole = json.loads(answer.read())["count"] == 4
                self.came[f"{answer.status} {whole}"] += 1
                if not kept:
                    connection.close()
            except (OSError, http.client.HTTPException) as error:
                self.came[repr(error)] += 1
                connection.close()
        connection.close()

    def end(self) -> Counter[str]:
        self.going = False
        for thread in self.threads:
            thread.join(PATIENCE)
        return self.came


def test_workers_are_renewed_and_no_request_fails(start: Start) -> None:
    service = start()
    before = workers(service)
    assert len(before) == 2
    load = Load(port_of(service))
    for _ in range(3):
        before = renewed(service, before)
    assert set(load.end()) == {"200 True"}
    os.kill(service.process.pid, signal.SIGTERM)
    assert service.process.wait(PATIENCE) == 0
    assert "Traceback" not in service.said
    assert "panic" not in service.said


def test_who_waits_for_a_worker_that_is_killed_is_answered_by_the_next(start: Start) -> None:
    service = start(WORKERS="1")
    port = port_of(service)
    (worker,) = service.workers()
    worker.suspend()
    until(lambda: worker.status() == psutil.STATUS_STOPPED)
    waiting = [Asking(port) for _ in range(3)]
    time.sleep(0.5)
    worker.kill()
    asked = Asking(port)
    asked.join(PATIENCE)
    assert asked.answer["count"] == 29
    for one in waiting:
        one.join(PATIENCE)
        assert one.answer["count"] == 29


def test_workers_that_do_not_start_take_no_others_place(start: Start, tmp_path: Path) -> None:
    service = start(PYTHONPATH=str(tmp_path))
    before = workers(service)
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('broken')")
    os.kill(service.process.pid, signal.SIGHUP)
    until(lambda: "New workers do not start" in service.said)
    assert workers(service) == before
    assert fetch(f"{service.base()}/livez")["status"] == "alive"
    (tmp_path / "sitecustomize.py").unlink()
    renewed(service, before)
    assert fetch(f"{service.base()}/livez")["status"] == "alive"


def test_a_worker_that_is_killed_again_and_again_is_replaced(start: Start) -> None:
    service = start(WORKERS="1")
    port = port_of(service)
    for _ in range(4):
        (worker,) = until(service.workers)
        asked = Asking(port)
        asked.join(PATIENCE)
        assert asked.answer["count"] == 29
        worker.kill()
        worker.wait(PATIENCE)
    assert fetch(f"{service.base()}/livez")["status"] == "alive"
    assert service.process.poll() is None


def test_a_service_whose_workers_do_not_start_ends(start: Start, tmp_path: Path) -> None:
    service = start(WORKERS="1", PYTHONPATH=str(tmp_path))
    (worker,) = service.workers()
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('broken')")
    worker.kill()
    assert service.process.wait(PATIENCE) == 1
    assert "crash loop" in service.said
