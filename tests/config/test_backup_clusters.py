"""Backups between servers: from one that serves to one that is new, and from an older PostgreSQL."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded.account import MAJOR_VERSION, releases, server_account
from config.urls import router
from tests.service import PATIENCE, PROJECT, Service, fetch, free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.enable_socket]

# The same for all services here: tags are made with it.
SECRET = {"SECRET_KEY": "the same for both, and longer than fifty characters, of many kinds"}
EVENT = "/api/events/azerbaijani-forces-enter-aghdam"
OLDER = [folder for folder in releases() if folder.parent.name != f"pginstall{MAJOR_VERSION}"]


def manage(*arguments: Any, **environment: str) -> str:
    """Run a command of manage.py, which has to succeed, and return what it says."""
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=PROJECT,
        env=known | SECRET | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(url: str, **headers: str) -> tuple[int, str | None, bytes]:
    """Return status, tag and body."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=10
        ) as got:
            return got.status, got.headers["ETag"], got.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["ETag"], error.read()


def served(base: str) -> dict[str, bytes]:
    lists = {name: f"{base}/api/{name}?page_size=1000" for name, _, _ in router.registry}
    found = {name: answer(url)[2].replace(base.encode(), b"") for name, url in lists.items()}
    return found | {"csv": answer(f"{base}/api/events.csv")[2]}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    services = []

    def start(data: Path) -> Service:
        services.append(Service(data, PORT=str(free_port()), **SECRET))
        return services[-1]

    yield start
    for service in services:
        if service.process.poll() is None:
            service.kill()


def test_into_an_empty_cluster_and_back_into_one_that_serves(start: Any, tmp_path: Path) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "dateline.backup"
    base = start(first).base()
    before, (_, tag, _) = served(base), answer(base + EVENT)
    # The service runs meanwhile.
    assert manage("backup", file, DATELINE_DATA=str(first)).startswith(f"{file}: 29 events, ")

    assert "every table is as it was" in manage("restore", file, DATELINE_DATA=str(second))
    assert "wrong bodies: 0" in manage("check_bodies", DATELINE_DATA=str(second))
    assert served(start(second).base()) == before

    manage("datasets", "remove", "aghdam-2020", DATELINE_DATA=str(first))
    assert answer(base + EVENT)[0] == 410
    states, done = [], threading.Event()

    def watch() -> None:
        while not done.is_set():
            states.append(answer(base + EVENT)[0])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        manage("restore", file, "--replace", DATELINE_DATA=str(first))
    finally:
        done.set()
        watcher.join(PATIENCE)
    # Before the commit what was removed, and then what is back; nobody was turned away.
    assert sorted(states, reverse=True) == states
    assert set(states) == {410, 200}
    assert served(base) == before
    status, new, _ = answer(base + EVENT, **{"If-None-Match": str(tag)})
    assert (status, new == tag) == (200, False)
    assert fetch(f"{base}/readyz")["status"] == "ready"


@pytest.fixture
def older() -> Iterator[tuple[int, str]]:
    """Run a server of an older PostgreSQL, which the package brings; yield its version and address."""
    (programs,) = OLDER[:1]
    place = Path(tempfile.mkdtemp(prefix="dl-"))
    prefix = server_account(place).prefix
    account = server_account(place)
    data, sockets = account.give(place / "data"), account.give(place / "socket")
    text = ("--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--auth=trust", "--no-sync")
    subprocess.run(
        [*prefix, programs / "initdb", "-D", data, "-U", "dateline", *text],
        check=True,
        capture_output=True,
        cwd="/",
    )
    command = [*prefix, programs / "postgres", "-D", data, "-k", sockets, "-c", "listen_addresses="]
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
    try:
        url = f"postgres://dateline@{str(sockets).replace('/', '%2F')}/postgres"
        version = int((data / "PG_VERSION").read_text())
        yield version, url
    finally:
        server.terminate()
        server.wait(PATIENCE)
        shutil.rmtree(place)


@pytest.mark.skipif(not OLDER, reason="the package brings one PostgreSQL only")
def test_from_an_older_postgresql(older: tuple[int, str], start: Any, tmp_path: Path) -> None:
    version, url = older
    file, data = tmp_path / "dateline.backup", tmp_path / "data"
    manage("migrate", DATABASE_URL=url, DATELINE_DATA=str(tmp_path))
    manage("loaddata", *sorted((PROJECT / "fixtures" / "built").glob("*.json")), DATABASE_URL=url)
    assert "29 events" in manage("backup", file, DATABASE_URL=url)
    assert version < MAJOR_VERSION
    # To where it came from, and to the one that is embedded now.
    manage("restore", file, "--replace", DATABASE_URL=url)
    assert "wrong bodies: 0" in manage("check_bodies", DATABASE_URL=url)
    assert "every table is as it was" in manage("restore", file, DATELINE_DATA=str(data))
    assert "wrong bodies: 0" in manage("check_bodies", DATELINE_DATA=str(data))
    assert fetch(f"{start(data).base()}{EVENT}")["id"] == EVENT.rpartition("/")[2]
