"""What is said of the service as a whole."""

from typing import Any

import pytest
from django.db import DatabaseError

from config import views
from sources.models import Release


def test_alive_needs_no_database(client: Any) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_ready_when_database_migrations_and_data_are(client: Any, db: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == {"database": True, "migrations": True, "data": True}
    assert response["Cache-Control"] == "no-store"


def test_not_ready_without_data(client: Any, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(Release.objects, "exists", lambda: False)
    monkeypatch.setitem(views.CHECKS, "data", Release.objects.exists)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": True, "migrations": True, "data": False}


def test_not_ready_without_a_database(client: Any, db: None, monkeypatch: Any) -> None:
    def gone() -> bool:
        raise DatabaseError

    for name in views.CHECKS:
        monkeypatch.setitem(views.CHECKS, name, gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert not any(response.json()["checks"].values())


def test_the_root_leads_to_the_documentation(client: Any) -> None:
    assert client.get("/")["Location"] == "/api/docs"


@pytest.mark.parametrize("path", ["/api", "/api/events", "/api/nosuch"])
def test_every_answer_states_the_version_of_the_api(client: Any, db: None, path: str) -> None:
    assert client.get(path)["API-Version"] == "1"
