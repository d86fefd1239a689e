"""The limit to requests as several processes keep it, asked over the network by many at once."""

import http.client
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from api.limits import FILE
from tests.service import Service, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket]

LIMIT, ASKED, AT_ONCE = 300, 600, 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a database that all services here use, which takes seconds to make."""
    return tmp_path_factory.mktemp("limits") / "data"


@pytest.fixture
def base(folder: Path) -> Iterator[Any]:
    """Return a function that starts a service with a limit and returns it and its address."""
    services = []
    (folder / FILE).unlink(missing_ok=True)

    def start(**environment: str) -> tuple[Service, str]:
        service = Service(
            folder,
            PORT=str(free_port()),
            RATE_LIMIT=f"{LIMIT}/day",
            **environment,
        )
        services.append(service)
        return service, urlsplit(service.base()).netloc

    yield start
    for service in services:
        if service.process.poll() is None:
            service.kill()


def ask(netloc: str, number: int) -> int:
    """Ask over a connection of its own, by which another process may answer; return the status."""
    connection = http.client.HTTPConnection(netloc, timeout=30)
    forged = f"192.0.2.{number % 256}"
    headers = {
        "X-Forwarded-For": ", ".join([forged] * (1 + number % 5)),
        "X_Forwarded_For": forged,
        "X-Real-IP": forged,
        "Forwarded": f"for={forged}",
        "Client_Address": forged,
        "Client-Address": forged,
    }
    connection.request("GET", "/api/events?page_size=1", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("header", ["", "ClientAddress"])
def test_a_limit_is_exact_across_processes(base: Any, header: str) -> None:
    """Also after one of them was killed, and by no header that a client can write."""
    service, netloc = base(WORKERS="4", CLIENT_ADDRESS_HEADER=header)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        statuses = Counter(threads.map(lambda number: ask(netloc, number), range(ASKED)))
    # All on one day, unless this runs at midnight.
    assert statuses == {200: LIMIT, 429: ASKED - LIMIT}
    worker = psutil.Process(service.process.pid).children()[-1]
    worker.kill()
    worker.wait(30)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert set(threads.map(lambda number: ask(netloc, number), range(50))) == {429}


def test_a_header_that_cannot_be_read_is_whom_the_proxy_is(base: Any) -> None:
    """A byte that is no letter makes all of a header unreadable, what the proxy added to it included."""
    _, netloc = base(WORKERS="1", CLIENT_ADDRESS_HEADER="X-Forwarded-For")

    def left(told: bytes) -> str:
        connection = http.client.HTTPConnection(netloc, timeout=30)
        connection.request("GET", "/api", headers={"X-Forwarded-For": told})
        header = str(connection.getresponse().headers["RateLimit"])
        connection.close()
        return header.split(";")[1]

    assert left(b"127.0.0.1") == f"r={LIMIT - 1}"
    assert left(b"\xff, 9.9.9.9") == f"r={LIMIT - 2}"
    assert left(b"9.9.9.9") == f"r={LIMIT - 1}"
    assert left(b"8.8.8.8, 9.9.9.9:443") == f"r={LIMIT - 2}"
    assert left(b"[2001:db8::1]:443") == f"r={LIMIT - 1}"
    assert left(b"2001:db8::1") == f"r={LIMIT - 2}"
