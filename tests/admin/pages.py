"""The pages of the admin as tests see them: their addresses, and what a browser would send for their forms."""

import json
from html.parser import HTMLParser
from typing import Any

from django.contrib import admin
from django.urls import reverse

from events.models import EventBody
from sources.models import Edit, Revision, Tombstone

APPS = {"events", "agreements", "actors", "places", "sources"}
SITE = admin.site._registry
MODELS = sorted(
    (model for model in SITE if model._meta.app_label in APPS), key=lambda model: model._meta.label
)
# What the database or an import writes, and curators look at.
LOOKED_AT = [Edit, Revision, Tombstone]
EDITABLE = [model for model in MODELS if model not in LOOKED_AT]


def page(model: Any, action: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{action}", args=args)


class Form(HTMLParser):
    """What a browser would send for the form of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self.controls: set[str] = set()
        self.inside = False
        self.select = self.textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id", "").endswith("_form")
        elif self.inside and hasattr(self, f"on_{tag}"):
            self.controls.add(given.get("name", ""))
            getattr(self, f"on_{tag}")(**given)

    def on_input(self, name: str = "", **given: str) -> None:
        kind = given.get("type")
        if kind == "checkbox" and "checked" in given:
            self.data[name] = [given.get("value", "on")]
        elif kind not in {"checkbox", "submit", "button"}:
            self.data[name] = [given.get("value", "")]

    def on_select(self, name: str, **_: str) -> None:
        self.select = name

    def on_option(self, value: str = "", **given: str) -> None:
        if "selected" in given:
            self.data.setdefault(self.select, []).append(value)

    def on_textarea(self, name: str, **_: str) -> None:
        self.textarea = name
        self.data[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.textarea:
            # The first line end belongs to the markup; the others are sent as two characters.
            text = data.replace("\r\n", "\n").removeprefix("\n")
            self.data[self.textarea] = [text.replace("\n", "\r\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.inside = False


def errors(response: Any) -> str:
    assert response.status_code == 200, "the form should have been shown again"
    return " ".join(str(error) for found in response.context["errors"] for error in found)


def saved(response: Any) -> None:
    assert response.status_code == 302, errors(response)


def body_of(event: str) -> dict[str, Any]:
    return json.loads(EventBody.objects.get(event__public_id=event).body)
