"""What may be sent to the service, and what must hold whatever is sent.

The addresses and parameters are those of the OpenAPI document: a new one is tried by itself.
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from tests.contract.test_openapi import document
from tests.service import Service, free_port

# Seconds that an answer may take of the processor, whatever else the machine is doing.
PATIENCE = 1
LEAKS = ("Traceback (most", "psycopg", "site-packages", 'FROM "', str(settings.PROJECT))

Ask = Callable[..., Any]


@dataclass(frozen=True)
class Asked:
    """A query parameter of an address."""

    path: str
    name: str
    schema: dict[str, Any]

    @property
    def kind(self) -> str:
        """JSON type of a value."""
        return str(self.schema.get("items", self.schema).get("type", "string"))

    @property
    def closed(self) -> bool:
        return "enum" in self.schema.get("items", self.schema)

    @property
    def is_date(self) -> bool:
        return self.schema.get("format", "").startswith("date") or self.name in DATES

    @property
    def single(self) -> bool:
        return self.schema["type"] != "array"

    def __str__(self) -> str:
        return f"{self.path}?{self.name}"


# Intervals, and points of time in several forms, have no format of their own in JSON Schema.
DATES = ("date", "date_from", "date_to", "due", "due_from", "due_to")

GETS = {path: item["get"] for path, item in document()["paths"].items()}
PARAMETERS = [
    Asked(path, described["name"], described["schema"])
    for path, operation in GETS.items()
    for described in operation.get("parameters", [])
    if described["in"] == "query"
]
# What an address cannot do without, by name.
REQUIRED = {
    path: {
        described["name"]: described["schema"]["examples"][0][0]
        for described in operation.get("parameters", [])
        if described["in"] == "query" and described.get("required")
    }
    for path, operation in GETS.items()
}
LISTS = sorted({asked.path for asked in PARAMETERS if "{" not in asked.path})
RECORDS = [path.removesuffix("{id}") for path in GETS if path.endswith("{id}")]


def pytest_generate_tests(metafunc: Any) -> None:
    for name, values in {
        "parameter": PARAMETERS,
        "list_path": LISTS,
        "records_path": RECORDS,
    }.items():
        if name in metafunc.fixturenames and not _is_given(metafunc, name):
            metafunc.parametrize(name, values, ids=str)


def _is_given(metafunc: Any, name: str) -> bool:
    marks = metafunc.definition.iter_markers("parametrize")
    return any(name in mark.args[0].split(",") for mark in marks if isinstance(mark.args[0], str))


@pytest.fixture
def ask(db: None, client: Any) -> Iterator[Ask]:
    """Return a function that GETs an address, which must be answered by one of some statuses.

    No answer is an error of ours, each error is a problem that tells nothing of us, and the
    service is alive afterwards.
    """

    def ask(url: str, statuses: Collection[int], method: str = "GET", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = completed(url)
        began = time.process_time()
        response = client.generic(method, url, headers=named)
        assert time.process_time() - began < PATIENCE, url
        assert response.status_code in statuses, (url, response.status_code, response.content)
        holds(response, url)
        return response

    yield ask
    assert client.get("/livez").status_code == 200


def completed(url: str) -> str:
    """Return an address with what it cannot do without."""
    for name, example in REQUIRED.get(url.partition("?")[0], {}).items():
        if f"{name}=" not in url:
            url += f"{'&' if '?' in url else '?'}{name}={example}"
    return url


def holds(response: Any, url: str) -> None:
    """Raise unless an answer, if it is an error, is a problem document that tells no secret."""
    if response.status_code < 400:
        return
    assert response["Content-Type"] == "application/problem+json", url
    problem = response.json()
    assert problem["status"] == response.status_code, url
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert not any(leak in text for leak in LEAKS), text


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a service of one process; yield its address."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    service = Service(folder, PORT=str(free_port()), WORKERS="1")
    yield service.base()
    service.kill()
