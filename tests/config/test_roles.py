"""Who the service is to the database: the API reads and can do no more, the admin changes rows."""

import http.cookiejar
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import errors

from config.embedded import Cluster, ensure_running
from config.embedded.keeper import running_server
from tests.config.test_embedded import eventually
from tests.service import Service, fetch, free_port

READER, IMPORTER = "dateline_reader", "dateline_importer"

# A table of one's own, whose rows the owner would write into the trail.
OWN_TRAIL = (
    "CREATE TEMP TABLE events_event (id bigint); CREATE TRIGGER t AFTER INSERT ON events_event "
    "FOR EACH ROW EXECUTE FUNCTION sources_keep_edit('{}')"
)
REFUSED = [
    ("INSERT INTO places_place (public_id) VALUES ('x')", errors.InsufficientPrivilege),
    ("UPDATE events_event SET title = ''", errors.InsufficientPrivilege),
    ("DELETE FROM events_event", errors.InsufficientPrivilege),
    ("TRUNCATE events_event", errors.InsufficientPrivilege),
    ("DROP TABLE events_event", errors.InsufficientPrivilege),
    ("CREATE TABLE x (y int)", errors.InsufficientPrivilege),
    ("CREATE ROLE x", errors.InsufficientPrivilege),
    ("COPY events_event TO PROGRAM 'cat'", errors.InsufficientPrivilege),
    ("SELECT FROM pg_authid", errors.InsufficientPrivilege),
    ("SET session_replication_role = replica", errors.InsufficientPrivilege),
    (
        OWN_TRAIL,
        errors.InsufficientPrivilege,
    ),
]
PRIVATE = ["auth_user", "django_session", "django_admin_log"]
OF_IMPORTER = {"INSERT", "UPDATE", "DELETE", "SET"}


@pytest.fixture
def log_in(db: None) -> Iterator[Any]:
    """Return a function that connects to the tests' database as a role."""
    if "EMBEDDED_FOLDER" not in connection.settings_dict:
        pytest.skip("another server lets nobody in without a password")
    sessions = []

    def log_in(role: str) -> psycopg.Connection[Any]:
        place = Cluster(settings.DATA_FOLDER).connection_parameters()
        name = connection.settings_dict["NAME"]
        sessions.append(psycopg.connect(**{**place, "user": role, "dbname": name}))
        return sessions[-1]

    yield log_in
    for session in sessions:
        session.close()


def test_the_reader_writes_nothing_unless_it_says_so(log_in: Any) -> None:
    with pytest.raises(errors.ReadOnlySqlTransaction):
        log_in(READER).execute("UPDATE events_event SET title = title")


@pytest.mark.parametrize(("statement", "error"), REFUSED)
def test_the_reader_may_write_nothing_whatever_it_says(
    log_in: Any, statement: str, error: type[Exception]
) -> None:
    reader = log_in(READER)
    reader.execute("SET TRANSACTION READ WRITE")
    with pytest.raises(error):
        reader.execute(statement)


@pytest.mark.parametrize("table", PRIVATE)
def test_the_reader_sees_no_accounts(log_in: Any, table: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        log_in(READER).execute(f"SELECT FROM {table}")


@pytest.mark.parametrize(
    "statement", [each for each, _ in REFUSED if each.split()[0] not in OF_IMPORTER]
)
def test_the_importer_makes_and_removes_nothing_but_rows(log_in: Any, statement: str) -> None:
    importer = log_in(IMPORTER)
    with pytest.raises(errors.InsufficientPrivilege):
        importer.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sources_edit SET curator = 'somebody else'",
        "DELETE FROM sources_edit",
        "INSERT INTO sources_edit (at, curator) VALUES (now(), 'ana')",
        OWN_TRAIL,
    ],
)
def test_the_importer_writes_no_trail_of_its_own(log_in: Any, statement: str) -> None:
    importer = log_in(IMPORTER)
    importer.execute("SET session_replication_role = replica")
    with pytest.raises(errors.InsufficientPrivilege):
        importer.execute(statement)


def test_migrating_again_grants_nothing_anew(db: None) -> None:
    from config.roles import MISSING, roles

    for role in roles(connection):
        kinds, names, privileges = map(list, zip(*role.wants(connection), strict=True))
        with connection.cursor() as cursor:
            values = {"role": role.name, "kinds": kinds, "names": names, "privileges": privileges}
            cursor.execute(MISSING, values)
            assert cursor.fetchall() == []


# ---- The service itself ----


class Browser:
    """Someone who fills in forms."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path: str) -> str:
        with self.opener.open(f"{self.base}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def send(self, path: str, **fields: str) -> tuple[str, str]:
        page = self.get(path)
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
        form = {**_filled(page), **fields, "csrfmiddlewaretoken": token}
        body = urllib.parse.urlencode(form).encode()
        headers = {"Referer": f"{self.base}{path}"}
        request = urllib.request.Request(f"{self.base}{path}", body, headers)
        with self.opener.open(request, timeout=20) as answer:
            return answer.url, answer.read().decode()


def _filled(page: str) -> dict[str, str]:
    """Return what the inputs of a page hold."""
    inputs = re.findall(r"<input type=\"(?:text|hidden|number)\"[^>]*>", page)
    pairs = [
        (re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs
    ]
    return {name[1]: value[1] if value else "" for name, value in pairs if name}


def manage(data: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.PROJECT,
        env={**os.environ, "DATELINE_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    if os.environ.get("DATABASE_URL"):
        pytest.skip("of the embedded server")
    running = Service(tmp_path_factory.mktemp("roles") / "data", PORT=str(free_port()))
    yield running
    if running.process.poll() is None:
        running.kill()


def sessions(service: Service) -> set[str]:
    """Return as whom the service is connected, but for the question whether it is ready."""
    place = Cluster(service.data).connection_parameters()
    with psycopg.connect(**{**place, "user": "postgres"}) as admin:
        rows = admin.execute(
            "SELECT usename FROM pg_stat_activity WHERE datname = 'dateline' "
            "AND pid <> pg_backend_pid()"
        ).fetchall()
    return {name for (name,) in rows}


def trail(service: Service) -> list[tuple[Any, ...]]:
    """Return who did what to which collection in the admin."""
    place = Cluster(service.data).connection_parameters()
    with psycopg.connect(**{**place, "user": "postgres"}) as admin:
        query = "SELECT DISTINCT curator, action, collection FROM sources_edit"
        return admin.execute(query).fetchall()


@pytest.mark.processes
@pytest.mark.enable_socket
def test_the_api_reads_as_the_reader_and_curators_write_as_the_importer(service: Service) -> None:
    base = service.base()
    assert fetch(f"{base}/api/events")["count"] == 29
    assert fetch(f"{base}/readyz")["status"] == "ready"
    assert sessions(service) == {READER}

    account = {"DJANGO_SUPERUSER_PASSWORD": "a curator's phrase", "DJANGO_SUPERUSER_EMAIL": ""}
    manage(service.data, "createsuperuser", "--noinput", "--username", "curator", **account)
    browser = Browser(base)
    url, page = browser.send("/admin/login/", username="curator", password="a curator's phrase")  # noqa: S106
    assert url.endswith("/admin/"), page
    added, page = browser.send(
        "/admin/auth/user/add/",
        username="second",
        usable_password="true",  # noqa: S106
        password1="another long phrase",
        password2="another long phrase",
    )
    assert re.search(r"/admin/auth/user/\d+/change/", added), page

    listed = browser.get("/admin/events/event/?q=aghdam")
    (number,) = re.findall(r"/admin/events/event/(\d+)/change/", listed)[:1]
    url, page = browser.send(f"/admin/events/event/{number}/delete/", post="yes")
    assert url.endswith("/admin/events/event/"), page
    assert fetch(f"{base}/api/events")["count"] == 28
    assert trail(service) == [("curator", "deleted", "events_event")]
    # Few write: no connection of theirs stays.
    assert sessions(service) == {READER}


@pytest.mark.processes
@pytest.mark.enable_socket
def test_imports_connect_as_the_importer(service: Service) -> None:
    service.base()
    code = (
        "from django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'datasets', 'list'])\n"
        "from django.db import connection as c\n"
        "with c.cursor() as cursor:\n"
        "    cursor.execute('SELECT current_user')\n"
        "    print(cursor.fetchone())"
    )
    known = {"DATELINE_DATA": str(service.data), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | known,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "aghdam" in done.stdout
    assert f"('{IMPORTER}',)" in done.stdout


def url(service: Service, role: str) -> str:
    folder = urllib.parse.quote(str(Cluster(service.data).socket_folder), safe="")
    return f"postgres://{role}@{folder}/dateline"


@pytest.mark.processes
@pytest.mark.enable_socket
def test_another_server_is_read_by_the_role_of_its_url(service: Service, tmp_path: Path) -> None:
    if service.process.poll() is None:
        service.interrupt()
    # As an earlier release has left it, which knew no roles.
    access = Cluster(service.data).data / "pg_hba.conf"
    eventually(lambda: running_server(access.parent) is None)
    access.write_text("local all dateline,postgres peer map=dateline\n")
    urls = {
        "DATABASE_URL": url(service, "postgres"),
        "DATABASE_READER_URL": url(service, READER),
        "DATABASE_IMPORTER_URL": url(service, "nobody_yet"),
    }
    ensure_running(service.data)
    told = manage(tmp_path, "roles", **urls)
    assert f"-- reader: {READER} is there." in told
    assert 'CREATE ROLE "nobody_yet" LOGIN' in told
    other = Service(tmp_path, PORT=str(free_port()), **urls)
    try:
        base = other.base()
        assert fetch(f"{base}/readyz")["status"] == "ready"
        assert fetch(f"{base}/api/events")["count"]
        assert sessions(service) == {READER}
        assert "importer: nobody_yet is there." in manage(tmp_path, "roles", **urls)
    finally:
        other.kill()


# A view of the service that writes, by mistake: what is answered, and what is then in the database?
PLANTED = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from wsgiref.util import setup_testing_defaults
from django.db import connections
from events.models import Event
from events.views import EventViewSet
for alias in ("default", "importer"):
    connections.settings[alias]["NAME"] = {name!r}
EventViewSet.keys = lambda *_: Event.objects.update(title="planted")
request = {{"PATH_INFO": "/api/events"}}
setup_testing_defaults(request)
request["HTTP_HOST"] = "localhost"
answer = config.wsgi.application(request, lambda status, *_: print(status))
print(b"".join(answer).decode())
print(Event.objects.filter(title="planted").count())
"""


@pytest.mark.processes
@pytest.mark.parametrize("has_roles", [True, False])
def test_a_view_that_writes_fails(db: None, has_roles: bool) -> None:
    name = connection.settings_dict["NAME"]
    code = PLANTED.format(name=name)
    if not has_roles:  # as with a server that nobody made roles in
        code = code.replace(
            "import config.wsgi",
            "import django; django.setup()\nfrom django.conf import settings\n"
            "settings.DATABASE_ROLES = dict(reader=dict(), importer=dict())\nimport config.wsgi",
        )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    status, body, planted = done.stdout.splitlines()
    assert status == "500 Internal Server Error"
    assert "/problems/internal-error" in body
    assert planted == "0"
    assert "cannot execute UPDATE in a read-only transaction" in done.stderr
