"""Services as users start them, requests as a server asks them, and what is logged meanwhile."""

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.test import RequestFactory

from api.replay import in_one_piece
from config.access import Access, write_line
from config.logs import JsonLines, TextLines
from tests.databases import copied
from tests.service import Service, free_port


@pytest.fixture(params=[JsonLines, TextLines], ids=["json", "text"])
def formatter(request: Any) -> Any:
    return request.param()


@pytest.fixture
def logged() -> Iterator[Callable[[logging.Formatter], Callable[[], list[str]]]]:
    """Return a function that has all that is logged written in a format; that gives the lines so far."""
    handlers = []

    def write(formatter: logging.Formatter) -> Callable[[], list[str]]:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
        return lambda: stream.getvalue().splitlines()

    yield write
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def ask(db: None) -> Iterator[Any]:
    """Return a function that asks the application as a server does, and gives headers and content."""

    def ask(
        path: str, method: str = "GET", application: Any = None, **environment: Any
    ) -> tuple[dict[str, str], bytes]:
        access = Access(application or in_one_piece(WSGIHandler()), [write_line])
        environ = RequestFactory().generic(method, path).environ | environment
        begun: list[Any] = []

        def start(status: str, fields: list[tuple[str, str]], *_: Any) -> None:
            # Whoever fails later begins anew.
            begun[:] = status, fields

        pieces = access(environ, start)
        content = b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()
        return dict(begun[1]), content

    # Around a request, connections are closed that are in a transaction, as that of the test is.
    around = signals.request_started, signals.request_finished
    for signal in around:
        signal.disconnect(close_old_connections)
    yield ask
    for signal in around:
        signal.connect(close_old_connections)


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Service]]:
    """Return a function that starts a service on the data folder of the module; all are ended after."""
    services = []

    def start(**environment: str) -> Service:
        services.append(Service(data, **{"PORT": str(free_port()), **environment}))
        return services[-1]

    yield start
    for service in services:
        if service.process.poll() is None:
            service.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dateline.backup"


@pytest.fixture
def empty(connect: Any, django_db_blocker: Any) -> Callable[[], Any]:
    """Return a function that works on an empty database, beside that of the test."""
    return lambda: copied("template0", django_db_blocker)
