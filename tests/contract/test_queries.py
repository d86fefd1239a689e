"""How many queries each endpoint makes: a change is a decision, not an accident."""

import re
from itertools import combinations
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from tests.contract.withheld import withheld_dataset


def queries(get: Any, path: str, **query: Any) -> list[str]:
    """Return the queries that an answer takes, but for the one that every answer begins with."""
    with CaptureQueriesContext(connection) as captured:
        get(path, **query)
    revision, *made = [row["sql"] for row in captured]
    assert "FROM sources_revision" in revision
    return made


def withheld(collection: Any) -> int:
    """Return how many queries ask which datasets are withheld; outside of tests they are remembered."""
    return int(collection.view.model.dataset_path is not None)


def page(collection: Any) -> int:
    """Return how many queries a page takes: keys, and bodies; those that are stored come with the keys."""
    return 1 if collection.name == "events" else 2


def test_a_list_is_a_page_and_a_count_however_long(get: Any, collection: Any) -> None:
    for size in (1, 2):
        answer = get(collection.path, page_size=size)
        made = queries(get, collection.path, page_size=size)
        counted = answer["count"] > size
        assert len(made) == withheld(collection) + page(collection) + counted, made


def test_a_list_without_count_is_a_page(get: Any, collection: Any) -> None:
    made = queries(get, collection.path, count="none")
    assert len(made) == withheld(collection) + page(collection)


def test_a_page_costs_the_same_at_any_depth(get: Any, collection: Any, records: Any) -> None:
    """The rows before a page are not read to get there."""
    answer = get(collection.path, page_size=1)
    for _ in records[1:12]:
        query = dict(parse_qsl(urlsplit(answer["next"]).query))
        made = queries(get, collection.path, **query)
        assert len(made) <= withheld(collection) + page(collection) + 1
        assert not any(" OFFSET " in sql for sql in made)
        answer = get(collection.path, **query)


def test_a_record_is_one_query(get: Any, collection: Any, records: Any) -> None:
    assert len(queries(get, records[0]["url"])) == withheld(collection) + 1


@pytest.mark.parametrize(
    ("query", "extra"),
    [
        ({"place": "Ağdam"}, 1),
        ({"place": "Agdam,Baku,Lachin"}, 1),
        ({"actor": "displaced-ethnic-azerbaijanis"}, 1),
        ({"actor": "Azerbaijan", "sort": "title"}, 1),
        # Three names, and how many events each of them has.
        ({"place": "Agdam", "actor": "Azerbaijan", "type": "RETREAT"}, 6),
        ({"country": "AZ", "dataset": "aghdam-2020", "deaths_min": "1"}, 2),
        ({"source": "npr-2020-11-20"}, 1),
        ({"code": ["cameo:190", "cameo:1", "cameo:2"]}, 1),  # which schemes there are
        ({"q": "troops", "date": "2020-11"}, 1),  # whether there is a word in it
    ],
)
def test_names_codes_and_words_cost_a_query_each(
    get: Any, query: dict[str, Any], extra: int
) -> None:
    made = queries(get, "/api/events", **query)
    # What is withheld, and the page: what is all on one page is not counted.
    assert len(made) == 2 + extra, made


def test_only_the_bodies_of_the_page_are_read(get: Any) -> None:
    made = queries(get, "/api/events", page_size=1)
    assert sum("events_eventbody" in sql for sql in made) == 1
    assert not any("JOIN" in sql.partition(") page CROSS JOIN")[0] for sql in made)


def test_the_filter_with_the_fewest_events_leads(get: Any) -> None:
    tables = {"place": "events_event", "actor": "events_participation", "code": "events_eventcode"}
    filters = [("place", "AZ"), ("place", "baku"), ("actor", "azerbaijan"), ("actor", "ap")]
    filters += [("code", "cameo:190"), ("code", "ucdp:1")]
    led_by = set()
    for one, other in combinations(filters, 2):
        if one[0] == other[0]:
            continue
        counts = [get("/api/events", **{name: value})["count"] for name, value in (one, other)]
        *_, keys = queries(get, "/api/events", **dict([one, other]), count="none")
        if counts[0] != counts[1]:
            leader = one if counts[0] < counts[1] else other
            led_by.add(leader[0])
            assert re.findall(r'FROM "(\w+)"(?! U0)', keys)[0] == tables[leader[0]], keys
    assert led_by == set(tables)


def test_a_refusal_reads_the_names_of_a_directory_once(get: Any) -> None:
    unknown = ",".join(f"unheard-of-{number}" for number in range(100))
    with CaptureQueriesContext(connection) as captured:
        problem = get(
            "/api/events",
            400,
            place=unknown, exclude_place=unknown, type=unknown, code=unknown.replace(",", ":1,") + ":1",
        )  # fmt: skip
    assert len(problem["errors"]) == 20
    # The state of the data, what each of four parameters means, and twice names and ids of places.
    assert len(captured) <= 1 + 4 + 2 + 2, [row["sql"] for row in captured]


def test_a_dataset_that_is_withheld_and_empty_costs_nothing(get: Any) -> None:
    empty = withheld_dataset()
    with CaptureQueriesContext(connection) as captured:
        get("/api/events", place="Agdam")
    assert any('"dataset_id" = ' in row["sql"] for row in captured)
    Event.objects.filter(dataset=empty).delete()
    with CaptureQueriesContext(connection) as captured:
        get("/api/events", place="Agdam")
    assert not any(
        "events_eventbody" in row["sql"] and '"dataset_id"' in row["sql"] for row in captured
    )
