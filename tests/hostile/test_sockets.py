"""Bytes that are hardly HTTP, sent to the service as it is started by users."""

import json
import socket
import time
import zlib

import pytest

from tests.service import fetch

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n\r\n"
SECOND = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


def send(base: str, *parts: bytes, seconds: float = 5) -> bytes:
    """Send `parts` and return all that comes back until the other side closes, or time is up."""
    port = int(base.rpartition(":")[2])
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            while piece := connection.recv(65_536):
                received += piece
        except OSError:
            pass  # closed in our face, or silent
    return received


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (b"POST /api/events HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND, {400, 405}),
        (b"GET /api HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + SECOND, {400, 501}),
        (b"GET /api HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND, {400, 501}),
        (b"POST /api HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde" + SECOND, {400}),
        (b"GET /api HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n" + SECOND, {400}),
        (b"GET /api HTTP/1.1\r\n" + HOST + b"Content-Length: 1e1\r\n\r\n" + SECOND, {400}),
        (b"GET /api HTTP/1.1\r\n" + HOST + b"X Y: a\r\n\r\n" + SECOND, {400}),
        (b"GET /api HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n" + SECOND, {400}),
        (b"GET /api HTTP/3.0\r\n" + HOST + b"\r\n" + SECOND, {400, 505}),
        (b"GET /api\r\n\r\n" + SECOND, {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n", {400}),
        (b"\r\n" * 100 + bytes(100), {400}),
        (b"GET /api/events\x00 HTTP/1.1\r\n" + HOST + b"\r\n" + SECOND, {400}),
        (b"GET /api/events x HTTP/1.1\r\n" + HOST + b"\r\n" + SECOND, {400}),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_single_request_gets_one_answer(
    base: str, request_: bytes, statuses: set[int]
) -> None:
    answer = send(base, request_)
    assert status(answer) in statuses, answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"alive" not in answer
    assert fetch(f"{base}/livez") == {"status": "alive"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"FOO /api/events", 405),
        (b"TRACE /api/events", 405),
        (b"CONNECT /api/events", 405),
        (b"GET /api/events?q=" + b"a" * 60_000, 414),
        (b"GET /api/nosuch", 404),
        (b"GET /api/%00", 404),
        (b"GET /api/events?q=%00", 400),
    ],
    ids=range(7),
)
def test_what_reaches_the_software_is_answered_by_a_problem(
    base: str, line: bytes, expected: int
) -> None:
    head, _, body = send(base, line + b" HTTP/1.1\r\n" + HOST + CLOSE).partition(b"\r\n\r\n")
    assert status(head) == expected
    assert b"content-type: application/problem+json" in head.lower()
    assert json.loads(body)["status"] == expected


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /api/events?q=" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + CLOSE,
        b"GET /api HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(200)) + CLOSE,
        b"GET /api HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 600_000 + b"\r\n" + CLOSE,
    ],
    ids=["line", "fields", "field"],
)
def test_heads_have_an_end(base: str, request_: bytes) -> None:
    assert status(send(base, request_)) in {0, 414, 431}
    assert fetch(f"{base}/livez") == {"status": "alive"}


def test_the_host_of_an_absolute_address_is_in_no_link(base: str) -> None:
    line = b"GET http://evil.example/api/events?page_size=1 HTTP/1.1\r\n"
    answer = send(base, line + HOST + CLOSE)
    assert status(answer) in {200, 400, 421}
    assert b"evil" not in answer


def test_two_hosts_are_none(base: str) -> None:
    request_ = b"GET /api HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n" + CLOSE
    assert status(send(base, request_)) == 400
    assert status(send(base, b"GET /api HTTP/1.1\r\n" + CLOSE)) == 400


@pytest.mark.parametrize(
    "charset", [b"zlib_codec", b"bz2_codec", b"hex", b"undefined", b"utf-16", b"rot13", b"a" * 5000]
)
def test_no_codec_is_applied(base: str, charset: bytes) -> None:
    """Neither to a body, which would grow, nor to a query string, which would not be read."""
    kind = HOST + b"Content-Type: application/json; charset=" + charset + b"\r\n"
    assert status(send(base, b"GET /api/events?place=Aghdam HTTP/1.1\r\n" + kind + CLOSE)) == 200
    body = zlib.compress(bytes(1_000_000))
    length = b"Content-Length: %d\r\n" % len(body)
    head = b"POST /api/events HTTP/1.1\r\n" + kind + length + CLOSE
    assert status(send(base, head, body)) == 405


def test_a_body_that_never_ends_is_not_waited_for(base: str) -> None:
    began = time.monotonic()
    head = b"POST /api/events HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000000\r\n\r\n"
    answer = send(base, head, b"x" * 100_000, seconds=3)
    assert status(answer) in {405, 413}
    assert time.monotonic() - began < 20
    assert fetch(f"{base}/livez") == {"status": "alive"}


def test_heads_that_never_end_hold_nobody_up(base: str) -> None:
    port = int(base.rpartition(":")[2])
    slow = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(b"GET /api HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        began = time.monotonic()
        assert fetch(f"{base}/livez") == {"status": "alive"}
        assert fetch(f"{base}/api/events?page_size=1")["count"] == 29
        assert time.monotonic() - began < 5
        closed = slow[0].recv(1000)  # after the ten seconds that a head may take
        assert status(closed) in {0, 408}
        assert time.monotonic() - began < 30
    finally:
        for connection in slow:
            connection.close()
