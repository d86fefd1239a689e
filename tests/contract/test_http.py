"""Methods, compression and what browsers are told, at every address."""

import gzip
import os
from typing import Any

import pytest
from django.http import StreamingHttpResponse

from api.compression import SMALLEST, CompressionMiddleware, reads_gzip

PROBLEM = "application/problem+json"
OTHERS = ["/api", "/api/schema", "/api/schema.json", "/api/schema.yaml", "/api/docs", "/api/redoc"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def paths(collection: Any, records: Any) -> list[str]:
    return [collection.path, f"{collection.path}/", records[0]["url"], *OTHERS]


def test_every_address_says_which_methods_it_takes(client: Any, paths: list[str]) -> None:
    for path in paths:
        response = client.options(path, headers={"accept": "application/xml"})
        assert (response.status_code, response.content) == (200, b"")
        assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_no_other_method_is_taken(client: Any, paths: list[str]) -> None:
    """Known methods and made up ones, with and without a body."""
    for path in paths:
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO"):
            response = client.generic(method, path, b"x" * 100, "application/json")
            assert (response.status_code, response["Content-Type"]) == (405, PROBLEM), method
            assert response["Allow"] == "GET, HEAD, OPTIONS"
            assert response["Cache-Control"] == "no-store"
            assert response.json()["type"] == "/problems/method-not-allowed"


def test_a_method_in_a_header_is_no_method(client: Any) -> None:
    overridden = {"x-http-method-override": "DELETE"}
    assert client.get("/api/events", headers=overridden).status_code == 200
    assert client.post("/api/events", headers=overridden).status_code == 405


def test_head_is_get_without_a_body(client: Any, paths: list[str]) -> None:
    for path in [*paths, f"{paths[0]}?nonsense=1", "/api/nosuch"]:
        got, asked = client.get(path), client.head(path)
        assert asked.status_code == got.status_code
        assert asked.content == b""
        assert dict(asked.headers) == dict(got.headers)


def test_a_body_is_not_read_over(client: Any) -> None:
    """A question in the body of a GET would be ignored."""
    for method in ("GET", "HEAD", "OPTIONS"):
        response = client.generic(method, "/api/events", b'{"place": "Baku"}', "application/json")
        assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    chunked = client.get("/api/events", headers={"transfer-encoding": "chunked"})
    assert chunked.status_code == 400
    assert client.get("/api/events", headers={"content-length": "0"}).status_code == 200


def test_a_query_has_an_end(client: Any) -> None:
    response = client.get("/api/events?q=" + "a" * 40_000)
    assert (response.status_code, response["Content-Type"]) == (414, PROBLEM)
    assert response.json()["type"] == "/problems/too-long"
    assert response.json()["status"] == 414


def test_a_long_answer_is_compressed_for_those_who_can_read_it(
    client: Any, collection: Any
) -> None:
    path = f"{collection.path}?page_size=1000"
    plain, packed = client.get(path), client.get(path, headers={"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain
    assert packed["ETag"] == plain["ETag"]
    if len(plain.content) >= SMALLEST:
        assert packed["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.content) == plain.content
        assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content)
        assert client.get(path, headers={"accept-encoding": "gzip"}).content == packed.content
    for response in (plain, packed):
        assert "Accept-Encoding" in response["Vary"]
    kept = client.get(
        path, headers={"accept-encoding": "gzip", "if-none-match": f"{packed['ETag']}"}
    )
    assert kept.status_code == 304
    assert "Content-Encoding" not in kept


def test_a_short_answer_is_not_compressed(client: Any) -> None:
    response = client.get("/api/nosuch", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in response
    assert "Accept-Encoding" in response["Vary"]


@pytest.mark.parametrize(
    ("header", "reads"),
    [
        ("gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("GZIP", True),
        ("*", True),
        ("br;q=1.0, gzip;q=0.2", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*, gzip;q=0", False),
        ("*;q=0", False),
        ("notgzip", False),
        (";;;,,,=", False),
    ],
)
def test_who_can_read_gzip(header: str, reads: bool) -> None:
    assert reads_gzip(header) is reads


def test_a_stream_is_compressed_as_it_flows_and_breaks_where_it_breaks(rf: Any) -> None:
    pieces = [bytes([n]) * 50_000 for n in range(20)]
    request = rf.get("/api/events", headers={"accept-encoding": "gzip"})
    whole = CompressionMiddleware(lambda _: StreamingHttpResponse(iter(pieces)))(request)
    assert whole["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(whole)) == b"".join(pieces)

    def broken() -> Any:
        yield os.urandom(100_000)
        raise OSError("broken off")

    cut = CompressionMiddleware(lambda _: StreamingHttpResponse(broken()))(request)
    received = next(iter(cut))
    with pytest.raises(OSError, match="broken off"):
        next(iter(cut))
    with pytest.raises(EOFError):
        gzip.decompress(received)


def test_pages_of_any_origin_may_read_answers_and_errors(client: Any, collection: Any) -> None:
    for path in (collection.path, f"{collection.path}?nonsense=1", "/api/nosuch"):
        response = client.get(path, headers={"origin": "https://example.org"})
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response
        exposed = set(response["Access-Control-Expose-Headers"].split(", "))
        assert exposed == {
            "Link",
            "ETag",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "Content-Disposition",
            "API-Version",
            "X-Request-ID",
        }


def test_browsers_ask_once_whether_they_may(client: Any, collection: Any) -> None:
    response = client.options(
        collection.path,
        headers={
            "origin": "https://example.org",
            "access-control-request-method": "DELETE",
            "access-control-request-headers": "authorization",
        },
    )
    assert response.status_code == 200
    assert response["API-Version"] == "1"
    assert response["Access-Control-Max-Age"] == "86400"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "authorization" not in response["Access-Control-Allow-Headers"]
    assert "if-none-match" in response["Access-Control-Allow-Headers"]


def test_nobody_gets_a_cookie(client: Any, paths: list[str]) -> None:
    for path in [*paths, "/api/nosuch", "/problems", "/problems/gone", "/livez"]:
        response = client.get(path)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
