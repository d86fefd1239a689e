"""Nobody waits for ever: a table that is locked costs a request some seconds, and others nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError

import psycopg
import pytest

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
