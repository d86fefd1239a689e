"""Of many rows only those near the beginning of a page are found: the same answers, from fewer rows.

These tests work on a copy of the database: within a transaction no number of rows is remembered.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import spread, walks

BOUND = {"-date": '"sort_date" >= ', "date": '"sort_date" <= '}
QUERIES = ["q=aghdam", "certainty=reported,confirmed", "actor=azerbaijan&exclude_type=AID"]


def ask(path: str, **query: Any) -> Any:
    response = Client().get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def crawl(query: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the ids of a list, page by page to its end and back, and what was asked of the database."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask("/api/events", **query)
        found = [event["id"] for event in answer["results"]]
        while answer["next"]:
            answer = ask("/api/events", **dict(parse_qsl(urlsplit(answer["next"]).query)))
            found += [event["id"] for event in answer["results"]]
        while answer["previous"]:
            answer = ask("/api/events", **dict(parse_qsl(urlsplit(answer["previous"]).query)))
            found += [event["id"] for event in answer["results"]]
    return found, [row["sql"] for row in captured]


@pytest.fixture(autouse=True)
def short_walks(connect: Any, monkeypatch: Any) -> None:
    """Work on a copy, and let no walk fill a page."""
    monkeypatch.setattr(walks, "WALKED", 1)
    monkeypatch.setattr(walks, "FOR_EACH", 0)
    monkeypatch.setattr(walks, "FARTHER", 1)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("order", BOUND)
@pytest.mark.parametrize("sure", [0.1, 0.25, 0.5])
def test_what_lies_near_is_found_first(
    monkeypatch: Any, query: str, order: str, sure: float
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE events_event")
    asked = {**dict(parse_qsl(query)), "sort": order, "page_size": 2}
    monkeypatch.setattr(spread, "MOST", 0)
    expected, plain = crawl(asked)
    monkeypatch.setattr(spread, "MOST", 1)
    monkeypatch.setattr(spread, "FOR_SURE", sure)
    found, bounded = crawl(asked)
    assert found == expected
    assert len(found) > 6
    assert not any(BOUND[order] in sql for sql in plain)
    assert any(BOUND[order] in sql for sql in bounded)


def test_without_statistics_all_are_found(monkeypatch: Any) -> None:
    monkeypatch.setattr(spread, "MOST", 1)
    found, asked = crawl({"q": "aghdam", "page_size": 2})
    assert len(found) > 6
    assert not any(BOUND["-date"] in sql for sql in asked)
