"""A file that is not sent, as the client has it, leaves nothing behind: no place taken, no transaction open."""

import gc
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from api import files
from api.snapshot import snapshot
from tests.service import Service, fetch, free_port

ASKED = ["/api/events.csv", "/api/events.ndjson", "/api/events.geojson", "/api/actors.csv?sort=id"]


@pytest.fixture
def serve(db: None) -> Iterator[Any]:
    """Return a function that does something as a thread of the service does, in no transaction of a test.

    What it does may write nothing.
    """
    # What is left behind would be collected sooner or later, in whatever thread.
    gc.disable()
    with ThreadPoolExecutor(1) as thread:
        yield lambda work, *arguments: thread.submit(work, *arguments).result()
        thread.submit(leave).result()
    gc.enable()


def leave() -> None:
    connection.close()


def nothing_is_held() -> None:
    assert not connection.in_atomic_block
    assert not files.ROOM.held
    assert Client().get("/api/events?page_size=1").status_code == 200


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_nothing_is_left_behind(serve: Any, path: str, encoding: str) -> None:
    def ask() -> None:
        client = Client()
        # It is told once a second has passed since the last change.
        while "Last-Modified" not in (told := client.get("/api/events?page_size=1")).headers:
            time.sleep(0.1)
        changed = told["Last-Modified"]
        for condition in ({"if-none-match": "*"}, {"if-modified-since": changed}):
            response = client.get(path, headers={"accept-encoding": encoding, **condition})
            assert response.status_code == 304
            nothing_is_held()

    serve(ask)


def test_what_goes_wrong_with_it_is_nobodys_business(serve: Any, monkeypatch: Any) -> None:
    @contextmanager
    def broken() -> Iterator[None]:
        try:
            with snapshot():
                yield
        finally:
            raise OperationalError

    def ask() -> None:
        assert Client().get("/api/events.csv", headers={"if-none-match": "*"}).status_code == 304
        nothing_is_held()

    monkeypatch.setattr(files, "snapshot", broken)
    serve(ask)


@pytest.mark.processes
@pytest.mark.enable_socket
@pytest.mark.slow
def test_a_service_goes_on_after_many(tmp_path: Any) -> None:
    service = Service(tmp_path / "data", PORT=str(free_port()), WORKERS="1")
    try:
        base = service.base()
        with urllib.request.urlopen(f"{base}/api/events?page_size=1", timeout=10) as response:
            changed = response.headers["Last-Modified"]
        conditions = ({"If-None-Match": "*"}, {"If-Modified-Since": changed})
        for number in range(40):
            request = urllib.request.Request(
                f"{base}/api/events.csv?q=-nothing{number}", headers=conditions[number % 2]
            )
            with pytest.raises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(request, timeout=10)
            assert raised.value.code == 304
            raised.value.close()
        for _ in range(20):
            assert fetch(f"{base}/readyz")["status"] == "ready"
            assert fetch(f"{base}/api/events?page_size=1")["count"] == 29
        with urllib.request.urlopen(f"{base}/api/events.csv", timeout=10) as response:
            assert response.read().count(b"\r\n") == 30
    finally:
        service.kill()
