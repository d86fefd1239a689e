"""`manage.py up`: the service as a user starts it, in processes of its own."""

import contextlib
import http.client
import os
import signal
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.service import PATIENCE, fetch, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket]


def left_over(data: Path) -> list[str]:
    """Return the commands that still run on a data folder."""
    commands = []
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or [])
        if str(data) in command:
            commands.append(command)
    return commands


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service") / "data"


def test_first_start_serves_the_article_and_stops_on_ctrl_c(start: Any, data: Path) -> None:
    service = start()
    base = service.base()
    entry = fetch(f"{base}/api/events?place=Aghdam")["results"][0]
    assert entry["id"] == "azerbaijani-forces-enter-aghdam"
    assert fetch(f"{base}/readyz")["status"] == "ready"
    for charset in ("bz2_codec", "utf-16", "hex", "undefined", "cp037", "utf-8"):
        # What a request says of a body it has not cannot change or break a question.
        question = urllib.request.Request(
            f"{base}/api/events?place=Aghdam",
            headers={"Content-Type": f"application/json; charset={charset}"},
        )
        assert fetch(question)["count"] == 4
    for line in ("Loaded: 29 events", "/api/docs", "/api/redoc", "curl 'http"):
        assert line in service.said
    service.interrupt()
    assert "Traceback" not in service.said
    for _ in range(PATIENCE * 10):
        if not left_over(data):
            break
        time.sleep(0.1)
    assert left_over(data) == []


@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.0, 1.6])
def test_ctrl_c_ends_a_start_cleanly(start: Any, seconds: float) -> None:
    service = start()
    time.sleep(seconds)
    service.interrupt()
    assert "Traceback" not in service.said
    assert "Exception ignored" not in service.said


@pytest.mark.parametrize("seconds", [0.04, 0.08, 0.16, 0.32, 0.64])
def test_ctrl_c_ends_workers_that_start_cleanly(start: Any, seconds: float) -> None:
    service = start()
    while "curl '" not in service.said:
        time.sleep(0.01)
    time.sleep(seconds)
    service.interrupt()
    assert "Traceback" not in service.said
    assert "ended" not in service.said


def test_a_name_of_this_machine_is_an_address(start: Any) -> None:
    service = start(HOST="localhost")
    assert fetch(f"{service.base()}/readyz")["status"] == "ready"


def test_second_start_loads_nothing_anew(start: Any) -> None:
    service = start()
    base = service.base()
    assert "Serving: 29 events" in service.said
    assert fetch(f"{base}/api")["data_revision"] == 1


def test_killed_service_starts_again(start: Any) -> None:
    first = start()
    first.base()
    first.kill()
    assert fetch(f"{start().base()}/api/events")["count"] == 29


def test_workers_end_with_a_main_process_that_is_killed(start: Any) -> None:
    port = str(free_port())
    first = start(PORT=port)
    first.base()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(PATIENCE)
    for _ in range(PATIENCE * 10):
        try:
            fetch(f"http://127.0.0.1:{port}/livez")
        except OSError:
            break
        time.sleep(0.1)
    assert start(PORT=port).base().endswith(f":{port}")


def test_another_server_is_used_by_its_address(start: Any, data: Path, tmp_path: Path) -> None:
    start().base()
    socket_folder = str(data / "postgres" / "socket").replace("/", "%2F")
    if len(socket_folder) > 140:
        pytest.skip("the path is too long for a socket, which then lies elsewhere")
    url = f"postgres://dateline@{socket_folder}/dateline"
    other = start(DATABASE_URL=url, DATELINE_DATA=str(tmp_path))
    assert fetch(f"{other.base()}/api/events")["count"] == 29
    assert not (tmp_path / "postgres").exists()


def test_two_services_share_a_database_and_a_taken_port_is_told(start: Any) -> None:
    port = str(free_port())
    first, second = start(PORT=port), start(PORT=port)
    bases = {first.base(), second.base()}
    assert len(bases) == 2
    assert f"Port {port} is taken; using" in first.said + second.said
    for base in bases:
        assert fetch(f"{base}/readyz")["status"] == "ready"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PORT": "80x"}, "PORT is a whole number from 1 to 65535, not “80x”."),
        ({"HOST": "192.0.2.1"}, "Cannot listen on 192.0.2.1"),
        ({"DEBUG": "1", "HOST": "0.0.0.0"}, "DEBUG shows the code"),  # noqa: S104 (refused)
        ({"DATABASE_URL": "mysql://a/b"}, "Wrong setting: DATABASE_URL must name a PostgreSQL"),
        ({"STANDBY_URLS": "mysql://a/b"}, "Wrong setting: STANDBY_URLS must name a PostgreSQL"),
        ({"STANDBY_URLS": "postgres://a/b", "STANDBY_LAG": "4"}, "Wrong setting: STANDBY_LAG is a"),
        ({"RATE_LIMIT": "abc"}, "Wrong setting: RATE_LIMIT is a number of requests per"),
        ({"BEHIND_TLS_PROXY": "enabled"}, "Wrong setting: BEHIND_TLS_PROXY is true or false"),
        ({"DATELINE_DATA": "/proc/nope"}, "Wrong setting: DATELINE_DATA: /proc/nope cannot be"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    start: Any, environment: dict[str, str], message: str
) -> None:
    service = start(**environment)
    assert service.process.wait(PATIENCE) != 0
    assert message in service.said
    assert "Traceback" not in service.said


def told(url: str, **headers: str) -> tuple[int, Any]:
    """Return the status and headers of an answer, which is not followed elsewhere."""
    address = urllib.parse.urlsplit(url)
    with contextlib.closing(http.client.HTTPConnection(address.netloc, timeout=10)) as connection:
        connection.request("GET", address.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers


def test_behind_tls_nothing_goes_without(start: Any) -> None:
    """Who comes without TLS is sent back, and browsers remember it; cookies are of this host."""
    base = start(BEHIND_TLS_PROXY="true").base()
    for path in ("/admin/login/", "/api/events"):
        status, headers = told(f"{base}{path}")
        assert (status, headers["Location"]) == (301, f"https{base.removeprefix('http')}{path}")
        status, headers = told(f"{base}{path}", **{"X-Forwarded-Proto": "https"})
        assert (status, headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
        # Not a word of versions.
        assert headers["Server"] == "granian"
        cookies = headers.get_all("Set-Cookie") or []
        assert len(cookies) == (path == "/admin/login/")
        for cookie in cookies:
            assert cookie.strip().startswith("__Host-csrftoken=")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    for path in ("/livez", "/readyz"):
        assert told(f"{base}{path}")[0] == 200
