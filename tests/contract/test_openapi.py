"""The OpenAPI document: as committed, and true of what is answered."""

import io
from functools import cache
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from jsonschema import Draft202012Validator


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
    assert index["data_revision"] > 0
    for link in index["links"].values():
        assert client.get(link).status_code == 200, link


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


def test_every_operation_has_a_verb_and_every_parameter_a_sentence() -> None:
    operations = [path["get"] for path in document()["paths"].values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(name.startswith(("list", "get", "summarize")) for name in names)
    for operation in operations:
        assert operation["summary"]
        for parameter in operation.get("parameters", []):
            assert parameter["description"].endswith((".", "?")), parameter


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_the_pages_ask_no_other_host(client: Any, db: None, path: str) -> None:
    response = client.get(path)
    page = response.content.decode()
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
