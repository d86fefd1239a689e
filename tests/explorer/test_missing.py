"""Addresses that lead nowhere, and those that differ from a page by a slash."""

from typing import Any

import pytest
from django.contrib.staticfiles import finders

from tests.explorer.conftest import Page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ENTRY = "azerbaijani-forces-enter-aghdam"


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/events/", "/"),
        ("/events/?place=Baku", "/?place=Baku"),
        ("/agreements/", "/agreements"),
        ("/agreements/?q=peace&place=A%C4%9Fdam", "/agreements?q=peace&place=A%C4%9Fdam"),
        (f"/events/{ENTRY}/", f"/events/{ENTRY}"),
        (f"/events/{ENTRY}/?include=place", f"/events/{ENTRY}?include=place"),
        ("/events/A%C4%9Fdam%20%25s/", "/events/A%C4%9Fdam%20%25s"),
        ("/agreements/nosuch/?x=%25s", "/agreements/nosuch?x=%25s"),
    ],
)
def test_a_slash_too_many_leads_to_the_page(
    client: Any, db: None, django_assert_num_queries: Any, asked: str, led: str
) -> None:
    with django_assert_num_queries(0):
        response = client.get(asked)
    assert (response.status_code, response["Location"]) == (301, led)
    assert client.post(asked).status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/nosuch", "/agreements//", "/events/a/b", "/problems/nosuch", "/apix", "/.env", "/%3Cb%3E"],
)
def test_people_are_shown_a_page(client: Any, path: str) -> None:
    """The database is not asked; a test that may not reach it would fail."""
    response = client.get(path, headers={"accept": BROWSER})
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Accept" in response["Vary"]
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    page = Page(response)
    assert page.all("html", lang="en")
    assert page.all("meta", name="viewport")
    assert "Page not found · Dateline" in page.text
    assert {"/", "/api/docs"} <= set(page.links())
    assert len(page.all("h1")) == 1
    assert page.all("b") == page.all("script") == page.all("style") == []
    assert not [name for name, attributes in page.elements if "style" in attributes]
    for sheet in page.all("link", rel="stylesheet"):
        assert finders.find(sheet["href"].removeprefix("/static/"))


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "text/*", "application/json", "text/html;q=0, */*", "text/html," + " " * 5000],
)
def test_programs_are_told_in_a_line(client: Any, accept: str) -> None:
    response = client.get("/nosuch", headers={"accept": accept} if accept else {})
    assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert response.content.decode().startswith("There is no /nosuch. ")
    assert "Accept" in response["Vary"]


def test_the_api_answers_with_a_problem_whoever_asks(client: Any) -> None:
    response = client.get("/api/nosuch", headers={"accept": BROWSER})
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_a_head_is_answered_alike(client: Any) -> None:
    response = client.head("/nosuch", headers={"accept": BROWSER})
    assert (response.status_code, response.content) == (404, b"")
