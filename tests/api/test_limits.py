"""The limit to how many requests an address may make: off unless it is asked for."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from api import limits, tally
from api.limits import FILE, QUIET, parse_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    """Stand still at the beginning of a minute; `clock[0]` is the time in seconds."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(tally.time, "time", lambda: now[0])
    return now


@pytest.fixture
def limited(settings: Any, clock: Any, tmp_path: Path) -> Client:
    settings.DATA_FOLDER = tmp_path / "data"
    settings.RATE_LIMIT = "3/minute"
    return Client()


def asked(client: Client, address: str, times: int = 1) -> list[int]:
    """Return the statuses of so many requests of an address."""
    return [client.get("/api", REMOTE_ADDR=address).status_code for _ in range(times)]


def test_there_is_none_unless_it_is_asked_for(client: Any) -> None:
    response = client.get("/api")
    assert "RateLimit" not in response
    assert "RateLimit-Policy" not in response


def test_clients_are_told_what_is_left_and_when_it_is_all_there_again(
    limited: Client, clock: Any
) -> None:
    for left in (2, 1, 0):
        response = limited.get("/api")
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"default";q=3;w=60'
        assert response["RateLimit"] == f'"default";r={left};t=60'
    clock[0] += 20.5
    refused = limited.get("/api")
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert (refused["Retry-After"], refused["RateLimit"]) == ("40", '"default";r=0;t=40')
    assert refused["Cache-Control"] == "no-store"
    assert refused["API-Version"] == "1"
    assert refused.json()["type"] == "/problems/throttled"
    clock[0] += 40
    assert limited.get("/api")["RateLimit"] == '"default";r=2;t=60'


def test_errors_count_and_what_is_not_the_api_does_not(limited: Client) -> None:
    for path in ("/api/nosuch", "/api/events?x=%ff", "/api/events/never-was/"):
        assert limited.get(path).status_code in (400, 404)
    assert limited.get("/api").status_code == 429
    assert limited.get("/livez").status_code == 200
    assert limited.get("/problems/throttled").status_code == 200


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip"])
@pytest.mark.parametrize("others", [0, 1, 2, 4])
def test_no_header_makes_another_client(limited: Client, header: str, others: int) -> None:
    """The address is that of the connection."""
    rest = ", 198.51.100.1" * others
    told = [{header: f"192.0.2.{number}{rest}"} for number in range(5)]
    statuses = [limited.get("/api", headers=headers).status_code for headers in told]
    assert statuses == [200, 200, 200, 429, 429]


def test_addresses_are_counted_apart(limited: Client) -> None:
    for _ in range(4):
        limited.get("/api", REMOTE_ADDR="192.0.2.1")
    assert limited.get("/api", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert limited.get("/api", REMOTE_ADDR="192.0.2.2").status_code == 200
    assert limited.get("/api", REMOTE_ADDR="::ffff:192.0.2.1").status_code == 429
    for host in range(4):
        response = limited.get("/api", REMOTE_ADDR=f"2001:db8::{host}")
    assert response.status_code == 429
    assert limited.get("/api", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


@pytest.mark.parametrize("proxies", [1, 2, 3])
@pytest.mark.parametrize("forged", [0, 1, 2, 4])
def test_proxies_say_who_the_client_is(
    settings: Any, limited: Client, proxies: int, forged: int
) -> None:
    """Each adds whom it saw; what a client wrote before that changes nothing."""
    settings.CLIENT_ADDRESS_HEADER, settings.TRUSTED_PROXIES = "X-Forwarded-For", proxies

    def statuses(address: str) -> list[int]:
        added = [address, *["10.0.0.1", "10.0.0.2"][: proxies - 1]]
        told = [", ".join([f"192.0.2.{number}"] * forged + added) for number in range(4)]
        return [limited.get("/api", headers={"x-forwarded-for": t}).status_code for t in told]

    assert statuses("203.0.113.1") == [200, 200, 200, 429]
    assert statuses("203.0.113.2") == [200, 200, 200, 429]


def test_who_comes_through_fewer_proxies_is_whom_the_first_saw(
    settings: Any, limited: Client
) -> None:
    settings.CLIENT_ADDRESS_HEADER, settings.TRUSTED_PROXIES = "X-Forwarded-For", 3
    for header in ("203.0.113.1", "203.0.113.1, 10.0.0.1", "203.0.113.1, 10.0.0.1, 10.0.0.2"):
        assert limited.get("/api", headers={"x-forwarded-for": header}).status_code == 200
    assert limited.get("/api", headers={"x-forwarded-for": "203.0.113.1"}).status_code == 429


@pytest.mark.parametrize("told", ["unknown", "", "192.0.2.1:", "[192.0.2.1", "x" * 1000, "_a:80"])
def test_what_is_no_address_is_that_of_the_proxy(settings: Any, limited: Client, told: str) -> None:
    """Not a client of its own, nor one with all that have no address."""
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    headers = {"x-forwarded-for": f"198.51.100.1, {told}"}
    others = {"x-forwarded-for": ""}
    for each in (headers, others, headers):
        assert limited.get("/api", headers=each, REMOTE_ADDR="10.0.0.1").status_code == 200
    assert limited.get("/api", headers=headers, REMOTE_ADDR="10.0.0.1").status_code == 429
    assert limited.get("/api", headers=headers, REMOTE_ADDR="10.0.0.2").status_code == 200
    assert limited.get("/api", headers=headers, REMOTE_ADDR="").status_code == 200


@pytest.mark.parametrize(
    ("address", "others"),
    [
        ("192.0.2.1", ["192.0.2.1:80", "192.0.2.1:65535", "[::ffff:192.0.2.1]:1"]),
        ("2001:db8::1", ["[2001:db8::1]:443", "[2001:db8::2]", "2001:DB8::3"]),
    ],
)
def test_an_address_is_the_same_with_a_port(
    settings: Any, limited: Client, address: str, others: list[str]
) -> None:
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    told = [*others, address]
    statuses = [limited.get("/api", headers={"x-forwarded-for": t}).status_code for t in told]
    assert statuses == [200, 200, 200, 429]


def test_what_was_counted_outlasts_the_process(limited: Client) -> None:
    assert asked(limited, "192.0.2.1", 4) == [200, 200, 200, 429]
    assert asked(Client(), "192.0.2.1") == [429]


def test_counts_take_no_more_room_however_many_addresses(
    settings: Any, limited: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tally, "ROWS", 2)
    for number in range(200):
        limited.get("/api", REMOTE_ADDR=f"192.0.2.{number}")
    assert (settings.DATA_FOLDER / FILE).stat().st_size <= 2 * tally.ROW.size


def test_who_asked_most_is_not_forgotten_for_others(limited: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(tally, "ROWS", 1)
    asked(limited, "192.0.2.255", 3)
    for number in range(200):
        assert asked(limited, f"192.0.2.{number}") == [200]
    assert asked(limited, "192.0.2.255") == [429]


def test_those_of_the_last_window_make_way(limited: Client, clock: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tally, "ROWS", 1)
    for number in range(tally.PLACES):
        asked(limited, f"192.0.2.{number}", 4)
    clock[0] += 60
    for number in range(100, 100 + tally.PLACES):
        assert asked(limited, f"192.0.2.{number}", 2) == [200, 200]
    for number in range(100, 100 + tally.PLACES):
        assert asked(limited, f"192.0.2.{number}", 2) == [200, 429]


def test_a_count_has_an_end(limited: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(tally, "MOST", 7)
    assert asked(limited, "192.0.2.1", 20) == [200] * 3 + [429] * 17


@pytest.mark.parametrize("broken", ["pread", "pwrite", "open"])
def test_where_nothing_can_be_counted_everybody_is_answered(
    limited: Client, monkeypatch: Any, caplog: Any, broken: str
) -> None:
    def fail(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    with monkeypatch.context() as patch:
        patch.setattr(tally.os, broken, fail)
        for _ in range(10):
            response = limited.get("/api")
            assert response.status_code == 200
            assert "RateLimit" not in response
        assert len(caplog.messages) == 1
        assert "RATE_LIMIT does not hold: [Errno 28] No space left" in caplog.messages[0]
        now[0] += QUIET
        asked(limited, "192.0.2.1", 2)
        assert len(caplog.messages) == 2
    assert asked(limited, "192.0.2.1", 4) == [200, 200, 200, 429]


def test_a_file_that_was_cut_is_counted_in_anew(settings: Any, limited: Client) -> None:
    assert asked(limited, "192.0.2.1", 4)[-1] == 429
    os.truncate(settings.DATA_FOLDER / FILE, 7)
    assert asked(limited, "192.0.2.1", 4) == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("text", "meaning"), [("600/minute", (600, 60)), ("1/second", (1, 1)), ("5/day", (5, 86_400))]
)
def test_a_limit_is_read(text: str, meaning: tuple[int, int]) -> None:
    assert parse_limit(text) == meaning


@pytest.mark.parametrize("text", ["600", "0/minute", "-1/minute", "6/week", "١/minute", "1e3/day"])
def test_what_is_no_limit_is_told(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="RATE_LIMIT is a number of requests"):
        parse_limit(text)
