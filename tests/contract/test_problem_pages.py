"""Every type of problem has a page that explains it."""

from typing import Any

import pytest
from django.contrib.staticfiles import finders

from api.problems import PROBLEM_TYPES, TYPES


@pytest.mark.parametrize("path", PROBLEM_TYPES)
def test_a_type_leads_to_its_page(client: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    page = response.content.decode()
    kind = TYPES[path.rpartition("/")[2]]
    for said in (kind.title, kind.meaning, kind.remedy, str(int(kind.status))):
        assert said in page
    assert "//" not in page.replace("<!DOCTYPE", "")
    assert "<script" not in page
    assert "style=" not in page


def test_the_list_leads_to_every_page(client: Any) -> None:
    page = client.get("/problems").content.decode()
    for path in PROBLEM_TYPES:
        assert f'href="{path}"' in page


def test_the_style_sheet_is_there(client: Any) -> None:
    assert 'href="/static/api/page.css"' in client.get("/problems").content.decode()
    assert finders.find("api/page.css")


@pytest.mark.parametrize(
    "path", ["/problems/nosuch", "/problems/", "/problems/gone/x", "/problems/%00"]
)
def test_there_is_no_other_page(client: Any, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_pages_are_only_read(client: Any) -> None:
    for path in ("/problems", "/problems/gone"):
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


def test_an_error_of_the_software_is_a_problem_that_tells_nothing(
    db: None, client: Any, monkeypatch: Any
) -> None:
    from events.views import EventViewSet

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr(EventViewSet, "keys", broken)
    client.raise_request_exception = False
    response = client.get("/api/events")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response["Cache-Control"] == "no-store"
    assert response.json()["type"] == "/problems/internal-error"
    for secret in ("secret", "passwd", "Traceback", "ZeroDivision"):
        assert secret not in response.content.decode()
