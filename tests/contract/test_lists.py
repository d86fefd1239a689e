"""What every collection does, whatever it holds."""

from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from agreements.models import Agreement, Provision
from events.models import Event
from sources.models import Document
from tests.contract.test_openapi import document


def follow(get: Any, url: str) -> Any:
    return get(urlsplit(url).path, **dict(parse_qsl(urlsplit(url).query)))


def crawl(get: Any, path: str, direction: str = "next", **query: Any) -> list[str]:
    page = get(path, **query)
    ids = [record["id"] for record in page["results"]]
    while page[direction]:
        page = follow(get, page[direction])
        ids += [record["id"] for record in page["results"]]
        assert len(ids) < 10_000
    return ids


def test_a_list_answers_with_and_without_a_slash(client: Any, db: None, collection: Any) -> None:
    bare, slashed = client.get(collection.path), client.get(f"{collection.path}/?page_size=1")
    assert (bare.status_code, slashed.status_code) == (200, 200)
    assert bare["Content-Type"] == "application/json"
    assert len(slashed.json()["results"]) == 1


def test_every_record_is_found_by_its_url(get: Any, records: Any) -> None:
    assert records
    for record in records:
        assert get(record["url"]) == record
        assert get(f"{record['url']}/") == record


def test_every_path_in_a_record_leads_somewhere(client: Any, records: Any) -> None:
    def paths(value: Any) -> set[str]:
        if isinstance(value, dict):
            here = {value["url"]} if "url" in value else set()
            return here.union(*map(paths, value.values()))
        return set().union(*map(paths, value)) if isinstance(value, list) else set()

    for path in paths(records):
        assert client.get(path).status_code == 200, path


def test_the_database_writes_what_the_serializer_would(db: None, collection: Any) -> None:
    view = collection.view
    rows = list(view.model.objects.all())
    bodies = view().bodies([row.pk for row in rows])
    assert rows
    for row in rows:
        expected = orjson.loads(orjson.dumps(view.serializer_class(row).data))
        assert orjson.loads(bodies[row.pk]) == expected
        assert list(orjson.loads(bodies[row.pk])) == list(expected)


def test_each_order_is_total_and_a_crawl_sees_each_record_once(
    get: Any, collection: Any, records: Any
) -> None:
    for sort in collection.sorts:
        whole = [r["id"] for r in get(collection.path, sort=sort, page_size=1000)["results"]]
        assert sorted(whole) == sorted(record["id"] for record in records)
        size = 1 if len(whole) < 50 else 7
        assert crawl(get, collection.path, sort=sort, page_size=size) == whole, sort


def test_pages_can_be_walked_back(get: Any, collection: Any) -> None:
    first = get(collection.path, page_size=1)
    assert first["previous"] is None
    if first["next"]:
        second = follow(get, first["next"])
        assert follow(get, second["previous"])["results"] == first["results"]
        assert follow(get, second["previous"])["previous"] is None


def test_numbered_pages_join_up_with_the_cursor(get: Any, collection: Any, records: Any) -> None:
    if len(records) < 2:
        pytest.skip("one record makes no second page")
    numbered = get(collection.path, page_size=1, page=2)
    followed = follow(get, get(collection.path, page_size=1)["next"])
    assert numbered["results"] == followed["results"]
    assert follow(get, numbered["previous"])["results"] == [records[0]]


def test_links_stand_in_the_header_too(client: Any, db: None, collection: Any) -> None:
    url = f"{collection.path}?page_size=1"
    for _ in range(3):
        response = client.get(url)
        answer = response.json()
        links = [("next", answer["next"]), ("prev", answer["previous"])]
        told = ", ".join(f'<{link}>; rel="{rel}"' for rel, link in links if link)
        assert response.headers.get("Link", "") == told
        url = answer["next"] or url


def test_counts(get: Any, collection: Any, records: Any) -> None:
    for mode in ("auto", "exact"):
        page = get(collection.path, count=mode, page_size=1)
        assert (page["count"], page["count_relation"]) == (len(records), "exact")
    page = get(collection.path, count="none")
    assert (page["count"], page["count_relation"]) == (None, None)


def test_a_page_holds_fifty_unless_it_is_told_otherwise(get: Any) -> None:
    types = get("/api/event-types")
    assert (len(types["results"]), types["count"] > 50) == (50, True)
    assert len(get("/api/event-types", page_size=1000)["results"]) == types["count"]
    (error,) = get("/api/event-types", 400, page_size=1001)["errors"]
    assert (error["parameter"], error["code"]) == ("page_size", "out_of_range")


def test_what_costs_too_much_to_count_has_at_least_so_many(
    get: Any, collection: Any, records: Any, monkeypatch: Any
) -> None:
    if len(records) < 2:
        pytest.skip("one record is soon counted")
    many = len(records) - 1
    monkeypatch.setattr("api.views.COUNTED", many)
    page = get(collection.path, page_size=1)
    assert (page["count"], page["count_relation"]) == (many, "at_least")
    page = get(collection.path, page_size=1, count="exact")
    assert (page["count"], page["count_relation"]) == (many + 1, "exact")
    # A page that holds everything has counted it.
    page = get(collection.path, page_size=1000)
    assert (page["count"], page["count_relation"]) == (many + 1, "exact")


def test_links_show_the_address_without_a_slash(get: Any, collection: Any, records: Any) -> None:
    following = get(f"{collection.path}/", page_size=1)["next"]
    assert (following is None) == (len(records) == 1)
    assert following is None or urlsplit(following).path == collection.path
    assert all(not record["url"].endswith("/") for record in records)


# Where the value that an order goes by stands in a record, if not under its name.
ORDERED_BY: dict[str, Any] = {
    "date": lambda record: record["date"]["start"],
    "deaths": lambda record: record["deaths"]["best"],
    "due": lambda record: record["due"]["date"],
}


def test_an_order_is_by_what_it_is_named_for(get: Any, collection: Any) -> None:
    if collection.name == "events":
        for number, event in enumerate(Event.objects.order_by("-title")[:9]):
            Event.objects.filter(pk=event.pk).update(deaths_best=number % 4)
    for number, provision in enumerate(Provision.objects.order_by("-public_id")):
        Provision.objects.filter(pk=provision.pk).update(due_date=f"2021-01-0{1 + number}")
    for number, source in enumerate(Document.objects.order_by("-title")):
        Document.objects.filter(pk=source.pk).update(published=f"2021-01-0{1 + number}")
    for sort in collection.sorts:
        name = sort.removeprefix("-")
        value = ORDERED_BY.get(name, itemgetter(name))
        found = get(collection.path, sort=sort, page_size=1000)["results"]
        known = [value(record) for record in found if value(record) is not None]
        assert known, sort
        # Letters are compared as the database does, which folds no case.
        assert known == sorted(known, reverse=sort.startswith("-")), sort


@pytest.fixture
def unknown(db: None) -> None:
    """Make a record of each collection one of which it is not known when it was, or is due."""
    undated = {"start_date": None, "end_date": None, "date_precision": None, "edtf": None}
    Agreement.objects.filter(public_id="us-brokered-cease-fire-2020").update(**undated)
    # The earliest, and so the first but for this.
    Provision.objects.filter(public_id="hand-over-of-aghdam").update(
        due_date=None, due_qualifier=None
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [("events", "deaths"), ("agreements", "date"), ("provisions", "due"), ("sources", "published")],
)
def test_what_is_not_known_comes_last_either_way(
    get: Any, unknown: None, path: str, name: str
) -> None:
    value = ORDERED_BY.get(name, itemgetter(name))
    for sort in (name, f"-{name}"):
        found = get(f"/api/{path}", sort=sort, page_size=1000)["results"]
        values = [value(record) for record in found]
        known = [each for each in values if each is not None]
        assert 0 < len(known) < len(values)
        assert values == [*known, *[None] * (len(values) - len(known))], sort
        crawled = crawl(get, f"/api/{path}", sort=sort, page_size=1)
        assert crawled == [record["id"] for record in found]


def test_an_order_says_where_what_is_not_known_comes(
    get: Any, unknown: None, collection: Any
) -> None:
    said = document()["paths"][collection.path]["get"]["parameters"]
    (text,) = [parameter["description"] for parameter in said if parameter["name"] == "sort"]
    for name in {sort.removeprefix("-") for sort in collection.sorts}:
        value = ORDERED_BY.get(name, itemgetter(name))
        up, down = (
            [value(r) for r in get(collection.path, sort=sort, page_size=1000)["results"]]
            for sort in (name, f"-{name}")
        )
        last = f"Where `{name}` is not known it comes last, either way."
        first = f"Where `{name}` is not known it is before all others: last in `-{name}`."
        assert (last in text) == (up[-1] is None and down[-1] is None)
        assert (first in text) == (up[0] is None and down[-1] is None)
        assert (last in text or first in text) == (None in up)


def test_the_latest_events_come_first(get: Any) -> None:
    assert get("/api/events")["results"] == get("/api/events", sort="-date")["results"]


def test_equals_are_in_one_order_and_in_the_reverse_of_it(get: Any) -> None:
    Event.objects.update(title="The same")
    there, back = (
        [event["id"] for event in get("/api/events", sort=sort)["results"]]
        for sort in ("title", "-title")
    )
    assert there == back[::-1]


def test_head_and_options_are_answered(client: Any, db: None, collection: Any) -> None:
    assert client.head(collection.path).status_code == 200
    options = client.options(collection.path)
    assert options.status_code == 200
    assert options["Allow"] == "GET, HEAD, OPTIONS"


# The article has no such codes, nobody breaks a provision in it, and it is one dataset.
FINDS_NOTHING = {
    *(("agreements", "code"), ("actors", "code"), ("places", "code")),
    *(("events", "breaches"), ("events", "exclude_dataset")),
}


def test_every_filter_has_an_example_that_finds_something(get: Any, collection: Any) -> None:
    fields = collection.view.parameters().fields
    for name, parameter in fields.items():
        if parameter.example is not None:
            needed = {name: fields[name].example for name in parameter.needs[:1]}
            found = get(collection.path, **{name: parameter.example}, **needed)["results"]
            assert bool(found) == ((collection.name, name) not in FINDS_NOTHING), name


def test_any_origin_may_read(client: Any, db: None, collection: Any) -> None:
    response = client.get(collection.path, headers={"origin": "https://example.org"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert "Set-Cookie" not in response
