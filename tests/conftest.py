"""What all tests share: a database that holds the article's records, and a client.

Tests read those records; a test that writes does so in a transaction that is rolled back, or, where it has
to commit, in a copy of the database.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from tests import databases
from tests.databases import copied

FIXTURES = ["00-event-types", "aghdam-2020"]

Get = Callable[..., Any]


def pytest_configure() -> None:
    # Files of the pages are found as they are asked for: to list them costs more than most tests, and
    # each has a client, and so a service, of its own.
    settings.WHITENOISE_AUTOREFRESH = True


def stable(value: Any) -> str:
    """Return a name for a value of a parametrised test that is the same in every process."""
    return str(sorted(value, key=str) if isinstance(value, set | frozenset) else value)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the article's records once, as `loaddata` on an empty migrated database."""
    with django_db_blocker.unblock():
        # Where all chosen tests commit, none asks for `db`: this would be the database of the service.
        is_made = connection.settings_dict["NAME"].startswith("test_")
        made = [] if is_made else setup_databases(verbosity=0, interactive=False)
        call_command("loaddata", *FIXTURES, verbosity=0)
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                # Statistics that come in the middle of a run would change plans.
                cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def get(db: None, client: Client) -> Get:
    """Return a function that GETs a path and returns the parsed answer of a given status."""

    def get(path: str, status: int = 200, /, **query: Any) -> Any:
        response = client.get(path, query)
        assert response.status_code == status, response.content.decode()
        return response.json()

    return get


@pytest.fixture
def found(get: Any) -> Any:
    """Return a function that gives the ids that a query of a collection finds."""

    def found(collection: str, **query: Any) -> set[str]:
        answer = get(f"/api/{collection}", **query)
        ids = [record["id"] for record in answer["results"]]
        assert answer["count"] == len(ids) == len(set(ids))
        return set(ids)

    return found


@pytest.fixture
def connect(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Return a function that opens a connection to a copy of the database, on which the test works."""
    with (
        copied(connection.settings_dict["NAME"], django_db_blocker) as name,
        contextlib.ExitStack() as opened,
    ):
        yield lambda: opened.enter_context(contextlib.closing(databases.connect(name, False)))
