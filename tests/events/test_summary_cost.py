"""What a summary costs: statements, the index it is read from, and what is done about many rows."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import costs, summaries
from events.models import Event
from events.summaries import GROUPINGS
from tests.contract.test_openapi import check

PATH = "/api/events/summary"


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        ({"by": "month"}, 1),
        ({"by": "year,status"}, 1),
        ({"by": "type"}, 2),
        ({"by": "country,type"}, 3),
        # The whole is not the sum of groups that overlap, nor of a part of them.
        ({"by": "actor"}, 3),
        ({"by": "month", "limit": "2"}, 2),
        ({"by": "month", "place": "Aghdam"}, 2),
        ({"by": "type", "deaths_min": "1000000"}, 1),
    ],
)
def test_it_is_one_statement_and_one_for_names(
    get: Any, query: dict[str, str], statements: int
) -> None:
    with CaptureQueriesContext(connection) as made:
        get(PATH, **query)
    # Besides: the state of the data and what of them is withheld, as with every list; what it would cost;
    # limits, and the transaction that they are of.
    assert len(made) == 6 + statements, [row["sql"] for row in made]


@pytest.mark.parametrize("by", [word for word in GROUPINGS if word != "actor"])
def test_an_index_holds_all_that_is_summed_up(get: Any, by: str) -> None:
    """It is read alone then, in a fraction of the pages."""
    index = next(i for i in Event._meta.indexes if i.name == "events_event_summary")
    held = {Event._meta.get_field(name).column for name in (*index.fields, *index.include)}
    with CaptureQueriesContext(connection) as made:
        get(PATH, by=by)
    statement = next(
        row["sql"]
        for row in made
        if row["sql"].startswith("SELECT") and "events_event" in row["sql"]
    )
    assert set(re.findall(r'"events_event"."(\w+)"', statement)) <= held


# ---- Of many rows ----


@pytest.fixture
def many(monkeypatch: Any) -> None:
    """Take every summary for one of many rows."""
    monkeypatch.setattr(costs, "MUCH", 0)


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("by", ["actor", "month,actor", "place,actor", "month,type"])
def test_many_rows_are_summed_up_as_few_are(
    get: Any, more: None, monkeypatch: Any, by: str, few: int
) -> None:
    queries: list[dict[str, Any]] = [{}, {"limit": 3}, {"actor": "Armenia"}, {"dataset": "more"}]
    expected = [get(PATH, by=by, **query) for query in queries]
    monkeypatch.setattr(costs, "MUCH", 0)
    monkeypatch.setattr("events.summaries.FEW", few)
    assert [get(PATH, by=by, **query) for query in queries] == expected


@pytest.mark.parametrize("by", ["day,actor", "type,day", "actor", "place,type"])
def test_far_too_many_groups_are_seen_from_some_rows(
    get: Any, more: None, many: None, monkeypatch: Any, by: str
) -> None:
    first = get(PATH, by=by, limit=2)
    monkeypatch.setattr(summaries, "MAX_GROUPS", 3)
    with CaptureQueriesContext(connection) as made:
        (error,) = get(PATH, 400, by=by)["errors"]
    assert "There are more than 3 groups" in error["detail"]
    assert not any("SUM(" in row["sql"] for row in made if row["sql"].startswith("SELECT"))
    # The first of them are answered all the same, and how many there are.
    assert get(PATH, by=by, limit=2) == first


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_what_takes_too_long_is_refused_as_that(
    client: Any, db: None, monkeypatch: Any, suffix: str
) -> None:
    monkeypatch.setattr(summaries.Groups, "first", lambda *_, **__: sleep())
    monkeypatch.setattr(summaries, "SECONDS", 0.05)
    response = client.get(f"{PATH}{suffix}?by=actor")
    assert response.status_code == 400
    check(PATH, 400, "application/problem+json", response.json())
    (error,) = response.json()["errors"]
    assert (error["parameter"], error["value"]) == ("by", "actor")
    assert "takes longer" in error["detail"]
    monkeypatch.undo()
    assert client.get(f"{PATH}{suffix}?by=actor").status_code == 200


def sleep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_few_of_many_rows_are_made_at_once(
    client: Any, db: None, many: None, monkeypatch: Any
) -> None:
    monkeypatch.setattr(costs.ROOM, "patience", 0.1)
    with costs.ROOM.place("one"):
        response = client.get(f"{PATH}?by=month")
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        check(PATH, 503, "application/problem+json", response.json())
        assert "summaries" in response.json()["detail"]
        assert client.get("/api/events").status_code == 200
    assert client.get(f"{PATH}?by=month").status_code == 200
    assert client.get(f"{PATH}?by=week").status_code == 400
    assert costs.ROOM.left == costs.AT_ONCE


def test_those_of_few_rows_need_no_place(client: Any, db: None) -> None:
    with costs.ROOM.place("one"):
        assert client.get(f"{PATH}?by=month").status_code == 200
