"""What every collection refuses, and how."""

import re
from typing import Any

import pytest

from tests.contract.conftest import COLLECTIONS
from tests.contract.test_openapi import document

PROBLEM = "application/problem+json"


@pytest.fixture
def refused(client: Any, db: None) -> Any:
    """Return a function that GETs a path and returns the problem and its first error."""

    def refused(path: str, status: int = 400) -> tuple[dict[str, Any], dict[str, Any]]:
        response = client.get(path)
        assert response.status_code == status, response.content.decode()
        assert response["Content-Type"] == PROBLEM
        problem = response.json()
        assert problem["status"] == status
        assert problem["instance"] == path.partition("?")[0]
        return problem, next(iter(problem["errors"]), {})

    return refused


def test_an_unknown_parameter_is_refused_with_the_right_word(refused: Any, collection: Any) -> None:
    for known in collection.view.parameters().fields:
        if len(known) < 4:
            continue
        misspelt = known[0] + known[2] + known[1] + known[3:]
        problem, error = refused(f"{collection.path}?{misspelt}=x")
        if misspelt == known:
            continue
        assert problem["type"] == "/problems/invalid-parameter"
        assert (error["parameter"], error["code"]) == (misspelt, "unknown_parameter")
        assert error["suggestion"] == known
        assert known in error["allowed"]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("page_size=0", "page_size", "out_of_range"),
        ("page_size=1001", "page_size", "out_of_range"),
        ("page_size=1.5", "page_size", "out_of_range"),
        ("page_size=%D9%A3", "page_size", "out_of_range"),
        ("page_size=1_0", "page_size", "out_of_range"),
        ("page_size=" + "9" * 190, "page_size", "out_of_range"),
        ("page_size=", "page_size", "blank"),
        ("page=0", "page", "out_of_range"),
        ("page=abc", "page", "out_of_range"),
        ("page=10000&page_size=1000", "page", "invalid_value"),
        ("page=1&page=2", "page", "repeated"),
        ("sort=nosuch", "sort", "unknown_value"),
        ("sort=--id", "sort", "unknown_value"),
        ("sort=%3F", "sort", "unknown_value"),
        ("sort=id%00", "sort", "control_character"),
        ("count=maybe", "count", "unknown_value"),
        ("cursor=!!!!", "cursor", "invalid_value"),
        ("cursor=cD1hYmM%3D", "cursor", "invalid_value"),
        ("cursor=gASVAAAA", "cursor", "invalid_value"),
        ("cursor=%C3%A9", "cursor", "bad_cursor"),
        ("cursor=" + "A" * 5000, "cursor", "too_long"),
        ("ordering=id", "ordering", "unknown_parameter"),
        ("limit=5", "limit", "unknown_parameter"),
        ("format=xml", "format", "unknown_value"),
        ("token=secret", "token", "unknown_parameter"),
        ("%00=1", "\x00", "unknown_parameter"),
        ("_connector=OR%201=1", "_connector", "unknown_parameter"),
        (
            "created_by__password__startswith=p",
            "created_by__password__startswith",
            "unknown_parameter",
        ),
    ],
)
def test_a_bad_value_is_refused(
    refused: Any, collection: Any, query: str, parameter: str, code: str
) -> None:
    _, error = refused(f"{collection.path}?{query}")
    assert (error["parameter"], error["code"]) == (parameter, code)
    assert error["detail"]


def test_an_unknown_word_is_refused_with_all_right_ones(refused: Any, collection: Any) -> None:
    described = document()["paths"][collection.path]["get"]["parameters"]
    needed = {"actor_role": "actor=Armenia", "role": "actor=Armenia", "place_match": "place=Baku"}
    needed["date_match"] = "date=2020"
    tried = 0
    for parameter in described:
        items = parameter["schema"].get("items", parameter["schema"])
        if "$ref" in items:
            items = document()["components"]["schemas"][items["$ref"].rpartition("/")[2]]
        if "enum" in items:
            name = parameter["name"]
            _, error = refused(f"{collection.path}?{name}=nosuchword&{needed.get(name, '')}")
            assert (error["parameter"], error["code"]) == (name, "unknown_value")
            assert error["allowed"] == items["enum"]
            tried += 1
    assert tried >= 4


def test_words_from_elsewhere_are_understood_in_the_error(refused: Any, collection: Any) -> None:
    assert refused(f"{collection.path}?ordering=id")[1]["suggestion"] == "sort"
    assert refused(f"{collection.path}?limit=5")[1]["suggestion"] == "page_size"


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("events?year=2020", "date"),
        ("events?start=2020-11-01", "date_from"),
        ("events?end=2020-11-30", "date_to"),
        ("events?lat=40", "near"),
        ("events?country_code=AZ", "country"),
        ("events?role=speaker", "actor_role"),
        ("events?query=truce", "q"),
        ("provisions?date=2020-12", "due"),
        ("provisions?since=2020-12-01", "due_from"),
        ("sources?lang=en", "language"),
        ("sources?country=AZ", None),
        ("places?year=2020", None),
        ("datasets?until=2020", None),
        ("events?dat=2020", "date"),
    ],
)
def test_what_people_type_leads_to_what_there_is(
    refused: Any, query: str, suggestion: str | None
) -> None:
    _, error = refused(f"/api/{query}")
    assert (error["code"], error["suggestion"]) == ("unknown_parameter", suggestion)
    assert suggestion is None or suggestion in error["allowed"]


@pytest.mark.parametrize(
    ("sort", "suggestion"),
    [("-Date", "-date"), ("Date", "date"), ("-titel", "-title"), ("-relevance", "relevance")],
)
def test_an_order_that_is_misspelt_keeps_its_sign(refused: Any, sort: str, suggestion: str) -> None:
    assert refused(f"/api/events?sort={sort}")[1]["suggestion"] == suggestion


def test_each_of_several_values_may_be_long(get: Any, refused: Any) -> None:
    types = [type_["code"] for type_ in get("/api/event-types", page_size=100)["results"]]
    joined = ",".join(types[:90])
    assert len(joined) > 200
    assert get("/api/events", type=joined)["resolved"]["type"]
    names = ",".join(f"{number:03}{'x' * 190}" for number in range(100))
    assert refused(f"/api/events?place={names}")[1]["code"] == "unknown_name"
    for name in ("place", "type", "id", "code", "status"):
        _, error = refused(f"/api/events?{name}=baku,{'x' * 201}")
        assert (error["parameter"], error["code"]) == (name, "too_long")
    assert refused(f"/api/events?q={'x' * 201}")[1]["code"] == "too_long"


# Bytes that are no UTF-8: alone, too many for their letter, half of a letter, half of a pair; and the sign
# that somebody else put in their place.
NOT_UTF8 = ["%FF", "%C0%80", "%C4", "%ED%A0%80", "%EF%BF%BD"]
WITH_QUERIES = [
    *[each.path for each in COLLECTIONS],
    *("/api/events/celebrations-in-baku", "/api/events/summary", "/api/events.csv", "/api/nosuch"),
    *("/api", "/api/schema", "/api/schema.json", "/api/schema.yaml", "/api/docs", "/api/redoc"),
]


@pytest.mark.parametrize("text", NOT_UTF8)
@pytest.mark.parametrize("path", WITH_QUERIES)
def test_what_is_not_utf8_is_refused(refused: Any, path: str, text: str) -> None:
    for query, name in (
        (f"q=Aghdam{text}", "q"),
        (f"place=Aghdam&place=Ag%C4%9Fdam{text}&script=", "place"),
        (f"script={text}", "script"),
        (f"pl{text}ace=Aghdam", "pl\ufffdace"),
        (text, "\ufffd"),
    ):
        problem, error = refused(f"{path}?{query}")
        assert problem["type"] == "/problems/invalid-parameter"
        assert re.sub("\ufffd+", "\ufffd", error["parameter"]) == name
        assert error["code"] == "not_utf8"
        assert "in UTF-8, percent-encoded" in error["detail"]


def test_bytes_need_not_be_encoded_to_be_no_utf8(client: Any, db: None) -> None:
    for query, status in (("place=Aghdam\xff", 400), ("place=A\xc4\x9fdam", 200)):
        assert client.get("/api/events", QUERY_STRING=query).status_code == status


def test_each_text_that_is_not_utf8_is_told(refused: Any) -> None:
    problem, _ = refused("/api/events?place=Aghdam%FF&actor=Baku&q=a+b%C4&place=Baku&a%FF")
    told = [(error["parameter"], error["value"]) for error in problem["errors"]]
    assert told == [("place", "Aghdam\ufffd"), ("q", "a b\ufffd"), ("a\ufffd", "")]


def test_letters_of_any_script_are_utf8(get: Any, client: Any) -> None:
    for text in ("Ağdam", "Агдам", "Աղդամ", "A%C4%9Fdam"):
        assert client.get(f"/api/places?q={text}").json()["count"] == 1
    assert get("/api/places", q="\U0001f600\uffff\ufffc")["count"] == 0


def test_all_mistakes_are_told_at_once(refused: Any, collection: Any) -> None:
    problem, _ = refused(f"{collection.path}?page_size=0&sort=no&nonsense=1")
    assert {error["parameter"] for error in problem["errors"]} == {"page_size", "sort", "nonsense"}


def test_a_cursor_belongs_to_its_query(get: Any, refused: Any, collection: Any) -> None:
    following = get(collection.path, page_size=1)["next"]
    if following:
        cursor = following.partition("cursor=")[2]
        refused(f"{collection.path}?page_size=1&sort=-{collection.sorts[0]}&cursor={cursor}")
        refused(f"{collection.path}?page_size=2&cursor={cursor}")
        refused(f"{collection.path}?page_size=1&page=2&cursor={cursor}")
        refused(f"{collection.path}?page_size=1&cursor={cursor[:-2]}")


@pytest.mark.parametrize(
    "id_", ["nothing-here", "%00", "1%0d%0aX:1", "..%2f..%2fetc", "%FF", "1.xml", "x" * 3000, "١"]
)
def test_an_unknown_id_is_not_found(client: Any, db: None, collection: Any, id_: str) -> None:
    response = client.get(f"{collection.path}/{id_}")
    assert response.status_code == 404
    assert response["Content-Type"] == PROBLEM


def test_a_record_takes_no_parameters(refused: Any, collection: Any, records: Any) -> None:
    _, error = refused(f"{records[0]['url']}?nonsense=1")
    assert error["code"] == "unknown_parameter"


def test_a_page_past_the_end_is_not_found(refused: Any, collection: Any) -> None:
    problem, _ = refused(f"{collection.path}?page=200&page_size=50", status=404)
    assert "the last page is" in problem["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_nothing_can_be_written(client: Any, collection: Any, records: Any, method: str) -> None:
    for path in (collection.path, records[0]["url"]):
        response = getattr(client, method)(path)
        assert response.status_code == 405
        assert response["Content-Type"] == PROBLEM
        assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_format_that_is_not_offered_is_refused(client: Any, db: None, collection: Any) -> None:
    response = client.get(collection.path, headers={"accept": "application/xml"})
    assert response.status_code == 406
    assert response["Content-Type"] == PROBLEM
    assert client.get(collection.path, headers={"accept": "text/html,*/*;q=0.1"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/nosuch", "/api/events/a/b", "/api/nosuch?x=1", "/apix", "/.env", "/.git/HEAD"]
)
def test_an_unknown_path_is_not_found(client: Any, db: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response["Content-Type"].startswith(
        PROBLEM if path.startswith("/api/") else "text/plain"
    )


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        ("/api/events/Ağdam", "/api/events/A%C4%9Fdam"),
        ("/api/events/%C4%9F/", "/api/events/%C4%9F"),
        ("/api/events/a%20b%22%3C%3E%5E%60%7B%7C%7D", "/api/events/a%20b%22%3C%3E%5E%60%7B%7C%7D"),
        # Of what is not UTF-8 the code is kept as text.
        ("/api/events/%FF", "/api/events/%25FF"),
        ("/api/%25FF%25", "/api/%25FF%25"),
        ("/api/a%3Fb%23c%5B%5D?x=1", "/api/a%3Fb%23c%5B%5D"),
        ("/api/a:b@c!$&'()*+,;=~-._", "/api/a:b@c!$&'()*+,%3B%3D~-._"),
        ("/api/places/%E2%80%AE%0D%0A%00", "/api/places/%E2%80%AE%0D%0A%00"),
    ],
)
def test_the_instance_of_a_problem_is_a_reference(get: Any, path: str, instance: str) -> None:
    assert get(path, 404)["instance"] == instance
    assert re.fullmatch(r"(/([A-Za-z0-9._~:@!$&'()*+,;=-]|%[0-9A-F]{2})*)+", instance)
    assert get(instance, 404)["instance"] == instance


def test_too_many_parameters_are_a_problem_too(client: Any, db: None) -> None:
    response = client.get("/api/events?" + "&".join(f"a{n}=1" for n in range(1001)))
    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM


def test_a_foreign_host_is_refused(client: Any, db: None) -> None:
    response = client.get("/api/events", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM


def test_a_database_that_is_gone_is_told_with_a_time_to_come_back(
    client: Any, db: None, monkeypatch: Any, caplog: Any
) -> None:
    from django.db import OperationalError

    from events.views import EventViewSet

    causes = iter(["connection refused\nto /secret/path", ""])

    def gone(*_: Any) -> None:
        raise OperationalError(next(causes))

    monkeypatch.setattr(EventViewSet, "keys", gone)
    response = client.get("/api/events")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == PROBLEM
    assert b"secret" not in response.content
    assert client.get("/api/events").status_code == 503
    told = [each.getMessage() for each in caplog.records if each.name == "dateline.problems"]
    causes_told = ["'connection refused to /secret/path'", "''"]
    assert told == [f"Database not available: {cause}" for cause in causes_told]
