"""What is said of the service as a whole."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config import views
from sources.models import Release, Revision


def test_alive_needs_no_database(client: Any) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_ready_when_database_migrations_and_data_are(client: Any, db: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == {"database": True, "migrations": True, "data": True}
    assert response["Cache-Control"] == "no-store"


def test_who_asks_whether_it_is_ready_is_told_the_state_of_the_data(client: Any, db: None) -> None:
    told, index = client.get("/readyz").json(), client.get("/api").json()
    for name in ("data_revision", "data_changed_at"):
        assert told[name] == index[name] is not None


def test_not_ready_without_data(client: Any, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(Release.objects, "exists", lambda: False)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": True, "migrations": True, "data": False}


def test_not_ready_with_a_migration_that_is_not_applied(client: Any, connect: Any) -> None:
    ((app, last),) = MigrationLoader(connection).graph.leaf_nodes("events")
    MigrationRecorder(connection).record_unapplied(app, last)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": True, "migrations": False, "data": True}


def test_not_ready_without_a_database(client: Any, db: None, monkeypatch: Any) -> None:
    def gone() -> bool:
        raise DatabaseError

    for name in views.CHECKS:
        monkeypatch.setitem(views.CHECKS, name, gone)
    monkeypatch.setattr(Revision, "current", gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    told = response.json()
    assert not any(told["checks"].values())
    assert told["data_revision"] is told["data_changed_at"] is None


@pytest.mark.parametrize("path", ["/api", "/api/events", "/api/nosuch"])
def test_every_answer_states_the_version_of_the_api(client: Any, db: None, path: str) -> None:
    assert client.get(path)["API-Version"] == "1"


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc", "/api/schema", "/api/schema.yaml"])
def test_the_errors_of_pages_are_problems_too(client: Any, db: None, path: str) -> None:
    for response in (
        client.post(path),
        client.get(path, headers={"accept": "application/xml"}),
    ):
        assert response.status_code in (405, 406)
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code


@pytest.mark.parametrize("path", ["/api/schema", "/api/schema.yaml", "/api/docs", "/api/redoc"])
@pytest.mark.parametrize("name", ["x", "lang", "version", "format"])
def test_the_document_and_its_pages_take_no_parameters(
    client: Any, db: None, path: str, name: str
) -> None:
    response = client.get(f"{path}?{name}=1")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    (error,) = response.json()["errors"]
    assert (error["parameter"], error["code"]) == (name, "unknown_parameter")


def test_a_page_asks_for_its_script(client: Any, db: None) -> None:
    script = re.search(r'<script src="(/api/docs\?[^"]+)"', client.get("/api/docs").text)
    assert script
    response = client.get(script[1])
    assert response["Content-Type"].startswith("application/javascript")
    assert "/api/schema" in response.text


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_the_state_is_only_read(db: None, path: str) -> None:
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(path).status_code == 405


def test_an_empty_accept_header_asks_for_nothing_in_particular(client: Any, db: None) -> None:
    assert client.get("/api/events", headers={"accept": ""}).status_code == 200


def test_programs_are_told_in_a_page_what_can_be_asked(client: Any, db: None) -> None:
    from tests.contract.test_openapi import document, operations

    response = client.get("/llms.txt")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    text = response.text
    assert text.startswith("# Dateline\n")
    assert len(text.splitlines()) < 80
    for path, item in document()["paths"].items():
        assert f"[{item['get']['operationId']}](http://testserver{path}): " in text
    for operation in operations():
        for parameter in operation.get("parameters", []):
            assert parameter["in"] != "query" or re.search(rf"\b{parameter['name']}\b", text)
    for link in re.findall(r"\]\((http://testserver[^){]+)\)", text):
        path = link.removeprefix("http://testserver")
        asked = f"{path}?by=year" if path.endswith("/summary") else path
        assert client.get(asked).status_code == 200, link
    assert client.get("/api").json()["links"]["llms"] == "http://testserver/llms.txt"
    assert client.post("/llms.txt").status_code == 405
