"""The tests that docs/promises.md and docs/reliability.md name are there; the former holds all of the OpenAPI document."""

import re
from typing import Any

import pytest
from django.conf import settings

from tests.contract.test_openapi import document, operations

MAKEFILE = (settings.PROJECT / "Makefile").read_text(encoding="utf-8")
PROMISES = (settings.PROJECT / "docs" / "promises.md").read_text(encoding="utf-8")
RELIABILITY = (settings.PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8")
TEST = r"`(tests/[a-z_/]+\.py)::(test_\w+)`"
NAMED = sorted(set(re.findall(TEST, PROMISES)))
HOLDING = set(re.findall(TEST, RELIABILITY))
# What is promised, without what holds it and without headings.
ROWS = [row for row in PROMISES.splitlines() if row.startswith("| ") and "**" not in row][1:]
TOLD = [row.split(" | ")[0] for row in ROWS]


def words_of(row: str) -> set[str]:
    """Return the words in code type of a promise; `sort=relevance` is told of both."""
    spans = re.findall(r"`([^`]+)`", row.split(" | ")[0])
    return {word for span in spans for word in (span, *span.split("="))}


def words(said: str = "") -> set[str]:
    """Return those of the promises in which `said` stands."""
    return {word for row in TOLD if said in row for word in words_of(row)}


def asked(name: str | None = None) -> list[dict[str, Any]]:
    """Return the query parameters of all operations; those called `name`, if it is given."""
    return [
        parameter
        for operation in operations()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and name in (None, parameter["name"])
    ]


def asked_of(path: str) -> set[str]:
    """Return the names of the parameters of a list."""
    described = document()["paths"][path]["get"].get("parameters", [])
    return {parameter["name"] for parameter in described}


def vocabulary(schema: dict[str, Any]) -> set[str]:
    """Return the words that a parameter takes, the descending ones of orders as the others."""
    items = schema.get("items", schema)
    if "$ref" in items:
        items = document()["components"]["schemas"][items["$ref"].rpartition("/")[2]]
    return {word.removeprefix("-") for word in items["enum"]}


@pytest.mark.parametrize(("path", "name"), sorted({*NAMED, *HOLDING}))
def test_what_holds_a_promise_is_there(path: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (settings.PROJECT / path).read_text(), re.MULTILINE)


def test_every_promise_is_held_by_something() -> None:
    assert len(ROWS) > 100
    assert [row for row in ROWS if "`tests/" not in row.partition(" | ")[2]] == []


def test_what_is_said_to_hold_is_held_by_something() -> None:
    rows = [row.split(" | ") for row in RELIABILITY.splitlines() if " | holds" in row]
    assert len(rows) > 50
    assert [row for row in rows if "`tests/" not in row[2]] == []


def test_what_holds_a_promise_is_run_for_every_change() -> None:
    """`make test` runs what is neither slow nor asks a service with a tool of its own kind."""
    always = (settings.PROJECT / ".ci" / "run").read_text().partition("After $SECONDS")[0]
    targets = dict(re.findall(r"^(test[\w-]*):.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE))
    run = [targets[name] for name in re.findall(r"^make (test[\w-]*)$", always, re.MULTILINE)]
    for path in sorted({path for path, _ in NAMED}):
        text = (settings.PROJECT / path).read_text(encoding="utf-8")
        marked = re.search(r"pytest\.mark\.(slow|client)", text)
        assert not marked or any(
            place in recipe for recipe in run for place in (path, path.rpartition("/")[0] + "\n")
        ), path


def test_every_parameter_is_promised() -> None:
    assert {parameter["name"] for parameter in asked()} - words() == set()


@pytest.mark.parametrize(
    ("name", "said"),
    [("sort", "`sort"), ("format", "formats"), ("by", "`by`"), ("include", "`inc")],
)
def test_every_word_is_promised_where_its_parameter_is(name: str, said: str) -> None:
    parameters = asked(name)
    assert parameters
    for parameter in parameters:
        assert vocabulary(parameter["schema"]) - words(said) == set()


# What every list takes, and what is told in a row of its own.
OF_ANY = {
    *("page_size", "cursor", "page", "count", "sort", "format", "bom", "fields", "omit", "include"),
    "overdue_on",
}
LISTS = [path for path in document()["paths"] if "{" not in path and asked_of(path)]


@pytest.mark.parametrize("path", [path for path in LISTS if "/events" not in path])
def test_every_filter_is_promised_for_its_collection(path: str) -> None:
    """One that two collections have is not promised for both by being told of one."""
    noun = path.rpartition("/")[2].replace("-", " ")
    assert asked_of(path) - OF_ANY - words(f"| {noun}: ") == set()


def test_every_filter_of_events_is_promised_for_them() -> None:
    section = PROMISES.partition("**Filters of `/api/events`**")[2].partition("| **")[0]
    told = {word for row in section.splitlines() if row in ROWS for word in words_of(row)}
    assert asked_of("/api/events") - OF_ANY - told == set()


def test_every_status_is_promised() -> None:
    statuses = {status for operation in operations() for status in operation["responses"]}
    assert statuses - set(re.findall(r"\b[1-5]\d\d\b", " ".join(TOLD))) == set()
