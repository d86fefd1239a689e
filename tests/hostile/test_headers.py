"""No header breaks an answer or changes what it says."""

import pytest

from api.middleware import MOST_LISTED
from api.problems import LONGEST_HEADER
from tests.hostile.conftest import Ask

pytestmark = pytest.mark.slow

URL = "/api/events?page_size=1"
MANY = 60_000
LISTS = ("if-none-match", "accept-encoding")


@pytest.mark.parametrize(
    "accept",
    [
        ";" * 200,
        "," * 5000,
        "application/json; indent=999999999",
        'a/b0;p=";' + ';"' * 1500,
        'a/b;p="' * 8000,
        "a/b;q=0.1," * 6000,
        "*/*;" * 5000,
        "a" * MANY,
        "/" * MANY,
        "application/json;" + "q=1;" * 5000,
        "application/json; charset=bz2_codec",
        "\xff\xfe",
        "text/html, */*;q=x",
        "application/json; version=99",
    ],
    ids=lambda text: text[:20],
)
def test_accept(ask: Ask, accept: str) -> None:
    ask(URL, [200, 406, 431], accept=accept)


@pytest.mark.parametrize(
    "header",
    ["if-none-match", "if-modified-since", "accept-encoding", "accept-language", "accept-charset", "cookie", "origin", "referer", "range", "if-range", "authorization", "x-request-id", "traceparent", "forwarded", "user-agent", "x-original-url", "x-rewrite-url", "prefer"],
)  # fmt: skip
@pytest.mark.parametrize(
    "text",
    ["", "\xff", '"' * 5000, "a-" * 3500, "W/" * 5000, '"a",' * 6000, ",;=" * 5000, "bytes=0-,0-,0-", "a=" * 5000, "Mon, 99 Nov 99999 99:99:99 GMT", "\t", "%00", "/admin/", "*" * 5000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_other_headers_change_nothing(ask: Ask, header: str, text: str) -> None:
    lengthy = header in LISTS and (len(text) > LONGEST_HEADER or text.count(",") >= MOST_LISTED)
    response = ask(URL, [431 if lengthy else 200], **{header: text})
    assert lengthy or len(response.content) > 500


@pytest.mark.parametrize(
    "host",
    ["evil.example", "", "localhost:port", "local host", "localhost@evil.example", "localhost/evil", "[::1", "127.0.0.1.evil.example", "a" * 5000, "\xff", "localhost,evil.example", "localhost%00"],
    ids=lambda text: text[:16],
)  # fmt: skip
def test_another_host_is_refused(ask: Ask, host: str) -> None:
    assert "evil" not in ask(URL, [400], host=host).content.decode()


def test_a_host_that_is_not_asked_for_is_in_no_link(ask: Ask) -> None:
    headers = dict.fromkeys(
        ("x_forwarded_host", "x_host", "forwarded", "x_forwarded_server"), "evil.example"
    )
    response = ask(URL, [200], **headers, x_forwarded_proto="https", x_forwarded_port="99")
    assert "evil" not in response.content.decode() + str(response.headers)
    assert response.json()["next"].startswith("http://testserver/api/events?")
