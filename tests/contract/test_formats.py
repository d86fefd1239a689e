"""Every format that a collection offers: how it is asked for, and that it holds what the list holds."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from api.formats import CSV, GEOJSON, JSON, NDJSON, SELECTION
from events.queries import ORDERS
from tests.contract.conftest import COLLECTIONS, Collection
from tests.contract.test_errors import PROBLEM
from tests.contract.test_openapi import check

OFFERED = {
    "events": (JSON, GEOJSON, CSV, NDJSON),
    "places": (JSON, GEOJSON, CSV, NDJSON),
    "actors": (JSON, CSV, NDJSON),
    "agreements": (JSON, CSV, NDJSON),
    "provisions": (JSON, CSV, NDJSON),
    "sources": (JSON, CSV, NDJSON),
    "datasets": (JSON,),
    "event-types": (JSON,),
}
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def fetch(client: Any, db: None) -> Any:
    """Return a function that GETs a path and returns the response and its text."""

    def fetch(path: str, status: int = 200, /, **options: Any) -> tuple[Any, str]:
        response = client.get(path, **options)
        text = content(response).decode()
        assert response.status_code == status, text
        return response, text

    return fetch


def of(format_: Any) -> list[Collection]:
    return [collection for collection in COLLECTIONS if format_ in OFFERED[collection.name]]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def inert(value: Any) -> str:
    """Return what a cell holds for a value of a row."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else str(value)


# The ids in a file.
READ = {
    CSV: lambda text: [row["id"] for row in table(text)],
    NDJSON: lambda text: [json.loads(line)["id"] for line in text.splitlines()],
    GEOJSON: lambda text: [feature["id"] for feature in json.loads(text)["features"]],
}


def rows_of(collection: Collection) -> dict[str, dict[str, Any]]:
    """All records as the serializer of rows makes them."""
    records = collection.view.model.objects.all()
    rows = (collection.view.row_serializer_class(record).data for record in records)
    return {row["id"]: orjson.loads(orjson.dumps(row)) for row in rows}


def test_each_collection_offers_what_the_contract_says(collection: Collection) -> None:
    assert collection.view.formats == OFFERED[collection.name]


def test_a_suffix_and_the_parameter_name_a_format(fetch: Any, collection: Collection) -> None:
    for format_ in OFFERED[collection.name]:
        by_suffix, text = fetch(f"{collection.path}.{format_.name}")
        by_name, same = fetch(f"{collection.path}?format={format_.name}")
        assert by_suffix["Content-Type"] == by_name["Content-Type"] == format_.content_type
        _, slashed = fetch(f"{collection.path}.{format_.name}/")
        _, both = fetch(f"{collection.path}.{format_.name}?format={format_.name}")
        # Links repeat the way that a page was asked for.
        texts = {text, same, slashed, both}
        assert (
            len({json.dumps(json.loads(t)["results"]) for t in texts} if format_ is JSON else texts)
            == 1
        )


def test_a_name_beats_what_the_client_accepts(fetch: Any, collection: Collection) -> None:
    for format_ in OFFERED[collection.name]:
        for accept in ("text/plain, application/json", "application/xml", "text/csv", "*/*;q=0"):
            for path in (
                f"{collection.path}.{format_.name}",
                f"{collection.path}?format={format_.name}",
            ):
                response, _ = fetch(path, headers={"accept": accept})
                assert response["Content-Type"] == format_.content_type


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html",
        "text/plain, application/json",
        "application/json;q=0.5",
        "",
    ],
)
def test_json_is_what_browsers_and_gdal_get(
    fetch: Any, collection: Collection, accept: str
) -> None:
    response, _ = fetch(collection.path, headers={"accept": accept})
    assert response["Content-Type"] == "application/json"


def test_a_client_may_accept_a_format(fetch: Any, collection: Collection) -> None:
    for format_ in (GEOJSON, CSV, NDJSON):
        offered = format_ in OFFERED[collection.name]
        response, _ = fetch(
            collection.path, 200 if offered else 406, headers={"accept": format_.media_type}
        )
        assert response["Content-Type"] == (format_.content_type if offered else PROBLEM)
        weaker = {"accept": f"{format_.media_type};q=0.2, application/json;q=0.9"}
        assert fetch(collection.path, headers=weaker)[0]["Content-Type"] == "application/json"


def test_answers_vary_by_what_is_accepted(client: Any, db: None, collection: Collection) -> None:
    assert "Accept" in client.get(collection.path)["Vary"].split(", ")
    several = len(OFFERED[collection.name]) > 1
    for path in (f"{collection.path}?nonsense=1", f"{collection.path}/nothing"):
        assert ("Accept" in client.get(path)["Vary"].split(", ")) == several


def test_what_is_not_offered_is_told(fetch: Any, collection: Collection) -> None:
    names = [format_.name for format_ in OFFERED[collection.name]]
    for suffix in {"xml", "csv", "geojson", "ndjson", "json5"} - set(names):
        response, text = fetch(f"{collection.path}.{suffix}", 404)
        assert response["Content-Type"] == PROBLEM
        assert f".{names[-1]}" in json.loads(text)["detail"]
        _, text = fetch(f"{collection.path}?format={suffix}", 400)
        (error,) = json.loads(text)["errors"]
        assert (error["code"], error["allowed"]) == ("unknown_value", names)
    response, text = fetch(collection.path, 406, headers={"accept": "application/xml"})
    assert "application/json" in json.loads(text)["detail"]


def test_two_names_of_formats_contradict_each_other(fetch: Any) -> None:
    for path in ("/api/events.csv?format=json", "/api/events.json?format=csv"):
        (error,) = json.loads(fetch(path, 400)[1])["errors"]
        assert (error["parameter"], error["code"]) == ("format", "contradiction")


def test_an_error_is_a_problem_in_every_format(fetch: Any, collection: Collection) -> None:
    for format_ in OFFERED[collection.name]:
        for path, status in [("?nonsense=1", 400), ("?sort=no", 400), ("/nothing-here", 404)]:
            if path.startswith("?"):
                response, text = fetch(f"{collection.path}.{format_.name}{path}", status)
            else:
                response, text = fetch(f"{collection.path}{path}.{format_.name}", status)
            assert response["Content-Type"] == PROBLEM
            assert json.loads(text)["status"] == status


@pytest.mark.parametrize("collection", of(CSV), ids=str)
def test_a_table_holds_what_its_serializer_says(
    fetch: Any, collection: Collection, records: Any
) -> None:
    _, text = fetch(f"{collection.path}.csv")
    expected = rows_of(collection)
    found = table(text)
    assert [row["id"] for row in found] == [record["id"] for record in records]
    assert text.endswith("\r\n")
    for row in found:
        assert row == {name: inert(value) for name, value in expected[row["id"]].items()}


@pytest.mark.parametrize("collection", of(NDJSON), ids=str)
def test_lines_hold_what_the_list_holds(fetch: Any, collection: Collection, records: Any) -> None:
    _, text = fetch(f"{collection.path}.ndjson")
    assert text.endswith("}\n")
    assert [json.loads(line) for line in text.splitlines()] == records


@pytest.mark.parametrize("collection", of(GEOJSON), ids=str)
def test_features_hold_what_rows_hold(fetch: Any, collection: Collection, records: Any) -> None:
    _, text = fetch(f"{collection.path}.geojson")
    file = json.loads(text)
    expected = rows_of(collection)
    assert file["count"] == len(records)
    assert [feature["id"] for feature in file["features"]] == [record["id"] for record in records]
    for feature in file["features"]:
        row = feature["properties"]
        assert row == expected[feature["id"]]
        point = [row["longitude"], row["latitude"]]
        assert (feature["geometry"] or {}).get("coordinates", [None, None]) == point
    assert any(feature["geometry"] is None for feature in file["features"])
    assert any(feature["geometry"] for feature in file["features"])


@pytest.mark.parametrize("collection", of(GEOJSON), ids=str)
def test_features_are_as_described(fetch: Any, collection: Collection, records: Any) -> None:
    accepting = {"headers": {"accept": GEOJSON.media_type}}
    _, file = fetch(f"{collection.path}.geojson")
    _, page = fetch(f"{collection.path}?page_size=2", **accepting)
    for answer in (file, page):
        check(collection.path, 200, GEOJSON.media_type, json.loads(answer))
    _, feature = fetch(f"{records[0]['url']}.geojson")
    check(f"{collection.path}/{{id}}", 200, GEOJSON.media_type, json.loads(feature))


def test_accepted_features_come_in_pages(fetch: Any) -> None:
    accepting = {"headers": {"accept": GEOJSON.media_type}}
    response, text = fetch("/api/events?page_size=2", **accepting)
    page = json.loads(text)
    assert (len(page["features"]), page["type"]) == (2, "FeatureCollection")
    assert "Content-Disposition" not in response
    assert page["count"] > 2
    assert response["Link"] == f'<{page["next"]}>; rel="next"'
    _, following = fetch(page["next"].removeprefix("http://testserver"), **accepting)
    assert json.loads(following)["features"][0]["id"] != page["features"][0]["id"]


@pytest.mark.parametrize("collection", of(CSV), ids=str)
def test_files_take_filters_and_orders(fetch: Any, get: Any, collection: Collection) -> None:
    for sort in collection.sorts:
        listed = [r["id"] for r in get(collection.path, sort=sort, page_size=1000)["results"]]
        _, text = fetch(f"{collection.path}.csv?sort={sort}")
        assert [row["id"] for row in table(text)] == listed, sort
    for query in ({"place": "Aghdam"}, {"actor": "Azerbaijan", "date": "2020-11"}):
        listed = [r["id"] for r in get("/api/events", **query)["results"]]
        for format_ in (CSV, NDJSON, GEOJSON):
            _, text = fetch(f"/api/events.{format_.name}", data=query)
            assert READ[format_](text) == listed != []


def test_files_of_nothing(fetch: Any) -> None:
    nothing = "?q=nosuchword"
    assert fetch(f"/api/events.ndjson{nothing}")[1] == ""
    assert json.loads(fetch(f"/api/events.geojson{nothing}")[1])["features"] == []
    _, text = fetch(f"/api/events.csv{nothing}")
    assert text.startswith("id,url,title,")
    assert text.count("\r\n") == 1


@pytest.mark.parametrize("parameter", ["page=1", "page_size=50", "cursor=abc", "count=exact"])
def test_a_file_has_no_pages(fetch: Any, parameter: str) -> None:
    name = parameter.partition("=")[0]
    for path in ("/api/events.csv", "/api/events.ndjson", "/api/events.geojson", "/api/actors.csv"):
        _, text = fetch(f"{path}?{parameter}", 400)
        (error,) = json.loads(text)["errors"]
        assert (error["parameter"], error["code"]) == (name, "not_for_format")
        assert "every row" in error["detail"]


@pytest.mark.parametrize("collection", of(CSV), ids=str)
def test_a_file_says_its_name_terms_and_citation(fetch: Any, collection: Collection) -> None:
    for format_ in OFFERED[collection.name][1:]:
        response, _ = fetch(f"{collection.path}.{format_.name}")
        name = rf"dateline-{collection.name}-\d{{4}}-\d\d-\d\d-r\d+\.{format_.name}"
        assert re.fullmatch(f'attachment; filename="{name}"', response["Content-Disposition"])
        assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in response["Link"]
        assert '<http://testserver/api/datasets/aghdam-2020>; rel="cite-as"' in response["Link"]


@pytest.mark.parametrize("collection", of(CSV), ids=str)
def test_a_file_of_one_record_says_the_same(
    fetch: Any, collection: Collection, records: Any
) -> None:
    url, id_ = records[0]["url"], records[0]["id"]
    for format_ in OFFERED[collection.name][1:]:
        name = rf"dateline-{collection.name}-{id_}-\d{{4}}-\d\d-\d\d-r\d+\.{format_.name}"
        for asked in (f"{url}.{format_.name}", f"{url}?format={format_.name}"):
            response, _ = fetch(asked)
            assert re.fullmatch(f'attachment; filename="{name}"', response["Content-Disposition"])
            assert (
                '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in response["Link"]
            )
            assert '<http://testserver/api/datasets/aghdam-2020>; rel="cite-as"' in response["Link"]
    for page in (url, f"{url}.json"):
        assert not {"Link", "Content-Disposition"} & set(fetch(page)[0].headers)


def test_a_file_of_one_record_links_its_own_dataset(fetch: Any) -> None:
    from places.models import Place
    from sources.models import Dataset

    terms = {"description": "-", "licence": "ODbL-1.0", "citation": "-", "redistributable": True}
    other = Dataset.objects.create(public_id="other", name="Other", **terms)
    event = "/api/events/azerbaijani-forces-enter-aghdam.csv"
    assert "/api/datasets/other" not in fetch(event)[0]["Link"]
    Place.objects.filter(public_id="aghdam").update(dataset=other)
    place, _ = fetch("/api/places/aghdam.geojson")
    assert place["Link"] == (
        '<http://testserver/api/datasets/other>; rel="license", '
        '<http://testserver/api/datasets/other>; rel="cite-as"'
    )
    # Who made it draws on any of them.
    Place.objects.filter(public_id="aghdam").update(dataset=None)
    place, _ = fetch("/api/places/aghdam.csv")
    assert place["Link"].count('rel="cite-as"') == 2


def test_head_finds_no_rows(client: Any, db: None) -> None:
    for format_ in (CSV, NDJSON, GEOJSON):
        path = f"/api/events.{format_.name}"
        with CaptureQueriesContext(connection) as captured:
            head = client.head(path)
        assert content(head) == b""
        assert not any("events_event" in query["sql"] for query in captured)
        got = client.get(path)
        content(got)
        assert head.headers == got.headers
    assert client.head("/api/events.csv?sort=no").status_code == 400


def test_a_record_can_be_had_in_each_format(
    fetch: Any, collection: Collection, records: Any
) -> None:
    record = records[0]
    for format_ in OFFERED[collection.name]:
        for path, options in [
            (f"{record['url']}.{format_.name}", {}),
            (f"{record['url']}?format={format_.name}", {}),
            (record["url"], {"headers": {"accept": format_.media_type}}),
        ]:
            response, text = fetch(path, **options)
            assert response["Content-Type"] == format_.content_type
            if format_ is CSV:
                assert [row["id"] for row in table(text)] == [record["id"]]
            elif format_ is GEOJSON:
                assert json.loads(text)["id"] == record["id"]
            else:
                assert json.loads(text) == record


def test_a_byte_order_mark_is_for_old_spreadsheets(fetch: Any) -> None:
    plain = fetch("/api/events.csv")[1]
    assert fetch("/api/events.csv?bom=false")[1] == plain
    assert fetch("/api/events.csv?bom=true")[1] == "\ufeff" + plain
    for path, code in [
        ("/api/events.ndjson?bom=true", "not_for_format"),
        ("/api/events?bom=true", "not_for_format"),
        ("/api/events.csv?bom=1", "unknown_value"),
        ("/api/datasets?bom=true", "unknown_parameter"),
    ]:
        (error,) = json.loads(fetch(path, 400)[1])["errors"]
        assert (error["parameter"], error["code"]) == ("bom", code)


def test_every_format_is_described() -> None:
    from tests.contract.test_openapi import document

    for collection in COLLECTIONS:
        media = {SELECTION, *(format_.media_type for format_ in OFFERED[collection.name])}
        for path in (collection.path, f"{collection.path}/{{id}}"):
            described = document()["paths"][path]["get"]["responses"]["200"]["content"]
            assert set(described) == media
            for item in described.values():
                Draft202012Validator.check_schema(item["schema"])


@pytest.mark.parametrize("collection", ["events", "agreements", "provisions"])
def test_each_row_of_a_file_names_its_dataset_and_its_terms(
    client: Any, fetch: Any, collection: str
) -> None:
    rows = table(fetch(f"/api/{collection}.csv")[1])
    assert {(row["dataset_id"], row["licence"]) for row in rows} == {("aghdam-2020", "CC-BY-4.0")}
    # A provision is of the dataset of its agreement.
    query = "?include=agreement" if collection == "provisions" else ""
    lines = fetch(f"/api/{collection}.ndjson{query}")[1].splitlines()
    assert len(lines) == len(rows) > 0
    for line in lines:
        record = json.loads(line)
        dataset = (record if "dataset" in record else record["agreement"])["dataset"]
        assert (dataset["id"], dataset["licence"]) == ("aghdam-2020", "CC-BY-4.0")
        # What it asks to be credited with.
        assert "GeoNames" in client.get(dataset["url"]).json()["attribution"]


@pytest.mark.parametrize("order", [*ORDERS, *(f"-{o}" for o in ORDERS if o != "relevance")])
@pytest.mark.parametrize("format_", READ, ids=lambda format_: format_.name)
def test_a_file_comes_in_any_order(get: Any, fetch: Any, format_: Any, order: str) -> None:
    query = {"sort": order} | ({"q": "troops"} if order == "relevance" else {})
    listed = [event["id"] for event in get("/api/events", page_size=1000, **query)["results"]]
    _, text = fetch(f"/api/events.{format_.name}?{urlencode(query)}")
    assert READ[format_](text) == listed != []
