"""Databases for tests that commit: each works on a copy of that of all tests, and drops it when it ends."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from api import state

NUMBERS = itertools.count(1)


def connect(name: str, autocommit: bool = True) -> psycopg.Connection[Any]:
    """Return another connection to a database."""
    parameters = connection.get_connection_params()
    known = {
        key: parameters[key] for key in ("host", "user", "port", "password") if parameters.get(key)
    }
    return psycopg.connect(dbname=name, autocommit=autocommit, **known)


def use(name: str) -> None:
    """Let this process, its threads included, work on another database."""
    assert not connection.in_atomic_block, "A file was begun, and neither read nor closed."
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    # What is remembered is of the other.
    state._memory = state._Memory(None)


def drop(name: str) -> None:
    """Drop a database if it is there, and end whoever of us is still in it.

    FORCE would end the server's own workers too, which only its owner may.
    """
    with connect("postgres") as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = %s AND usename = current_user",
            [name],
        )
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')


@contextlib.contextmanager
def copied(template: str, blocker: Any) -> Iterator[str]:
    """Work on a copy of a database, whose name this yields, and drop it afterwards."""
    with blocker.unblock():
        before = connection.settings_dict["NAME"]
        name = f"{before}_{next(NUMBERS)}"
        use("postgres")
        drop(name)
        with connect("postgres") as admin:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            # A test need not wait for the disk.
            admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        use(name)
        try:
            yield name
        finally:
            use(before)
            drop(name)
