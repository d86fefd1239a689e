"""Nobody can write, and what is sent is not even read."""

import time
import zlib
from typing import Any

import pytest

from sources.models import Revision
from tests.hostile.conftest import LISTS, PATIENCE, RECORDS, holds

BODIES = {
    "nothing": ("application/json", b""),
    "object": ("application/json", b'{"id": "x", "is_superuser": true, "title": "a\\u0000b"}'),
    "surrogate": ("application/json", b'{"title": "\\ud800"}'),
    "deep": ("application/json", b"[" * 200_000),
    "large": ("application/json", b'"' + b"a" * 3_000_000 + b'"'),
    "digits": ("application/json", b'{"deaths": ' + b"9" * 5000 + b"}"),
    "codec": ("application/json; charset=zlib_codec", zlib.compress(b"0" * 1_000_000)),
    "entities": ("application/xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    "form": ("application/x-www-form-urlencoded", b"a=" + b"1&a=" * 5000),
    "upload": ("multipart/form-data; boundary=B", b"--B\r\nContent-Disposition: form-data; name=a; filename=../a\r\n\r\nx\r\n--B--"),
    "no boundary": ("multipart/form-data", b"x"),
    "long type": ("application/" + "j" * 5000, b"x"),
}  # fmt: skip
ADDRESSES = [*LISTS, *[f"{path}x" for path in RECORDS], "/api", "/api/schema", "/api/docs"]


@pytest.mark.parametrize("body", BODIES)
def test_nothing_that_is_sent_is_taken(db: None, client: Any, body: str) -> None:
    media_type, content = BODIES[body]
    revision = Revision.current().number
    for address in ADDRESSES:
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "PROPFIND"):
            began = time.process_time()
            response = client.generic(
                method, address, content, media_type, headers={"content-encoding": "gzip"}
            )
            assert time.process_time() - began < PATIENCE
            assert response.status_code == 405
            assert response["Allow"] == "GET, HEAD, OPTIONS"
            holds(response, address)
    assert Revision.current().number == revision
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_readers_send_nothing(db: None, client: Any, method: str) -> None:
    for media_type, content in BODIES.values():
        if content:
            response = client.generic(method, "/api/events", content, media_type)
            assert response.status_code == 400
