"""What was sent is not kept: after thousands of hostile requests a process is as large as after the first ones."""

import http.client
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from config.management.commands.up import HEADER_SECONDS, THREADS
from tests.service import Service, fetch, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

# Requests of each kind in a round, rounds in which what is needed is loaded, and rounds after these.
EACH, FIRST, ROUNDS = 100, 3, 8
# Bytes by which a process may have grown: less than two thousand for each request. The allocator gives back what
# it likes: what it has kept serves further rounds, and what is lost only grows.
GROWTH, LOOKS = 16 * 2**20, 4
# What a client sent that stopped sending is held until its time for a head is over.
PAUSE = HEADER_SECONDS + 2


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    # Answers are kept up to a limit, which would be reached some time.
    running = Service(tmp_path / "data", PORT=str(free_port()), WORKERS="1", ANSWERS_KEPT="0")
    running.base()
    yield running
    running.kill()


def heads(chance: random.Random) -> Iterator[bytes]:
    """Yield requests of each kind, no two the same."""
    for _ in range(EACH):
        word = f"{chance.getrandbits(64):016x}"
        odd = quote("".join(chance.choices("\u202e\ud7ff'\";%\\\u0130ß\U0001f600 ", k=60)))
        yield f"/api/events?{word}=1".encode()
        yield f"/api/events?place={word}&actor={odd}&q={odd}".encode()
        yield f"/api/events?{'&'.join(f'place={word}{n}' for n in range(120))}".encode()
        yield f"/api/events?cursor={word * 8}".encode()
        yield f"/api/events?q={word}+-{word[:4]}&bbox=1,2,{word[0]}9,50&sort=title".encode()
        yield f"/api/events/summary?by=month,place&date={word}".encode()
        yield f"/api/{word}/{odd}".encode()
        yield f"/api/events/{odd}.csv?x={'y' * 9_000}".encode()
        yield f"/api/events?page_size=1 HTTP/1.1\r\nAccept: {word}/{word}, {'a/b,' * 200}".encode()
        yield f"/api/events?fields={word} HTTP/1.1\r\nIf-None-Match: {word * 50}".encode()
        yield f"/api/events?page_size=1 HTTP/1.1\r\nX-Request-ID: {word * 3}".encode()
        yield f"/admin/login/?next={odd} HTTP/1.1\r\nCookie: sessionid={word * 2}".encode()
        yield f"/api HTTP/1.1\r\n{word}: {word * 4_000}".encode()


def hostile(port: int, chance: random.Random) -> int:
    """Send a round; return how many requests were answered."""
    answered = 0
    for head in heads(chance):
        line = head if b" HTTP/1.1" in head else head + b" HTTP/1.1"
        whole = b"GET " + line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        # Some break off in the middle, and some send what no head is.
        for sent in (whole, whole[: chance.randrange(len(whole))], chance.randbytes(200)):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                try:
                    connection.sendall(sent)
                    connection.shutdown(socket.SHUT_WR)
                    answer = http.client.HTTPResponse(connection)
                    answer.begin()
                    answer.read()
                except (OSError, http.client.HTTPException, ValueError):
                    continue
            assert answer.status < 500, whole[:300]
            answered += 1
    return answered


def test_a_process_does_not_grow_by_what_is_sent(service: Service) -> None:
    port = int(service.base().rpartition(":")[2])
    chance = random.Random(20201120)  # noqa: S311 (no secret)
    (worker,) = service.workers()
    for _ in range(FIRST):
        hostile(port, chance)
    time.sleep(PAUSE)
    before, files = worker.memory_info().rss, worker.num_fds()
    answered = sum(hostile(port, chance) for _ in range(ROUNDS))
    assert answered > ROUNDS * EACH * 10
    for _ in range(LOOKS):
        time.sleep(PAUSE)
        grown = worker.memory_info().rss - before
        if grown < GROWTH:
            break
        hostile(port, chance)
    assert grown < GROWTH
    # Threads that had nothing to ask of the database have connections now.
    assert worker.num_fds() <= files + THREADS
    assert fetch(f"http://127.0.0.1:{port}/livez") == {"status": "alive"}
    assert service.workers() == [worker]
