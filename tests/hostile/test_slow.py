"""Clients that send or read so slowly that they would keep threads, of which there are few."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode

import pytest

from config.management.commands.up import HEADER_SECONDS, THREADS
from tests.hostile.test_sockets import CLOSE, HOST, send, status
from tests.service import fetch

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

TOKEN = "a" * 32
FORM = (
    b"Content-Type: application/x-www-form-urlencoded\r\nCookie: csrftoken=%s\r\n" % TOKEN.encode()
)
LONG = b"Content-Length: 100000\r\n\r\nx=1"
# The largest file of a page.
FILE = b"/static/drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js.map"
# More than there are threads, whichever it is that they would keep.
MANY = 2 * THREADS


@contextmanager
def held(base: str, *sent: bytes) -> Iterator[list[socket.socket]]:
    """Hold connections on each of which something was sent, and nothing is read."""
    port = int(base.rpartition(":")[2])
    with ExitStack() as stack:
        sockets = []
        for each in sent:
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(2 * HEADER_SECONDS)
            connection.connect(("127.0.0.1", port))
            connection.sendall(each)
            sockets.append(connection)
        time.sleep(1)
        yield sockets


def all_is_well(base: str) -> None:
    began = time.monotonic()
    assert fetch(f"{base}/livez") == {"status": "alive"}
    assert fetch(f"{base}/readyz")["status"] == "ready"
    assert fetch(f"{base}/api/events?page_size=1")["count"] == 29
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "path", [b"/", b"/favicon.ico", b"/problems", b"/livez", b"/admin/login/", b"/admin/"]
)
def test_forms_that_do_not_end_hold_nobody_up(base: str, path: bytes) -> None:
    head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + FORM
    chunked = b"Transfer-Encoding: chunked\r\n\r\n3\r\nx=1\r\n"
    with held(base, *[head + LONG, head + chunked] * (MANY // 2)):
        all_is_well(base)


def test_forms_are_taken_once_others_have_let_go(base: str) -> None:
    head = b"POST /admin/login/ HTTP/1.1\r\n" + HOST + FORM
    fields = {"csrfmiddlewaretoken": TOKEN, "username": "nobody", "password": "wrong"}
    body = urlencode(fields).encode()
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    with held(base, *[head + LONG] * MANY):
        assert status(send(base, head + length, body)) == 503
        # For as long as a client likes.
        for _ in range(3):
            time.sleep(HEADER_SECONDS / 2)
            all_is_well(base)
        assert status(send(base, head + length, body)) == 503
    began = time.monotonic()
    while status(answer := send(base, head + length, body, seconds=20)) == 503:
        assert time.monotonic() - began < 5
        time.sleep(0.1)
    assert status(answer) == 200
    assert re.search(rb"correct username and\s+password", answer)


def test_files_of_pages_that_nobody_reads_on_hold_nobody_up(base: str) -> None:
    head = b"GET " + FILE + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    whole = send(base, head.removesuffix(b"\r\n") + CLOSE, seconds=20)
    assert len(whole) > 2**20
    with held(base, *[head] * MANY):
        all_is_well(base)


@pytest.mark.parametrize("chunk", [b"zz\r\nx\r\n", b"3\r\nabcdef\r\n", b"-1\r\n\r\n"])
def test_a_form_that_is_no_body_is_one_without_its_token(base: str, chunk: bytes) -> None:
    head = b"POST /admin/login/ HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n"
    assert status(send(base, head + CLOSE + chunk, seconds=20)) == 403
    all_is_well(base)


@pytest.mark.parametrize("sent", [b"", b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_silence_is_ended(base: str, sent: bytes) -> None:
    began = time.monotonic()
    with held(base, sent) as (connection,):
        while connection.recv(65_536):
            pass
    assert time.monotonic() - began < HEADER_SECONDS + 5
