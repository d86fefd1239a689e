"""Several services behind one address, by the configuration that docs/scaling.md shows."""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import servers
from tests.config.nginx import AROUND
from tests.config.test_standbys import EVENT, Load, ask
from tests.service import PROJECT, Service, free_port

NGINX = shutil.which("nginx")

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.enable_socket,
    pytest.mark.skipif(NGINX is None, reason="nginx is not here"),
]

LOG = """log_format cached '$upstream_status $upstream_cache_status';
    access_log {folder}/access.log cached;"""


@pytest.fixture(scope="module")
def services(tmp_path_factory: Any) -> Iterator[list[Service]]:
    """Yield two services on one database, which were started at once."""
    folder = tmp_path_factory.mktemp("services")
    with servers() as make:
        same = {"DATABASE_URL": make().url, "SECRET_KEY": "the same", "CACHE_SECONDS": "1"}
        running = []
        for name in ("one", "other"):
            (folder / name).mkdir()
            running.append(Service(folder / name / "data", PORT=str(free_port()), **same))
        yield running
        for service in running:
            if service.process.poll() is None:
                service.kill()


@pytest.fixture
def proxy(services: list[Service], tmp_path: Path) -> Iterator[str]:
    text = (PROJECT / "docs" / "scaling.md").read_text(encoding="utf-8")
    shown = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)[0]
    port = free_port()
    places = [service.base().removeprefix("http://") for service in services]
    for told, here in {
        "10.0.0.11:8000": places[0],
        "10.0.0.12:8000": places[1],
        "listen 80": f"listen 127.0.0.1:{port}",
        "dateline.example": "localhost",
        "/var/cache/nginx/dateline": f"{tmp_path}/cache",
    }.items():
        assert told in shown
        shown = shown.replace(told, here)
    user = "user root;" if os.geteuid() == 0 else ""
    path = tmp_path / "nginx.conf"
    path.write_text(
        AROUND.format(folder=tmp_path, shown=shown, user=user, log=LOG.format(folder=tmp_path))
    )
    running = subprocess.Popen([str(NGINX), "-c", str(path), "-p", str(tmp_path)])
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                ask(base, "/livez")
                break
            time.sleep(0.1)
        yield base
    finally:
        running.terminate()
        running.wait(10)


def test_a_service_that_is_killed_is_not_missed(
    proxy: str, services: list[Service], tmp_path: Path
) -> None:
    page = ask(proxy, "/api/events?page_size=2").json
    assert page["next"].startswith("http://localhost/api/events?")
    first = ask(proxy, EVENT)
    # Its clock ticks by the second.
    time.sleep(2.5)
    again = ask(proxy, EVENT)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert ask(proxy, EVENT, if_none_match=first.headers["etag"]).status == 304
    log = (tmp_path / "access.log").read_text()
    # The copy was asked after by its tag, and then given without asking.
    assert "304 REVALIDATED" in log
    assert "- HIT" in log
    paths = tuple(f"/api/events?page_size={size}" for size in range(1, 500))
    with Load(proxy, paths) as load:
        time.sleep(1)
        services[0].kill()
        time.sleep(2)
    assert set(load.statuses) == {200}
    assert len(load.answers) > 100
