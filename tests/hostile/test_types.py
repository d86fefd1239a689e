"""Types of bodies that no browser sends, sent to the service as it is started by users."""

import pytest

from tests.hostile.test_sockets import CLOSE, HOST, send, status
from tests.service import fetch

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

COOKIE = b"Cookie: csrftoken=" + b"a" * 32 + b"\r\n"
CHARSETS = [
    *(b"undefined", b"zlib_codec", b"bz2_codec", b"hex", b"rot13", b"idna", b"base64_codec"),
    *(b"utf-7", b"utf-16", b"cp037", b"utf-8"),
]
# What each path answers to a method that it has not, or to a form of which nobody knows.
PATHS = {b"/api": 405, b"/api/events": 405, b"/": 405, b"/livez": 405, b"/nosuch": 404, b"/admin/": 403, b"/admin/login/": 403}  # fmt: skip


def post(base: str, method: bytes, path: bytes, kind: bytes, body: bytes = b"a=b") -> bytes:
    head = method + b" " + path + b" HTTP/1.1\r\n" + HOST + COOKIE
    length = b"Content-Length: %d\r\n" % len(body)
    return send(base, head + b"Content-Type: " + kind + b"\r\n" + length + CLOSE + body)


@pytest.mark.parametrize(
    "kind",
    [
        b"a/b; x*=nosuch''%41",
        b"a/b; charset*=idna''%ff",
        b"a/b; charset=idna''%ff",
        b"multipart/form-data; boundary*=undefined''B",
        b"multipart/form-data; boundary=B; charset*=undefined''%ff",
        b"application/x-www-form-urlencoded; charset*=zlib_codec''utf-8",
        b"a/b; x*" + b"9" * 5_000 + b"*=utf-8''a",
        b"\xff; x*=\xfe",
        b";;;*=''",
    ],
    ids=range(9),
)
def test_parameters_of_a_type_break_nothing(base: str, kind: bytes) -> None:
    for path, expected in PATHS.items():
        for method in (b"POST", b"PUT", b"FOO"):
            answer = post(base, method, path, kind)
            assert status(answer) == expected or (
                method != b"POST" and status(answer) in (403, 405)
            )
    assert status(post(base, b"get", b"/api", kind)) in (200, 400, 405)
    assert fetch(f"{base}/livez") == {"status": "alive"}


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize(
    "kind", [b"multipart/form-data; boundary=utf-8", b"application/x-www-form-urlencoded; utf-8=1"]
)
def test_no_charset_is_applied_to_a_form(base: str, charset: bytes, kind: bytes) -> None:
    part = b'--utf-8\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = {
        b"m": part % (b"csrfmiddlewaretoken", b"a" * 32) + b"--utf-8--\r\n",
        b"a": b"csrfmiddlewaretoken=" + b"a" * 32,
    }[kind[:1]]
    answer = post(base, b"POST", b"/admin/login/?a=%ff", kind + b"; charset=" + charset, body)
    assert status(answer) == 400, answer[:300]
    answer = post(base, b"POST", b"/admin/login/", kind + b"; charset=" + charset, body)
    # The form is read, and shown again with what is missing in it.
    assert status(answer) == 200, answer[:300]
    assert b"This field is required" in answer
