"""A reader of pages, as a browser without scripts has them."""

from html.parser import HTMLParser
from typing import Any

import pytest

VOID = {"link", "meta", "img", "input", "br"}


class Page(HTMLParser):
    """A page: its elements with their attributes, and what stands in them."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response
        self.status: int = response.status_code
        self.html: str = response.content.decode()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.pieces: list[str] = []
        self.feed(self.html)
        assert self.open == [], "every element is closed"
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of all elements of a kind that have these."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.items() <= attributes.items()
        ]

    def links(self) -> list[str]:
        return [attributes["href"] for attributes in self.all("a")]


@pytest.fixture
def visit(db: None, client: Any) -> Any:
    """Return a function that opens a page, and holds that it is one."""

    def visit(path: str, status: int = 200, **query: Any) -> Page:
        response = client.get(path, query)
        assert response.status_code == status, response.content.decode()
        assert response["Content-Type"] == "text/html; charset=utf-8"
        return Page(response)

    return visit
