"""The OpenAPI document: as committed, and true of what is answered."""

import io
import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from jsonschema import Draft202012Validator

from sources.models import Revision


@cache
def document() -> Any:
    return yaml.safe_load((settings.PROJECT / "openapi.yaml").read_text(encoding="utf-8"))


def check(path: str, status: int, media_type: str, answer: Any) -> None:
    """Raise when `answer` is not what the document says of `path`."""
    content = document()["paths"][path]["get"]["responses"][str(status)]["content"]
    schema = {**content[media_type]["schema"], "components": document()["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        answer
    )


def test_the_committed_document_is_what_the_code_says() -> None:
    made = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=made)
    assert yaml.safe_load(made.getvalue()) == document(), "run `make schema`"


def test_lists_and_records_are_as_described(get: Any, collection: Any, records: Any) -> None:
    check(collection.path, 200, "application/json", get(collection.path, page_size=1000))
    check(collection.path, 200, "application/json", get(collection.path, page_size=1, count="none"))
    for record in records:
        check(f"{collection.path}/{{id}}", 200, "application/json", record)


def test_errors_are_as_described(get: Any, collection: Any) -> None:
    problem = "application/problem+json"
    check(collection.path, 400, problem, get(collection.path, 400, nonsense=1, sort="no"))
    path = f"{collection.path}/{{id}}"
    check(path, 404, problem, get(f"{collection.path}/nothing-here", 404))


def test_names_in_a_query_are_as_described(get: Any) -> None:
    answer = get("/api/events", place="Agdam,Baku", actor="Azerbaijan")
    check("/api/events", 200, "application/json", answer)


def test_the_index_is_as_described_and_its_links_work(client: Any, get: Any) -> None:
    index = get("/api")
    check("/api", 200, "application/json", index)
    assert get("/api/") == index
    assert index["version"] == settings.VERSION
    for changed in (0, 1):
        Revision.objects.update(number=index["data_revision"] + changed)
        assert get("/api")["data_revision"] == index["data_revision"] + changed
    for link in index["links"].values():
        assert client.get(link).status_code == 200, link
    described = {path for path in document()["paths"] if "{" not in path}
    linked = {urlsplit(link).path for link in index["links"].values()}
    assert linked == described - {"/api"} | {
        "/api/schema",
        "/api/docs",
        "/api/redoc",
        "/llms.txt",
    }


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/schema", "application/json"),
        ("/api/schema.json", "application/json"),
        ("/api/schema.yaml", "application/yaml"),
    ],
)
def test_the_document_is_served(client: Any, db: None, path: str, media_type: str) -> None:
    response = client.get(path)
    assert response["Content-Type"].startswith(media_type)
    served = yaml.safe_load(response.content)
    assert served["openapi"].startswith("3.1")
    assert set(served["paths"]) == set(document()["paths"])


def operations() -> list[dict[str, Any]]:
    return [path["get"] for path in document()["paths"].values()]


def parameters() -> list[Any]:
    return [
        pytest.param(parameter, id=f"{operation['operationId']}-{parameter['name']}")
        for operation in operations()
        for parameter in operation.get("parameters", [])
    ]


def conforms(value: Any, schema: dict[str, Any]) -> None:
    """Raise when `value` is not what `schema`, part of the document, says."""
    whole = {**schema, "components": document()["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)


def test_every_operation_has_a_verb_and_a_summary() -> None:
    names = [operation["operationId"] for operation in operations()]
    assert len(set(names)) == len(names)
    assert all(name.startswith(("list", "get", "summarize")) for name in names)
    assert {"listEvents", "getEvent", "summarizeEvents"} <= set(names)
    assert all(operation["summary"] for operation in operations())


def test_tags_are_told_and_used() -> None:
    told = [tag["name"] for tag in document()["tags"]]
    assert told[0] == "events"
    assert set(told) == {tag for operation in operations() for tag in operation["tags"]}
    assert all(tag["description"].endswith(".") for tag in document()["tags"])


# One is made by an answer, and no other is taken.
WITHOUT_EXAMPLE = {"cursor"}


@pytest.mark.parametrize("parameter", parameters())
def test_every_parameter_has_a_sentence_and_an_example_that_it_takes(
    parameter: dict[str, Any],
) -> None:
    sentence = parameter["description"].partition("\n\n")[0]
    assert sentence.endswith((".", "?"))
    schema = parameter["schema"]
    examples = [
        *schema.get("examples", []),
        *([parameter["example"]] if "example" in parameter else []),
    ]
    assert bool(examples) == (parameter["name"] not in WITHOUT_EXAMPLE)
    for example in examples:
        conforms(example, schema)


# Their words are keys of records, and explained there.
NAMES_OF_KEYS = ("sort", "fields", "omit")


@pytest.mark.parametrize("parameter", parameters())
def test_every_word_of_a_vocabulary_is_explained(parameter: dict[str, Any]) -> None:
    words = parameter["schema"].get("items", parameter["schema"])
    if "$ref" in words:
        vocabulary = document()["components"]["schemas"][words["$ref"].rpartition("/")[2]]
        for word in vocabulary["enum"]:
            assert f"* `{word}` - " in parameter["description"]
            assert f"* `{word}` - " in vocabulary["description"]
    elif parameter["name"] not in NAMES_OF_KEYS:
        for word in words.get("enum", ()):
            assert f"`{word}`" in parameter["description"]


def test_every_example_of_an_answer_is_as_described() -> None:
    shared = document()["components"]["examples"]
    for operation in operations():
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    name = example.get("$ref", "").rpartition("/")[2]
                    conforms((shared[name] if name else example)["value"], content["schema"])
                if "example" in content:
                    conforms(content["example"], content["schema"])


def test_errors_are_shown_with_every_operation(get: Any) -> None:
    shared = document()["components"]["examples"]
    for operation in operations():
        assert "400" in operation["responses"]
        for status in {"400", "404"} & set(operation["responses"]):
            (content,) = operation["responses"][status]["content"].values()
            assert content["examples"]
            for example in content["examples"].values():
                told = shared[example["$ref"].rpartition("/")[2]]
                path = told["description"].strip("`").removeprefix("GET ")
                assert get(path, int(status))["detail"] == told["value"]["detail"]


# What servers say with every answer of any kind, and need not be told.
OF_HTTP = {
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Content-Encoding",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Referrer-Policy",
    "Vary",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/api", "/api", 200),
        ("/api/events", "/api/events?page_size=1", 200),
        ("/api/events", "/api/events?nonsense=1", 400),
        ("/api/events/{id}", "/api/events/azerbaijani-forces-enter-aghdam", 200),
        ("/api/events/{id}", "/api/events/nothing-here", 404),
    ],
)
def test_headers_are_described(client: Any, db: None, path: str, asked: str, status: int) -> None:
    response = client.get(asked, headers={"origin": "https://elsewhere.example"})
    assert response.status_code == status
    described = document()["paths"][path]["get"]["responses"][str(status)]["headers"]
    # DRF says with every answer which methods are allowed.
    told = {name.title() for name in described} | {"Allow"}
    assert {name.title() for name in response.headers} - OF_HTTP <= told
    headers = document()["components"]["headers"]
    for name in described:
        assert name in response or not headers[name].get("required")


def test_headers_that_pages_may_read_are_described() -> None:
    assert set(settings.CORS_EXPOSE_HEADERS) <= set(document()["components"]["headers"])


def test_words_of_digits_are_words_to_every_reader_of_yaml() -> None:
    """YAML 1.2 takes 0831 for a number, where 1.1 sees a word."""
    text = (settings.PROJECT / "openapi.yaml").read_text(encoding="utf-8")
    assert "code: '" in text
    assert not re.findall(r"^.*(?:: |- )0\d+$", text, re.MULTILINE)


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_the_pages_ask_no_other_host(client: Any, db: None, path: str) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert '<html lang="en">' in page
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe-inline" not in response["Content-Security-Policy"].partition("style-src")[0]


def test_swagger_ui_starts_with_the_canonical_request() -> None:
    parameters = document()["paths"]["/api/events"]["get"]["parameters"]
    filled_in = {p["name"]: p["example"] for p in parameters if "example" in p}
    assert filled_in == {"place": ["Aghdam"]}


def test_what_a_form_fills_in_is_answered_without_the_rest(get: Any) -> None:
    """Swagger UI sends every default; a reader may empty any other field."""
    for path, item in document()["paths"].items():
        parameters = item["get"].get("parameters", [])
        defaults = {
            p["name"]: p["schema"]["default"] for p in parameters if "default" in p["schema"]
        }
        if defaults:
            assert get(path, **defaults)["count"] is not None
