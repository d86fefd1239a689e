"""Signing in to the admin: who guesses is locked out, and learns nothing."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.logins import Handler
from tests.databases import connect

LOGIN = "/admin/login/?next=/admin/"
RIGHT, WRONG = "a right password", "a wrong password"
NO = b"Please enter the correct username and password"
MANY = b"Too many wrong passwords"


@pytest.fixture(autouse=True)
def curator(db: None, settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_superuser("curator", password=RIGHT)


@pytest.fixture
def checked(monkeypatch: Any) -> list[str]:
    """Return the passwords that are put through a hash, as they are."""
    passwords: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def count(hasher: Any, password: str, salt: str) -> str:
        passwords.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", count)
    return passwords


def sign_in(
    name: str = "curator", password: str = WRONG, address: str = "192.0.2.1", **more: Any
) -> Any:
    """Send the form as a browser without cookies would."""
    data = {"username": name, "password": password}
    return Client().post(LOGIN, data, REMOTE_ADDR=address, **more)


def enters(**attempt: Any) -> bool:
    return sign_in(password=RIGHT, **attempt).status_code == 302


def later(minutes: int) -> None:
    """Let time go by: what was counted is as much older."""
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_the_right_password_enters() -> None:
    assert enters()


def test_an_account_is_locked_for_an_address_by_the_eleventh_attempt(checked: list[str]) -> None:
    for _ in range(9):
        response = sign_in()
        assert (response.status_code, NO in response.content) == (200, True)
    assert sign_in().status_code == 429
    checked.clear()
    response = sign_in(password=RIGHT)
    assert (response.status_code, response["Retry-After"]) == (429, "3600")
    assert MANY in response.content
    assert checked == []
    assert enters(address="192.0.2.2")


@pytest.mark.parametrize("name", ["u" * 151, "u" * 256, "u" * 5_000, "u\0"])
def test_a_name_that_nobody_can_have_is_an_error_of_the_form(name: str, checked: list[str]) -> None:
    response = sign_in(name)
    assert (response.status_code, b"errorlist" in response.content) == (200, True)
    assert checked == []


def test_nine_wrong_passwords_lock_nobody_out() -> None:
    for _ in range(9):
        sign_in()
    assert enters()


@pytest.mark.parametrize("name", [" curator ", "ｃurator"])
def test_another_spelling_of_a_name_counts_as_the_name(name: str) -> None:
    for _ in range(5):
        sign_in()
        sign_in(name)
    assert not enters()


def test_a_password_tried_on_many_accounts_locks_the_address(checked: list[str]) -> None:
    statuses = [sign_in(f"user{number}").status_code for number in range(50)]
    assert statuses == [200] * 29 + [429] * 21
    assert len(checked) == 30
    assert not enters()
    assert enters(address="192.0.2.2")


def test_an_account_tried_from_many_addresses_is_locked(checked: list[str]) -> None:
    for _ in range(9):
        for host in range(20):
            sign_in(address=f"198.51.100.{host}")
    assert len(checked) == 100
    assert not enters(address="192.0.2.77")
    assert sign_in("somebody", address="192.0.2.77").status_code == 200


def test_a_network_of_ipv6_is_one_address() -> None:
    for host in range(10):
        sign_in(address=f"2001:db8::{host}")
    assert not enters(address="2001:db8::77")
    assert enters(address="2001:db8:0:1::77")


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip"])
def test_no_header_makes_another_address(header: str) -> None:
    for number in range(10):
        sign_in(headers={header: f"198.51.100.{number}"})
    assert not enters(headers={header: "198.51.100.77"})


def test_a_proxy_that_is_named_says_what_the_address_is(settings: Any) -> None:
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    for number in range(10):
        sign_in(headers={"x-forwarded-for": f"198.51.100.{number}, 203.0.113.1"})
    assert not enters(headers={"x-forwarded-for": "198.51.100.77, 203.0.113.1"})
    assert enters(headers={"x-forwarded-for": "203.0.113.2"})


@pytest.mark.parametrize("address", ["", "unix:", "203.0.113.1:443"])
def test_all_without_an_address_are_one(address: str) -> None:
    for _ in range(10):
        assert sign_in(address=address).status_code in (200, 429)
    assert not enters(address="")


def test_a_lock_opens_by_itself() -> None:
    for _ in range(10):
        sign_in()
    later(minutes=59)
    # Who goes on guessing does not keep it shut.
    assert not enters()
    later(minutes=2)
    assert enters()
    sign_in("somebody else")
    assert AccessAttempt.objects.count() == 1, "what is forgotten is not kept"


@pytest.mark.parametrize(
    "command", [("axes_reset_username", "curator"), ("axes_reset_ip", "192.0.2.1"), ("axes_reset",)]
)
def test_a_lock_is_opened_by_a_command(command: tuple[str, ...], capsys: Any) -> None:
    for _ in range(10):
        sign_in()
    call_command(*command)
    assert "1 attempts removed" in capsys.readouterr().out
    assert enters()


@pytest.mark.parametrize("kind", ["known", "closed", "no curator"])
def test_nothing_tells_whether_there_is_an_account(
    kind: str, curator: User, checked: list[str]
) -> None:
    """By status, text, queries and hashes, which take the time, the same: before a lock and after."""
    curator.is_active, curator.is_staff = kind != "closed", kind != "no curator"
    curator.save()

    def told(name: str) -> list[Any]:
        seen = []
        for _ in range(12):
            checked.clear()
            with CaptureQueriesContext(connection) as queries:
                response = sign_in(name, address=f"192.0.2.{len(name)}")
            text = response.content.decode().replace(name, "NAME")
            shown = [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]
            headers = {
                key: value for key, value in response.items() if key not in ("Date", "Expires")
            }
            headers.pop("Content-Length", None)
            seen.append((response.status_code, shown, headers, len(queries), len(checked)))
        return seen

    assert told("curator") == told("nobodys")


def test_of_an_account_one_attempt_is_made_at_a_time(checked: list[str]) -> None:
    """So that the count is exact, however many processes answer."""
    lock = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
    with connect(connection.settings_dict["NAME"]) as other:
        for name in ("login of curator", "login from 192.0.2.1"):
            other.execute(lock, [name])
            assert b"just signing in" in sign_in(password=RIGHT).content
            other.execute("SELECT pg_advisory_unlock_all()")
    assert checked == []
    assert not AccessAttempt.objects.exists()
    assert enters()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("method", ["get_user_attempts", "user_login_failed"])
def test_without_a_count_nobody_enters(monkeypatch: Any, method: str) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(Handler, method, gone)
    assert sign_in().status_code == 503
    if method == "get_user_attempts":
        assert sign_in(password=RIGHT).status_code == 503


def test_a_password_is_kept_nowhere(caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(11):
            sign_in(headers={"user-agent": "somebody\x1b[31m"})
        enters(address="192.0.2.2")
    kept = str(list(AccessAttempt.objects.values())) + caplog.text
    assert "192.0.2.1" in caplog.text
    assert RIGHT not in kept
    assert WRONG not in kept
    assert "curator" not in caplog.text
