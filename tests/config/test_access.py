"""Ids of requests, and the line that each leaves in the log."""

import json
import re
from typing import Any

import orjson
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError

from api import tracing
from api.caching import CachingMiddleware
from api.replay import Replay, in_one_piece
from config.logs import JsonLines, TextLines

OURS = re.compile(r"[0-9a-f]{16}")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_each_request_has_an_id_of_its_own(ask: Any) -> None:
    ids = [ask("/api/events")[0]["X-Request-ID"] for _ in range(3)]
    assert all(OURS.fullmatch(name) for name in ids)
    assert len(set(ids)) == 3


@pytest.mark.parametrize("name", ["a", "3f0c2e8e-6d0b-4f4e-9d59-0a5f7e1f8c11", "x" * 64, "A.b_c-9"])
def test_an_id_that_is_given_is_taken(ask: Any, name: str) -> None:
    assert ask("/api/events", HTTP_X_REQUEST_ID=name)[0]["X-Request-ID"] == name


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a b", "a\n", "a\r\nb: c", "-a", "ä", '"', "{}", "a/b", "a\x1b[31m", "١"]
)
def test_what_is_no_id_is_not_taken(ask: Any, name: str) -> None:
    assert OURS.fullmatch(ask("/api/events", HTTP_X_REQUEST_ID=name)[0]["X-Request-ID"])


def test_a_fault_of_ours_says_by_which_id_it_is_found(ask: Any, monkeypatch: Any) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(CachingMiddleware, "process_view", gone)
    _, content = ask("/api/events", HTTP_X_REQUEST_ID="mine")
    problem = json.loads(content)
    assert (problem["status"], problem["request_id"]) == (500, "mine")


def test_what_the_client_got_wrong_has_none(ask: Any) -> None:
    assert "request_id" not in json.loads(ask("/api/events?plcae=1")[1])


@pytest.mark.parametrize(
    ("parent", "trace"),
    [
        (f"00-{TRACE}-{SPAN}-01", TRACE),
        (f"cc-{TRACE}-{SPAN}-00", TRACE),
        (f"cc-{TRACE}-{SPAN}-00-more", TRACE),
        (f"00-{TRACE}-{SPAN}-01-more", None),
        (f"cc-{TRACE}-{SPAN}-00more", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        (f"00-{TRACE}-{SPAN}-01\n", None),
        (f"00-{TRACE}-{SPAN}", None),
        (f" 00-{TRACE}-{SPAN}-01", None),
        ("", None),
    ],
)
def test_a_trace_is_the_one_that_traceparent_names(parent: str, trace: str | None) -> None:
    assert tracing.trace_of(parent) == trace


def test_a_request_is_one_line_of_json(ask: Any, logged: Any) -> None:
    lines = logged(JsonLines())
    _, content = ask(
        "/api/events?place=Aghdam",
        HTTP_X_REQUEST_ID="mine",
        HTTP_TRACEPARENT=f"00-{TRACE}-{SPAN}-01",
        HTTP_USER_AGENT="curl",
        REMOTE_ADDR="192.0.2.7",
    )
    (line,) = lines()
    told = json.loads(line)
    assert told.pop("duration_ms") > 0
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:.]+\+00:00", told.pop("time"))
    assert told == {
        "level": "INFO",
        "logger": "dateline.access",
        "client": "192.0.2.7",
        "method": "GET",
        "path": "/api/events",
        "query": "place=Aghdam",
        "status": 200,
        "bytes": len(content),
        "route": "/api/events",
        "kept": False,
        "user_agent": "curl",
        "request_id": "mine",
        "trace_id": TRACE,
    }


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/api/events/nosuch", "GET", {"status": 404, "route": "/api/events/<id>"}),
        ("/api/nosuch", "GET", {"status": 404, "route": None}),
        ("/api/events", "DELETE", {"status": 405, "method": "DELETE"}),
        ("/api/events", "HEAD", {"status": 200, "bytes": 0}),
        ("/livez", "GET", {"status": 200, "route": "/livez"}),
        ("/api/events?x=" + "y" * 40_000, "GET", {"status": 414, "query": "x=" + "y" * 1998}),
    ],
)
def test_every_answer_leaves_a_line(
    ask: Any, logged: Any, path: str, method: str, expected: dict[str, Any]
) -> None:
    lines = logged(JsonLines())
    ask(path, method)
    (line,) = lines()
    assert expected.items() <= json.loads(line).items()


def test_a_file_leaves_its_line_when_it_has_ended(ask: Any, logged: Any) -> None:
    lines = logged(JsonLines())
    _, content = ask("/api/events.csv")
    (line,) = lines()
    told = json.loads(line)
    assert (told["bytes"], told["route"]) == (len(content), "/api/events.<suffix>")


@pytest.mark.parametrize("path", ["/api/events", "/api/events.csv"])
def test_lines_of_lists_and_files_end_with_the_id(ask: Any, logged: Any, path: str) -> None:
    lines = logged(TextLines())
    ask(path, HTTP_X_REQUEST_ID="my-id-1")
    (line,) = lines()
    assert line.endswith(" [my-id-1]")
    assert tracing.current.request is None


def test_an_answer_that_is_given_again_says_so(ask: Any, logged: Any) -> None:
    replay = Replay(in_one_piece(WSGIHandler()))
    lines = logged(JsonLines())
    for _ in range(2):
        ask("/api/events?place=Aghdam&page_size=7", application=replay)
    first, again = map(json.loads, lines())
    assert (first["kept"], again["kept"]) == (False, True)
    assert first["route"] == again["route"] == "/api/events"
    assert first["bytes"] == again["bytes"]


@pytest.mark.parametrize("begun", [False, True])
def test_a_fault_in_what_nothing_catches_is_answered_and_logged(
    ask: Any, logged: Any, begun: bool
) -> None:
    def broken(_: Any, start_response: Any) -> Any:
        if begun:
            start_response("200 OK", [("Set-Cookie", "a=b")])
        raise RuntimeError("no such luck")

    lines = logged(JsonLines())
    path = "/api/events/ä".encode().decode("latin-1")
    headers, content = ask("/", application=broken, PATH_INFO=path, HTTP_X_REQUEST_ID="mine")
    problem = json.loads(content)
    assert (problem["type"], problem["status"]) == ("/problems/internal-error", 500)
    assert (problem["instance"], problem["request_id"]) == ("/api/events/%C3%A4", "mine")
    assert headers["Content-Type"] == "application/problem+json"
    assert (headers["X-Request-ID"], headers["Cache-Control"]) == ("mine", "no-store")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "luck" not in content.decode()
    fault, line = map(json.loads, lines())
    assert (fault["level"], fault["request_id"]) == ("ERROR", "mine")
    assert "RuntimeError: no such luck" in fault["traceback"]
    assert (line["status"], line["bytes"], line["request_id"]) == (500, len(content), "mine")


def test_a_fault_outside_the_api_is_told_in_a_line(ask: Any) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError

    headers, content = ask("/admin/", application=broken)
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert content == b"Something went wrong on our side; it is logged.\n"


def test_a_client_is_who_a_proxy_of_ours_says(ask: Any, logged: Any, settings: Any) -> None:
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    lines = logged(JsonLines())
    ask("/livez", HTTP_X_FORWARDED_FOR="forged, 192.0.2.9")
    assert json.loads(lines()[0])["client"] == "192.0.2.9"


# As WSGI has them: bytes as letters of Latin-1.
FORGED = '\r\n{"status":200}\n\x00\x1b[2J\x7f\x85\x9b31m\xe2\x80\xa8\xe2\x80\xae"\\'


@pytest.mark.parametrize(
    "environment",
    [
        {"PATH_INFO": f"/api/events/{FORGED}"},
        {"QUERY_STRING": FORGED},
        {"HTTP_USER_AGENT": FORGED},
        {"REQUEST_METHOD": f"GET{FORGED}"},
        {"HTTP_X_REQUEST_ID": FORGED},
        {"HTTP_TRACEPARENT": FORGED},
        {"REMOTE_ADDR": FORGED},
        {"HTTP_HOST": FORGED},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_no_client_writes_lines(
    ask: Any, logged: Any, formatter: Any, environment: dict[str, Any]
) -> None:
    lines = logged(formatter)
    ask("/api/events", **environment)
    (line,) = lines()
    assert line.isprintable()
    if isinstance(formatter, JsonLines):
        assert orjson.loads(line)["logger"] == "dateline.access"
