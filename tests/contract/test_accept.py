"""What a client accepts: formats and their weights, whatever else it says of them."""

import time
from typing import Any

import pytest

from api.middleware import MOST_LISTED
from api.problems import LONGEST_HEADER
from tests.contract.test_errors import PROBLEM

# Seconds of the processor that an answer may take, whatever its headers.
MOMENT = 0.05

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "accept", "given"),
    [
        ("/api/events", "application/json; charset=utf-8", "application/json"),
        ("/api/events", "application/json;profile=https://example.org/x", "application/json"),
        ("/api/events", 'application/json; version="2, 3"; indent=4', "application/json"),
        ("/api/events", "text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("/api/events", "Text/CSV; Header=present", "text/csv; charset=utf-8"),
        ("/api/events", "application/geo+json; charset=utf-8", "application/geo+json"),
        (
            "/api/events",
            "application/x-ndjson;charset=utf-8",
            "application/x-ndjson; charset=utf-8",
        ),
        (
            "/api/events",
            "text/csv;charset=utf-8;q=0.2, application/json;charset=utf-8;q=0.9",
            "application/json",
        ),
        (
            "/api/events",
            "text/csv; Q=0.9; x=1, application/json; x=1; q=0.2",
            "text/csv; charset=utf-8",
        ),
        ("/api/events", "text/csv; q=0; x=1, */*;x=1", "application/json"),
        (
            "/api/events/summary?by=year",
            "application/json; charset=utf-8",
            "application/json",
        ),
        ("/api/events/summary?by=year", "text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("/api", "application/json; charset=utf-8", "application/json"),
        ("/api/schema", "application/json; charset=utf-8", "application/json"),
        ("/api/docs", "text/html; charset=utf-8", "text/html; charset=utf-8"),
    ],
)
def test_parameters_of_a_format_do_not_matter(
    client: Any, path: str, accept: str, given: str
) -> None:
    response = client.get(path, headers={"accept": accept, "origin": "https://example.org"})
    assert (response.status_code, response["Content-Type"]) == (200, given)
    list(response)  # to its end, as a file keeps its place until then


@pytest.mark.parametrize(
    ("path", "accept", "given"),
    [
        ("/api/events", "application/json;q=0, */*", "application/geo+json"),
        ("/api/events", "application/json;q=0.000,text/csv", "text/csv; charset=utf-8"),
        ("/api/events", "application/*;q=0, */*;q=0.1", "text/csv; charset=utf-8"),
        ("/api/events", "application/*;q=0, application/json, */*", "application/json"),
        ("/api/events", "application/json;q=0, application/json;q=0.1", "application/json"),
        ("/api/events", "text/html;q=0, text/*", "text/csv; charset=utf-8"),
        ("/api/events", "text/html;q=0, */*", "application/json"),
        ("/api/actors", "application/json;q=0, */*", "text/csv; charset=utf-8"),
        ("/api/actors/armenia", "application/json;q=0, */*", "text/csv; charset=utf-8"),
        ("/api/events/summary?by=year", "application/json;q=0,*/*", "text/csv; charset=utf-8"),
        ("/api/schema", "application/json;q=0, */*", "application/vnd.oai.openapi+json"),
        ("/api/schema", "application/json;q=0.1, application/yaml", "application/yaml"),
        ("/api/datasets", "application/json;q=0, */*", None),
        ("/api/datasets", "application/json;q=0, text/html", None),
        ("/api/datasets", "application/json;q=0, application/vnd.dateline.selection+json", None),
        ("/api/event-types", "application/*;q=0, */*", None),
        ("/api", "application/json;q=0, */*", None),
        ("/api/schema.json", "application/*;q=0, */*", None),
        ("/api/docs", "text/html;q=0, */*", None),
    ],
)
def test_what_has_no_weight_is_not_given(
    client: Any, path: str, accept: str, given: str | None
) -> None:
    response = client.get(path, headers={"accept": accept})
    told = (response.status_code, response["Content-Type"].partition("; charset")[0])
    assert told == ((200, given.partition("; charset")[0]) if given else (406, PROBLEM))
    list(response)


@pytest.mark.parametrize(
    "accept",
    [
        "application/xml; charset=utf-8",
        "image/png;q=0.5",
        "application/json; charset=utf-8; q=0",
        "*/*;q=0",
        ";",
        "; q=1",
        "json",
    ],
)
def test_what_is_not_offered_is_still_refused(client: Any, accept: str) -> None:
    response = client.get("/api/events", headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (406, PROBLEM)


@pytest.mark.parametrize("header", ["Accept", "Accept-Encoding", "If-None-Match"])
@pytest.mark.parametrize(
    "text", ["a/b," * 15_000, "a" * (LONGEST_HEADER + 1), "*" + ",*" * MOST_LISTED, ";" * 60_000]
)
@pytest.mark.parametrize("path", ["/api/events?page_size=1", "/api/docs", "/api/nosuch"])
def test_a_header_has_an_end(client: Any, path: str, header: str, text: str) -> None:
    began = time.process_time()
    response = client.get(path, headers={header: text})
    assert time.process_time() - began < MOMENT
    assert (response.status_code, response["Content-Type"]) == (431, PROBLEM)
    assert response["Cache-Control"] == "no-store"
    problem = response.json()
    assert problem["type"] == "/problems/header-too-long"
    assert header in problem["detail"]


def test_long_headers_are_read(client: Any) -> None:
    accept = "application/json" + ",a/b" * (MOST_LISTED - 1)
    tags = ",".join([f'"{number:036}"' for number in range(MOST_LISTED)])
    response = client.get(
        "/api/events", headers={"accept": accept, "if-none-match": tags, "accept-encoding": "gzip"}
    )
    assert response.status_code == 200
    tags = f"{tags[:-38]}{response['ETag']}"
    assert (
        client.get("/api/events", headers={"accept": accept, "if-none-match": tags}).status_code
        == 304
    )
