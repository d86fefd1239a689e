"""Making backups and restoring them, and what is looked at before and after."""

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from config.urls import router

PASSWORD = "long and not told to anyone"  # noqa: S105 (of a test)
ENTRY = "/api/events/azerbaijani-forces-enter-aghdam"
PATIENCE = 60


def run(command: str, *arguments: Any) -> str:
    said = StringIO()
    call_command(command, *map(str, arguments), stdout=said)
    return said.getvalue()


def refused(command: str, *arguments: Any) -> str:
    with pytest.raises(CommandError) as refusal:
        run(command, *arguments)
    return str(refusal.value)


def sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def tables() -> set[str]:
    return set(connection.introspection.table_names())


def ask(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def served() -> dict[str, Any]:
    """Return what all lists answer, and the index but for the state of the data."""
    moving = dict.fromkeys(("data_revision", "data_changed_at"))
    lists = {name: ask(f"/api/{name}?page_size=1000").json() for name, _, _ in router.registry}
    return lists | {"index": ask("/api").json() | moving}


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Do something over and over in another thread, at least once, and fail if it fails."""
    done, worked, errors = threading.Event(), threading.Event(), []

    def loop() -> None:
        try:
            while not done.is_set():
                work()
                worked.set()
        except Exception as error:
            errors.append(error)
        finally:
            worked.set()
            connection.close()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        assert worked.wait(PATIENCE)
        yield
    finally:
        done.set()
        thread.join(PATIENCE)
    assert not errors


def rewrite(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Write a backup anew, in which the manifest says something else."""
    with zipfile.ZipFile(file) as archive:
        dump, manifest = archive.read("database.dump"), json.loads(archive.read("manifest.json"))
    change(manifest)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("database.dump", dump)
        archive.writestr("manifest.json", json.dumps(manifest))


def dump_alone(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        file.write_bytes(archive.read("database.dump"))
