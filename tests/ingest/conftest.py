"""A database of its own for each test of imports, and small files to import.

Imports lock, commit and clean up across transactions, and so do these tests: each works on a copy of the
database that all tests share, which is dropped when it ends.
"""

import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from config.urls import router
from ingest.importing import Delivery, Request, import_rows
from ingest.readers.base import Heading
from ingest.records import Dataset
from ingest.report import Plan, Report
from sources.models import Revision
from tests.databases import connect, copied, use

REAL = Path(settings.PROJECT).parent / "shared" / "data"
# When something was written, which no two imports agree on.
MOMENTS = ("updated_at", "loaded_at")

GED = {
    "id": "1",
    "type_of_violence": "1",
    "side_a": "Government of Norland",
    "side_a_new_id": "9101",
    "side_b": "Blue Front",
    "side_b_new_id": "9102",
    "country": "Norland",
    "country_id": "9999",
    "adm_1": "Nord Governorate",
    "where_prec": "1",
    "where_coordinates": "Sampletown town",
    "latitude": "10.5",
    "longitude": "20.25",
    "date_prec": "1",
    "date_start": "2031-03-01",
    "date_end": "2031-03-01",
    "source_article": "",
    "deaths_a": "1",
    "deaths_b": "2",
    "best": "10",
    "high": "12",
    "low": "8",
}


@dataclass
class Done:
    """What an import said at its end: of each kind of record, and of rows."""

    text: str
    read: int = 0
    published: int = 0
    rejected: int = 0
    skipped: int = 0
    tallies: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> "Done":
        done = cls(text)
        for noun, *counts in re.findall(
            r"│ ([a-z -]+?) +│ +([\d,]+) │ +([\d,]+) │ +([\d,]+) │ +([\d,]+) │", text
        ):
            done.tallies[noun] = tuple(_number(count) for count in counts)
        for name, word in (
            ("read", "rows read"),
            ("published", "published"),
            ("rejected", "rejected"),
            ("skipped", "out of scope"),
        ):
            if found := re.search(rf"([\d,]+) {word}", text):
                setattr(done, name, _number(found[1]))
        return done

    def of_kind(self, noun: str) -> tuple[int, ...]:
        """Return how many were new, changed, unchanged and removed."""
        return self.tallies.get(noun, (0, 0, 0, 0))


def _number(text: str) -> int:
    return int(text.replace(",", ""))


class World:
    """A database, what is asked of it, and what is loaded into it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def url(self) -> str:
        """What another process calls it (DATABASE_URL)."""
        at = connection.get_connection_params()
        host = quote(str(at["host"]), safe="")
        password = f":{quote(at['password'])}" if at.get("password") else ""
        return f"postgres://{at['user']}{password}@{host}:{at['port']}/{self.name}"

    def connect(self) -> psycopg.Connection[Any]:
        """Return another connection, which commits each statement."""
        return connect(self.name)

    def load(self, reader: str, path: Any, *arguments: str, **options: Any) -> Done:
        """Import a file by the command."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            call_command("ingest", reader, *([str(path)] if path else []), *arguments, **options)
        return Done.of(out.getvalue())

    def take(self, rows: Iterable[Any], dataset: Dataset, **plan: Any) -> tuple[Report, list[Any]]:
        """Import rows that no reader has read; return the report, and what was rejected."""
        rejected: list[Any] = []
        delivery = Delivery(Heading(dataset), "0" * 64, rows)
        request = Request(Plan(**{"whole": True, "most_rejected": 1.0} | plan))
        report = import_rows(delivery, request, lambda _: None, rejected.append)
        return report, rejected

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall()) if cursor.description else []

    def revision(self) -> int:
        """Return the number of the state of the data."""
        return int(self.sql("SELECT number FROM sources_revision")[0][0])

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """Return the answer to a request."""
        response = Client().get(f"/api/{path}", query)
        assert response.status_code == status, response.content.decode()
        return response.json()

    def all(self, collection: str, **query: Any) -> dict[str, Any]:
        """Return all records of a list by id, as they are served."""
        found: dict[str, Any] = {}
        page = self.get(collection, page_size=1000, count="exact", **query)
        count = page["count"]
        while True:
            found |= {record["id"]: record for record in page["results"]}
            if page["next"] is None:
                assert len(found) == count
                return found
            page = Client().get(page["next"]).json()

    def served(self) -> dict[str, dict[str, Any]]:
        """Return all that is served, but for moments."""
        return {name: timeless(self.all(name)) for name, _, _ in router.registry}


def timeless(value: Any) -> Any:
    """Return what is served without the moments at which it was written."""
    if isinstance(value, dict):
        return {key: timeless(other) for key, other in value.items() if key not in MOMENTS}
    return [timeless(other) for other in value] if isinstance(value, list) else value


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Yield a database with the article's records."""
    with copied(connection.settings_dict["NAME"], django_db_blocker) as name:
        yield World(name)


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Yield a database with the article's records, one for all tests of a module."""
    with copied(connection.settings_dict["NAME"], django_db_blocker) as name:
        yield World(name)


@pytest.fixture(scope="session")
def bare(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Yield the name of a database that holds no records but the types of events."""
    template = connection.settings_dict["NAME"]
    with copied(template, django_db_blocker) as name:
        call_command("flush", interactive=False, verbosity=0)
        # The migrations put it there, and flushing takes it away.
        Revision.objects.create(pk=1)
        call_command("loaddata", "00-event-types", verbosity=0)
        use(template)
        yield name
    # Whoever asked for it first may have been at work on a copy, which is gone by now.
    use(re.sub(r"(_\d+)+$", "", template))


@pytest.fixture
def empty(bare: str, django_db_blocker: Any) -> Iterator[World]:
    """Yield a database that holds no records but the types of events."""
    with copied(bare, django_db_blocker) as name:
        yield World(name)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes text or bytes to a file and returns its path."""

    def write(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def ged(write: Callable[..., Path]) -> Callable[..., Path]:
    """Return a function that writes a file of UCDP GED, from what is other in each row."""

    def ged(rows: Iterable[dict[str, Any]], name: str = "GEDEvent_v31_1.csv") -> Path:
        rows = [{**GED, **row} for row in rows]
        text = io.StringIO()
        table = csv.DictWriter(text, list(GED))
        table.writeheader()
        table.writerows(rows)
        return write(text.getvalue(), name)

    return ged


@pytest.fixture
def real() -> Callable[[str], Path]:
    """Return a function that finds a file of real data, or skips the test."""

    def real(name: str) -> Path:
        path = REAL / name
        if not path.exists():
            pytest.skip(f"the real data are not here: {path}")
        return path

    return real
