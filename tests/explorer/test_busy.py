"""Pages when the database is busy or gone, and what they cost it."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings

from api.problems import BUSY
from events.views import EventViewSet
from explorer.addresses import is_page

PATHS = ["/", "/events/azerbaijani-forces-enter-aghdam", "/agreements", "/agreements/nosuch"]


@pytest.mark.parametrize("path", PATHS)
def test_who_finds_no_place_is_told_to_come_back(client: Any, db: None, path: str) -> None:
    response = client.get(path, **{BUSY: "all are taken"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "The service is busy" in response.content.decode()
    assert f'<a href="{path}">Try again</a>' in response.content.decode()


def test_where_no_place_is_found_the_database_is_not_asked(
    client: Any, django_assert_num_queries: Any, db: None
) -> None:
    with django_assert_num_queries(0):
        client.get("/?place=Aghdam", **{BUSY: "all are taken"})


def test_a_database_that_fails_is_told_of(client: Any, db: None, monkeypatch: Any) -> None:
    def fails(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(EventViewSet, "keys", fails)
    response = client.get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "The database is busy or cannot be reached" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "yes"),
    [
        ("/", True),
        ("/events/x", True),
        ("/agreements", True),
        ("/agreements/x", True),
        ("/eventsx", False),
        ("/api/events", False),
        ("/static/explorer/page.css", False),
        ("/livez", False),
    ],
)
def test_which_addresses_take_a_place(path: str, yes: bool) -> None:
    assert is_page(path) is yes


def test_a_page_counts_for_what_it_asks(client: Any, db: None, tmp_path: Any) -> None:
    """A limit to requests cannot be got round by asking for pages."""
    with override_settings(RATE_LIMIT="5/day", DATA_FOLDER=tmp_path):
        client.handler.load_middleware()
        statuses = [client.get("/agreements").status_code for _ in range(6)]
        refused = client.get("/agreements")
    client.handler.load_middleware()
    assert statuses == [200] * 5 + [429]
    assert "At most 5 requests are answered" in refused.content.decode()
    assert refused["Retry-After"]


def test_what_pages_cost(client: Any, get: Any, django_assert_num_queries: Any) -> None:
    """Those of the API, and two summaries for the choices of the form."""

    def queries(path: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    for path in PATHS[1:]:
        query = "?include=sources" if path.count("/") == 2 else ""
        assert queries(path) == queries(f"/api{path}{query}"), path
    choices = sum(queries(f"/api/events/summary?by={word}") for word in ("type", "dataset"))
    assert queries("/?place=Aghdam") == queries("/api/events?place=Aghdam") + choices
