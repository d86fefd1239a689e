"""Guessing a password in several processes at once: no more are looked at than one by one."""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.service import Service, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket]

RIGHT = "correct horse battery"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    started = Service(tmp_path / "data", PORT=str(free_port()), WORKERS="4")
    try:
        yield started
    finally:
        started.interrupt()


def sign_in(base: str, password: str) -> tuple[int, str]:
    """Return the status and text that a browser without cookies gets for the form."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    try:
        browser.open(f"{base}/admin/login/", timeout=60).read()
        token = next(cookie.value for cookie in jar if "csrftoken" in cookie.name)
        form = {"username": "curator", "password": password, "csrfmiddlewaretoken": token}
        sent = urllib.parse.urlencode(form).encode()
        with browser.open(f"{base}/admin/login/?next=/admin/", sent, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_guesses_made_at_once_are_counted_exactly(service: Service) -> None:
    """With four processes of eight threads."""
    base = service.base()
    service.add_curator("curator", RIGHT)

    def guess(number: int) -> tuple[int, str]:
        return sign_in(base, f"guess {number}")

    with ThreadPoolExecutor(32) as crowd:
        statuses: set[int] = set()
        while 429 not in statuses:
            statuses |= {status for status, _ in crowd.map(guess, range(32))}
    # Of so many at once, a slow machine tells some to come back before it has looked at their password.
    assert {200, 429} <= statuses <= {200, 429, 503}
    # What was looked at and found wrong; the others were told that somebody is just signing in.
    counted = [line.split("\t") for line in service.manage("axes_list_attempts").splitlines()]
    assert counted == [["127.0.0.1", "curator", "10"]]
    assert sign_in(base, RIGHT)[0] == 429
    service.manage("axes_reset_username", "curator")
    status, text = sign_in(base, RIGHT)
    assert (status, "Log out" in text) == (200, True)
