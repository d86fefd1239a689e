"""What browsers are told of every answer, and what no answer tells."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

PUBLIC = [
    "/",
    "/api",
    "/api/events",
    "/api/events/azerbaijani-forces-enter-aghdam",
    "/api/events/summary?by=month",
    "/api/events.csv",
    "/api/events.geojson",
    "/api/events?nonsense=1",
    "/api/nosuch",
    "/api/schema",
    "/api/schema.yaml",
    "/api/docs",
    "/api/docs?script=",
    "/api/redoc",
    "/problems",
    "/problems/gone",
    "/problems/nosuch",
    "/llms.txt",
    "/livez",
    "/readyz",
    "/favicon.ico",
    "/static/api/page.css",
    "/static/nosuch.css",
    "/.git/config",
    "/.env",
    "/nosuch",
]
ADMIN = ["/admin/", "/admin/login/", "/admin/events/event/", "/admin/nosuch"]
BLOCKED = ("*", "http:", "https:", "'unsafe-eval'", "'unsafe-hashes'", "'strict-dynamic'")


def policy(response: Any) -> dict[str, list[str]]:
    directives = response["Content-Security-Policy"].split(";")
    return {name: sources for name, *sources in map(str.split, directives)}


# By path and headers of the request: each is asked once.
ANSWERS: dict[Any, Any] = {}


@pytest.fixture
def ask(db: None) -> Any:
    """Return a function that asks as a browser that has nothing of ours."""

    def ask(path: str, **headers: str) -> Any:
        question = (path, *headers.items())
        if question not in ANSWERS:
            ANSWERS[question] = Client(headers=headers).get(path)
            ANSWERS[question].close()
        return ANSWERS[question]

    return ask


@pytest.mark.parametrize("path", [*PUBLIC, *ADMIN])
def test_browsers_run_and_frame_nothing_that_is_not_ours(ask: Any, path: str) -> None:
    response = ask(path)
    told = policy(response)
    assert told["frame-ancestors"] == ["'none'"]
    assert response.get("X-Frame-Options") == "DENY" or path == "/static/api/page.css"
    scripts = told.get("script-src", told["default-src"])
    assert scripts in (["'none'"], ["'self'"])
    sources = {source for listed in told.values() for source in listed}
    assert not sources & set(BLOCKED)
    assert told["default-src"] == ["'none'"] or told["object-src"] == ["'none'"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/admin/login/", "/nosuch", "/static/api/redoc.js"])
def test_pages_to_come_and_the_admin_run_files_alone(ask: Any, path: str) -> None:
    """Nothing inline, styles included: what stands in a page is text."""
    told = policy(ask(path))
    assert told["script-src"] == told["style-src"] == told["connect-src"] == ["'self'"]
    assert told["form-action"] == ["'self'"]
    assert told["base-uri"] == ["'none'"]


@pytest.mark.parametrize("path", ["/api", "/api/events.csv", "/api/nosuch", "/llms.txt"])
def test_data_do_nothing_when_they_are_opened(ask: Any, path: str) -> None:
    response = ask(path)
    assert policy(response)["default-src"] == ["'none'"]
    # Anyone may use them, in whatever page.
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert ask(path, origin="https://elsewhere.example")["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc", "/problems", "/admin/login/"])
def test_pages_ask_for_no_camera_and_the_like(ask: Any, path: str) -> None:
    told = ask(path)["Permissions-Policy"]
    assert "camera=()" in told
    assert "geolocation=()" in told


def test_pages_are_for_this_host_alone(ask: Any) -> None:
    for path in ("/admin/login/", "/problems", "/llms.txt.bak", "/static/api/page.css"):
        response = ask(path, origin="https://elsewhere.example")
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in response


# Cookies


@pytest.mark.parametrize("path", PUBLIC)
def test_no_cookie_is_set_where_everybody_reads(ask: Any, path: str) -> None:
    assert not ask(path).cookies


@pytest.mark.parametrize("path", PUBLIC)
def test_nor_for_who_is_signed_in(db: None, client: Client, path: str) -> None:
    """Nor is anything answered that is theirs alone."""
    client.force_login(User.objects.create(username="curator", is_staff=True, is_superuser=True))
    response = client.get(path)
    response.close()
    assert "Set-Cookie" not in str(response.headers)
    assert "Cookie" not in response.get("Vary", "")


def test_pages_of_the_admin_are_kept_by_nobody(db: None, client: Client) -> None:
    client.force_login(User.objects.create(username="curator", is_staff=True, is_superuser=True))
    for path in ("/admin/", "/admin/events/event/", "/admin/login/"):
        response = client.get(path)
        assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
        assert "Cookie" in response["Vary"]


def test_cookies_of_the_admin_are_read_by_no_script(db: None, client: Client) -> None:
    form = {"username": "curator", "password": "correct horse battery"}
    User.objects.create_superuser(**form)
    client.get("/admin/login/")
    assert client.post("/admin/login/?next=/admin/", form).status_code == 302
    assert set(client.cookies) == {"sessionid", "csrftoken"}
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_a_form_from_elsewhere_is_refused(db: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    form = {"username": "curator", "password": "a password"}
    response = browser.post("/admin/login/", form)
    assert (response.status_code, response["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "was not sent by a page of this service" in response.text
    page = browser.get("/admin/login/")
    form["csrfmiddlewaretoken"] = page.text.partition('csrfmiddlewaretoken" value="')[2][:64]
    for origin, status in (("https://elsewhere.example", 403), ("http://testserver", 200)):
        sent = browser.post("/admin/login/", form, headers={"origin": origin})
        assert sent.status_code == status


# What no answer tells


@pytest.mark.parametrize("path", ["/api/events", "/problems", "/admin/login/"])
def test_a_failure_tells_nothing_of_the_code(
    db: None, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret of the house")

    for view in (
        "events.views.EventViewSet.list",
        "api.pages.render",
        "django.contrib.auth.views.LoginView.get_context_data",
    ):
        monkeypatch.setattr(view, fail)
    response = Client(raise_request_exception=False).get(path)
    assert response.status_code == 500
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    for said in ("secret of the house", "Traceback", "RuntimeError", ".py", "Django"):
        assert said not in response.text


@pytest.mark.parametrize("path", [*PUBLIC, *ADMIN])
def test_no_answer_names_software_and_its_version(ask: Any, path: str) -> None:
    response = ask(path)
    assert not {"Server", "X-Powered-By"} & set(response.headers)
    told = str(response.headers)
    assert "jango" not in told
    assert "ython" not in told


# Behind TLS


def test_django_finds_nothing_to_improve_in_production() -> None:
    """The settings that SECURITY.md asks for, and no check is silenced."""
    assert settings.SILENCED_SYSTEM_CHECKS == []
    environment = {
        "BEHIND_TLS_PROXY": "true",
        "HSTS_WHOLE_DOMAIN": "true",
        "ALLOWED_HOSTS": "dateline.example",
        "CSRF_TRUSTED_ORIGINS": "https://dateline.example",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"],
        cwd=settings.PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
