"""Answers are kept until the data change, and only answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api import caching
from events.models import Event
from sources.models import Revision

CHANGED = datetime(2026, 11, 2, 12, 30, 15, 250_000, tzinfo=UTC)
LAST_MODIFIED = "Mon, 02 Nov 2026 12:30:15 GMT"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_of_a_while_ago(db: None) -> None:
    Revision.objects.update(changed_at=CHANGED)


@pytest.fixture
def ask(client: Any) -> Any:
    """Return a function that GETs a path and returns the answer and the queries it took."""

    def ask(path: str, method: str = "get", **headers: str) -> tuple[Any, list[str]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with CaptureQueriesContext(connection) as captured:
            response = getattr(client, method)(path, headers=named)
        return response, [row["sql"] for row in captured]

    return ask


def test_an_answer_says_how_long_it_is_good(ask: Any, collection: Any, records: Any) -> None:
    for path in (collection.path, records[0]["url"], "/api"):
        response, _ = ask(path)
        assert response["ETag"].startswith('W/"')
        assert response["Last-Modified"] == LAST_MODIFIED
        assert response["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert {"Accept", "Accept-Encoding"} <= set(response["Vary"].split(", "))
        assert "Cookie" not in response["Vary"]
        assert "Set-Cookie" not in response


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_known_answer_costs_one_query(
    ask: Any, collection: Any, records: Any, method: str
) -> None:
    for path in (f"{collection.path}?page_size=2", records[0]["url"]):
        first, _ = ask(path)
        response, queries = ask(path, method, if_none_match=first["ETag"])
        assert (response.status_code, response.content) == (304, b"")
        assert len(queries) == 1
        assert "FROM sources_revision" in queries[0]
        # Of an answer with a body it would be the length of that.
        assert "Content-Length" not in response
        for name in ("ETag", "Last-Modified", "Cache-Control", "Vary", "API-Version"):
            assert response[name] == first[name]


@pytest.mark.parametrize("form", ["{}", '"other", {}', '{}, W/"other"', "strong"])
def test_tags_are_compared_weakly_and_in_lists(ask: Any, form: str) -> None:
    tag = ask("/api/events")[0]["ETag"]
    asked = tag.removeprefix("W/") if form == "strong" else form.format(tag)
    assert ask("/api/events", if_none_match=asked)[0].status_code == 304


@pytest.mark.parametrize("asked", ['"other"', 'W/"other"', "nonsense", '"', "", "W/", "\xff"])
def test_other_tags_say_nothing(ask: Any, asked: str) -> None:
    assert ask("/api/events", if_none_match=asked)[0].status_code == 200


def test_a_tag_is_good_for_its_own_question_alone(ask: Any) -> None:
    tag = ask("/api/events?place=Aghdam")[0]["ETag"]
    assert ask("/api/events/?place=Aghdam", if_none_match=tag)[0].status_code == 304
    for path, status in {
        "/api/events": 200,
        "/api/events?place=Baku": 200,
        "/api/events?place=Aghdam&page_size=5": 200,
        "/api/actors": 200,
        "/api/events?place=Aghdam&nonsense=1": 400,
        "/api/events?place=Nowhere": 400,
        "/api/events/never-was": 404,
        "/api/nosuch": 404,
    }.items():
        assert ask(path, if_none_match=tag)[0].status_code == status, path
    other_host, _ = ask("/api/events?place=Aghdam", if_none_match=tag, host="localhost")
    assert other_host.status_code == 200
    refused, _ = ask("/api/events?place=Aghdam", if_none_match=tag, accept="application/xml")
    assert refused.status_code == 406


@pytest.mark.parametrize(
    "condition", [{"if_none_match": "*"}, {"if_modified_since": LAST_MODIFIED}], ids=str
)
def test_what_holds_for_any_answer_needs_an_answer(ask: Any, condition: dict[str, str]) -> None:
    for path, status in {
        "/api/events?nonsense=1": 400,
        "/api/events?page=99": 404,
        "/api/events/never-was": 404,
        "/api/nosuch": 404,
    }.items():
        for _ in range(2):
            assert ask(path, **condition)[0].status_code == status, path
    # Answered first, then remembered.
    first, _ = ask("/api/events?place=Aghdam", **condition)
    again, queries = ask("/api/events?place=Aghdam", **condition)
    assert (first.status_code, again.status_code) == (304, 304)
    assert "Content-Length" not in {**first.headers, **again.headers}
    assert len(queries) == 1
    assert first["ETag"] == again["ETag"]


@pytest.mark.parametrize(
    "since", ["Mon, 02 Nov 2026 12:30:14 GMT", "Tue, 03 Nov 2026 12:30:15 GMT", "yesterday", ""]
)
def test_another_date_is_not_the_date(ask: Any, since: str) -> None:
    ask("/api/events")
    assert ask("/api/events", if_modified_since=since)[0].status_code == 200


@pytest.mark.parametrize(("lag", "is_told"), [(0, True), (1, True), (10, False)])
def test_a_date_is_told_once_no_other_change_of_it_can_come(
    ask: Any, settings: Any, lag: int, is_told: bool
) -> None:
    """A standby may have the first of two changes of a second, and not yet the other."""
    settings.DATA_LAG = lag
    Revision.objects.update(changed_at=timezone.now() - timedelta(seconds=5))
    response, _ = ask("/api/events")
    assert ("Last-Modified" in response) == is_told
    assert "ETag" in response


def test_a_tag_wins_over_a_date(ask: Any) -> None:
    ask("/api/events")
    response, _ = ask("/api/events", if_none_match='"other"', if_modified_since=LAST_MODIFIED)
    assert response.status_code == 200


def test_every_change_of_the_data_makes_a_new_tag(ask: Any, collection: Any) -> None:
    """What was kept before a change is not said to be good after it."""
    first, _ = ask(collection.path)
    Event.objects.filter(public_id="celebrations-in-baku").update(title="Changed")
    second, _ = ask(
        collection.path, if_none_match=first["ETag"], if_modified_since=first["Last-Modified"]
    )
    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]


def test_data_that_were_put_in_anew_have_other_tags(ask: Any) -> None:
    """The number of the revision alone may come again."""
    first, _ = ask("/api/events")
    Revision.objects.update(changed_at=CHANGED + timedelta(microseconds=1))
    assert ask("/api/events", if_none_match=first["ETag"])[0].status_code == 200


def test_a_date_is_given_once_its_second_is_over(ask: Any) -> None:
    Revision.objects.update(changed_at=timezone.now() + timedelta(seconds=1))
    assert "Last-Modified" not in ask("/api/events")[0]
    assert "ETag" in ask("/api/events")[0]


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc", "/api/schema", "/api/schema.yaml"])
def test_what_the_software_alone_says_needs_no_database(
    ask: Any, monkeypatch: Any, path: str
) -> None:
    first, queries = ask(path)
    assert queries == []
    assert "Last-Modified" not in first
    assert ask(path, if_none_match=first["ETag"])[0].status_code == 304


@pytest.mark.parametrize(
    "path", ["/api/events?x=1", "/api/events/never-was", "/api/nosuch", "/livez", "/readyz"]
)
def test_errors_and_states_are_not_kept(ask: Any, path: str) -> None:
    response, _ = ask(path)
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
    assert "Last-Modified" not in response


def test_what_is_remembered_is_bounded(ask: Any, client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(caching, "REMEMBERED", 2)
    for size in range(1, 6):
        ask(f"/api/events?page_size={size}")
    again, _ = ask("/api/events?page_size=1", if_modified_since=LAST_MODIFIED)
    assert again.status_code == 304


def test_without_a_database_the_state_is_not_known(
    client: Any, monkeypatch: Any, caplog: Any
) -> None:
    def gone(_: Any) -> None:
        raise OperationalError("no connection to /secret/socket\n\x1b[2J\x85refused")

    monkeypatch.setattr("api.state._read", gone)
    response = client.get("/api/events")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert b"secret" not in response.content
    # Those who run the service are told the cause, in a line.
    (line,) = [each.getMessage() for each in caplog.records if each.name == "dateline.problems"]
    assert line == "Database not available: 'no connection to /secret/socket \\x1b[2J refused'"
    assert client.get("/api/schema").status_code == 200
