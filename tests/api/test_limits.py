"""The limit to how many requests an address may make: off unless it is asked for."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from api import limits
from api.limits import RateLimitMiddleware, parse_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    """Stand still at the beginning of a minute; `clock[0]` is the time in seconds."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(limits.time, "time", lambda: now[0])
    return now


@pytest.fixture
def limited(settings: Any, clock: Any) -> Client:
    settings.RATE_LIMIT = "3/minute"
    return Client()


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
    for path in ("/api/nosuch", "/api/events?x=1", "/api/events/never-was"):
        assert limited.get(path).status_code in (400, 404)
    assert limited.get("/api").status_code == 429
    assert limited.get("/livez").status_code == 200
    assert limited.get("/problems/throttled").status_code == 200


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip"])
def test_no_header_makes_another_client(limited: Client, header: str) -> None:
    """R73: the address is that of the connection."""
    statuses = [limited.get("/api", headers={header: f"192.0.2.{n}"}).status_code for n in range(5)]
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


def test_a_proxy_may_say_who_the_client_is(settings: Any, limited: Client) -> None:
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    statuses = [
        limited.get("/api", headers={"x-forwarded-for": f"forged{n}, 192.0.2.1"}).status_code
        for n in range(4)
    ]
    assert statuses == [200, 200, 200, 429]
    other = {"x-forwarded-for": "192.0.2.2"}
    assert limited.get("/api", headers=other).status_code == 200


def test_memory_is_bounded(settings: Any, monkeypatch: Any) -> None:
    settings.RATE_LIMIT = "3/day"
    monkeypatch.setattr(limits, "ADDRESSES", 10)
    middleware = RateLimitMiddleware(lambda _: None)  # type: ignore[arg-type,return-value]
    for number in range(100):
        middleware.count(str(number), 0.0)
        assert len(middleware.made) <= 10


@pytest.mark.parametrize(
    ("text", "meaning"), [("600/minute", (600, 60)), ("1/second", (1, 1)), ("5/day", (5, 86_400))]
)
def test_a_limit_is_read(text: str, meaning: tuple[int, int]) -> None:
    assert parse_limit(text) == meaning


@pytest.mark.parametrize("text", ["600", "0/minute", "-1/minute", "6/week", "١/minute", "1e3/day"])
def test_what_is_no_limit_is_told(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="RATE_LIMIT is a number of requests"):
        parse_limit(text)
