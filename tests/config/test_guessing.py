"""Guessing a password in several processes at once: no more are looked at than one by one."""

import http.cookiejar
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.service import PROJECT, Service, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket]

RIGHT = "correct horse battery"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    started = Service(tmp_path / "data", PORT=str(free_port()), WORKERS="4")
    try:
        yield started
    finally:
        started.interrupt()


def manage(service: Service, *command: str, **environment: str) -> str:
    """Return what a command says."""
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    known |= {"DATELINE_DATA": str(service.data), **environment}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env=known,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sign_in(base: str, password: str) -> tuple[int, str]:
    """Return the status and text that a browser without cookies gets for the form."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{base}/admin/login/", timeout=60).read()
    token = next(cookie.value for cookie in jar if "csrftoken" in cookie.name)
    form = {"username": "curator", "password": password, "csrfmiddlewaretoken": token}
    sent = urllib.parse.urlencode(form).encode()
    try:
        with browser.open(f"{base}/admin/login/?next=/admin/", sent, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_guesses_made_at_once_are_counted_exactly(service: Service) -> None:
    """R76, with four processes of eight threads."""
    base = service.base()
    account = {"DJANGO_SUPERUSER_PASSWORD": RIGHT, "DJANGO_SUPERUSER_EMAIL": "a@example.org"}
    manage(service, "createsuperuser", "--noinput", "--username", "curator", **account)

    def guess(number: int) -> tuple[int, str]:
        return sign_in(base, f"guess {number}")

    with ThreadPoolExecutor(32) as crowd:
        statuses: set[int] = set()
        while 429 not in statuses:
            statuses |= {status for status, _ in crowd.map(guess, range(32))}
    assert statuses == {200, 429}
    # What was looked at and found wrong; the others were told that somebody is just signing in.
    counted = [line.split("\t") for line in manage(service, "axes_list_attempts").splitlines()]
    assert counted == [["127.0.0.1", "curator", "10"]]
    assert sign_in(base, RIGHT)[0] == 429
    manage(service, "axes_reset_username", "curator")
    status, text = sign_in(base, RIGHT)
    assert (status, "Log out" in text) == (200, True)
