"""A real primary and a real standby: what is read goes to the standby, whatever becomes of either."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.clusters import Server, servers
from tests.service import PROJECT, Service, free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.enable_socket]

EVENT = "/api/events/azerbaijani-forces-enter-aghdam"
RENAME = "UPDATE events_event SET title = %s WHERE public_id = 'azerbaijani-forces-enter-aghdam'"
# Seconds that a standby may lack what the primary has, and that anything here may take.
LAG, PATIENCE = 5, 30
NAME, PASSWORD = "curator", "a long and winding password"

PATHS = [
    *("/api", "/api/events?place=Agdam", "/api/events?q=cease-fire&sort=relevance", EVENT),
    *("/api/events?actor=Ilham+Aliyev&type=CONSULT", "/api/events?bbox=46,39,48,41&count=exact"),
    *("/api/events?near=39.99,46.93&radius_km=50", "/api/events?include=place,actors,sources"),
    *("/api/events/summary?by=month,type", "/api/events/summary.csv?by=actor"),
    *("/api/events.csv", "/api/events.geojson", "/api/events.ndjson", "/api/places.csv"),
    *("/api/agreements", "/api/provisions?status=pending", "/api/actors", "/api/places?within=AZ"),
    *("/api/sources", "/api/datasets", "/api/event-types", "/api/events/none", "/api/events?x=1"),
]


@dataclass
class Answer:
    """An answer, and when it was asked for and how long it took, in seconds."""

    status: int
    headers: dict[str, str]
    content: bytes
    asked: float
    took: float

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def ask(base: str, path: str, body: Any = None, **headers: str) -> Answer:
    """Ask a service under one name, whatever its port is."""
    asked = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=PATIENCE)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, path, body, {"Host": "localhost", **named})
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    took = time.monotonic() - asked
    return Answer(
        response.status,
        {name.lower(): value for name, value in response.getheaders()},
        content,
        asked,
        took,
    )


class Load:
    """Readers who ask without a pause, each time for a page of another origin: no answer is given again."""

    def __init__(self, base: str, paths: tuple[str, ...] = (EVENT,), readers: int = 6) -> None:
        self.base, self.paths = base, paths
        self.answers: list[Answer] = []
        # By each reader: when an answer came last.
        self.last = dict.fromkeys(range(readers), 0.0)
        self.ended = threading.Event()
        self.threads = [
            threading.Thread(target=self._read, args=(number,)) for number in range(readers)
        ]

    def _read(self, number: int) -> None:
        count = 0
        while not self.ended.is_set():
            count += 1
            path = self.paths[count % len(self.paths)]
            try:
                answer = ask(self.base, path, origin=f"https://{number}.{count}.example")
            except OSError as error:
                answer = Answer(0, {}, str(error).encode(), time.monotonic(), 0)
            self.answers.append(answer)
            self.last[number] = time.monotonic()

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something holds ten times in a row: of two processes, either may be asked."""
    end, row = time.monotonic() + seconds, 0
    while row < 10:
        assert time.monotonic() < end
        row = row + 1 if holds() else 0
        if not row:
            time.sleep(0.1)


def told(base: str) -> Any:
    return ask(base, "/readyz").json


def reads(base: str) -> bool:
    """Return whether a standby answers reads in the process that is asked."""
    return any(standby["reads"] for standby in told(base)["standbys"])


@contextmanager
def service(folder: Path, **environment: str) -> Iterator[str]:
    """Run a service and yield its address."""
    known = {"SECRET_KEY": "the same for all", "STANDBY_LAG": str(LAG), "PORT": str(free_port())}
    running = Service(folder, **known | environment)
    try:
        yield running.base()
    finally:
        running.kill()


@pytest.fixture(scope="module")
def make() -> Iterator[Any]:
    with servers() as make:
        yield make


@pytest.fixture(scope="module")
def primary(make: Any) -> Server:
    server: Server = make()
    return server


@pytest.fixture(scope="module")
def standby(make: Any, primary: Server) -> Server:
    # It waits for no reader.
    server: Server = make(primary, "max_standby_streaming_delay = 0\n")
    return server


@pytest.fixture(scope="module")
def base(primary: Server, standby: Server, tmp_path_factory: Any) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("service") / "data"
    with service(folder, DATABASE_URL=primary.url, STANDBY_URLS=standby.url) as base:
        eventually(lambda: reads(base))
        yield base


@pytest.fixture(autouse=True)
def whole(base: str) -> Iterator[None]:
    """Begin and end each test with a standby that answers."""
    eventually(lambda: reads(base))
    yield
    eventually(lambda: reads(base))


def readers(server: Server) -> int:
    """Return how many sessions of a server have last read an event."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()"
    found: int = server.ask(asked, "%events_event%body%")
    return found


def replay(standby: Server, what: str) -> None:
    """Pause or resume what a standby takes over; told where no data are, and nothing is in the way."""
    standby.ask(f"SELECT pg_wal_replay_{what}()", name="postgres")


def test_reads_are_answered_by_the_standby(base: str, primary: Server, standby: Server) -> None:
    with Load(base) as load:
        time.sleep(1)
    assert set(load.statuses) == {200}
    assert readers(standby) > 0
    assert readers(primary) == 0


def test_either_gives_the_same_under_the_same_tag(
    base: str, primary: Server, tmp_path: Path
) -> None:
    """Two services on one database, one of which reads from the standby, can stand behind one address."""
    with service(tmp_path / "data", DATABASE_URL=primary.url) as other:
        for path in PATHS:
            here, there = ask(base, path), ask(other, path)
            assert (here.status, here.content) == (there.status, there.content), path
            assert here.headers.get("etag") == there.headers.get("etag"), path
            if here.status == 200:
                for one in (base, other):
                    assert ask(one, path, if_none_match=here.headers["etag"]).status == 304
        found, path, turn = [], "/api/events?page_size=2", 0
        while path:
            page = ask((base, other)[turn % 2], path).json
            found += [record["id"] for record in page["results"]]
            path, turn = (page["next"] or "").removeprefix("http://localhost"), turn + 1
    assert len(found) == len(set(found)) == 29


def test_a_standby_that_is_killed_is_not_missed(base: str, standby: Server) -> None:
    with Load(base) as load:
        time.sleep(1)
        standby.kill()
        killed = time.monotonic()
        eventually(lambda: not reads(base))
        without = time.monotonic()
        time.sleep(2)
        standby.start()
        eventually(lambda: reads(base))
        time.sleep(1)
    assert set(load.statuses) == {200}
    assert len([answer for answer in load.answers if killed < answer.asked < without + 2]) > 50
    assert readers(standby) > 0


def test_a_standby_that_hangs_is_left(base: str, standby: Server) -> None:
    with Load(base) as load:
        time.sleep(1)
        standby.send(signal.SIGSTOP)
        stopped = time.monotonic()
        eventually(lambda: not reads(base))
        left = time.monotonic()
        # Also those who were waiting for it, while it still hangs.
        eventually(lambda: min(load.last.values()) > left)
        time.sleep(2)
        standby.send(signal.SIGCONT)
        eventually(lambda: reads(base))
    assert set(load.statuses) == {200}
    slowest = max(answer.took for answer in load.answers)
    assert slowest < 8
    after = [answer for answer in load.answers if left < answer.asked < left + 2]
    assert max(answer.took for answer in after) < 1
    assert left - stopped < 10


def test_what_a_standby_lacks_is_bounded_and_told(
    base: str, primary: Server, standby: Server
) -> None:
    before = ask(base, EVENT)
    replay(standby, "pause")
    try:
        primary.ask(RENAME, "Told otherwise")
        changed = time.monotonic()
        stale = ask(base, EVENT)
        assert (stale.content, stale.headers["etag"]) == (before.content, before.headers["etag"])
        lags = []
        with Load(base) as load:
            while time.monotonic() < changed + LAG + 2:
                lags.append(told(base)["standbys"][0]["lag_seconds"])
                time.sleep(0.2)
        assert set(load.statuses) == {200}
        late = [answer for answer in load.answers if answer.asked > changed + LAG]
        assert late
        assert {answer.json["title"] for answer in late} == {"Told otherwise"}
        assert max(lags) > LAG - 1
        assert not reads(base)
        after = ask(base, EVENT, if_none_match=before.headers["etag"])
        assert after.status == 200
        assert after.headers["etag"] != before.headers["etag"]
    finally:
        replay(standby, "resume")
    eventually(lambda: reads(base))
    assert told(base)["standbys"][0]["lag_seconds"] == 0
    assert ask(base, EVENT, if_none_match=after.headers["etag"]).status == 304


def sign_in(base: str) -> dict[str, str]:
    """Sign in to the admin, which writes; return the header that later requests need."""
    path = "/admin/login/?next=/admin/"
    page = ask(base, path)
    token = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', page.content)
    assert token, page.status
    cookie = page.headers["set-cookie"].partition(";")[0]
    form = {
        "username": NAME,
        "password": PASSWORD,
        "csrfmiddlewaretoken": token[1].decode(),
        "next": "/admin/",
    }
    form_type = "application/x-www-form-urlencoded"
    answer = ask(base, path, urlencode(form), cookie=cookie, content_type=form_type)
    assert answer.status == 302, answer.content
    # Of two cookies that are set, the session's is last.
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


def command(*arguments: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )


def make_curator(url: str, folder: Path) -> None:
    command(
        *("createsuperuser", "--noinput", "--username", NAME, "--email", "c@example.org"),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        DATABASE_URL=url,
        DATELINE_DATA=str(folder),
    )


def test_a_curator_sees_at_once_what_was_written(
    base: str, primary: Server, standby: Server, tmp_path: Path
) -> None:
    make_curator(primary.url, tmp_path)
    replay(standby, "pause")
    try:
        session = sign_in(base)
        primary.ask(RENAME, "Seen at once")
        key = primary.ask(
            "SELECT id FROM events_event WHERE public_id = 'azerbaijani-forces-enter-aghdam'"
        )
        page = ask(base, f"/admin/events/event/{key}/change/", **session)
        assert page.status == 200
        assert b"Seen at once" in page.content
        assert ask(base, EVENT).json["title"] != "Seen at once"
    finally:
        replay(standby, "resume")


def test_a_request_that_is_asked_again_is_one_request(
    primary: Server, standby: Server, tmp_path: Path
) -> None:
    """Counted once in the limit, in the log and in the metrics, with the route that answered it."""
    port = free_port()
    settings = {"RATE_LIMIT": "900/day", "ACCESS_LOG": "1", "LOG_FORMAT": "json", "WORKERS": "1"}
    servers_ = {"DATABASE_URL": primary.url, "STANDBY_URLS": standby.url}
    with service(tmp_path / "data", METRICS_PORT=str(port), **settings, **servers_) as base:
        eventually(lambda: reads(base))
        assert ask(base, EVENT).headers["ratelimit"].startswith('"default";r=899;')
        standby.kill()
        try:
            left = []
            for _ in range(5):
                # The first of them before it is seen that the standby is lost.
                answer = ask(base, EVENT)
                assert answer.status == 200
                left.append(answer.headers["ratelimit"].split(";")[1])
            assert left == [f"r={899 - number}" for number in range(1, 6)]
        finally:
            standby.start()
        counted = ask(f"http://localhost:{port}", "/metrics").content.decode()
        log = "".join(path.read_text() for path in tmp_path.glob("log-*"))
    events = [
        line
        for line in map(json.loads, filter(_is_entry, log.splitlines()))
        if line["path"] == EVENT
    ]
    assert [line["route"] for line in events] == ["/api/events/<id>"] * 6
    metric = 'dateline_requests_total{method="GET",route="/api/events/<id>",status="200"} 6.0'
    assert metric in counted
    assert 'route="none"' not in counted


def _is_entry(line: str) -> bool:
    return line.startswith("{") and '"dateline.access"' in line


def conflicts(standby: Server) -> int:
    """Return how many statements the standby has ended that were in the way of replication."""
    # Asked where no data are, and nothing is in the way.
    counted = "SELECT confl_snapshot FROM pg_stat_database_conflicts WHERE datname = 'dateline'"
    found: int = standby.ask(counted, name="postgres")
    return found


def test_a_read_that_is_in_the_way_of_replication_is_asked_again(
    base: str, primary: Server, standby: Server
) -> None:
    primary.ask("CREATE TABLE scratch AS SELECT generate_series(1, 100) AS number")
    paths = ("/api/events/summary?by=actor,type", "/api/events?q=Aghdam&sort=relevance")
    before, end = conflicts(standby), time.monotonic() + PATIENCE
    with Load(base, paths) as load, primary.connect() as writer:
        while conflicts(standby) < before + 5:
            assert time.monotonic() < end
            for _ in range(20):
                writer.execute("UPDATE scratch SET number = number + 1")
                writer.execute("VACUUM scratch")
    assert set(load.statuses) == {200}
    primary.ask("DROP TABLE scratch")


def test_reads_outlive_the_primary(base: str, primary: Server) -> None:
    with Load(base) as load:
        time.sleep(0.5)
        primary.kill()
        eventually(lambda: not told(base)["primary"]["answers"])
        assert told(base)["status"] == "ready"
        assert {ask(base, path).status for path in PATHS} == {200, 400, 404}
        primary.start()
        eventually(lambda: bool(told(base)["primary"]["answers"]))
    assert set(load.statuses) == {200}


def test_a_standby_that_is_promoted_takes_over(make: Any, tmp_path: Path) -> None:
    """As docs/scaling.md tells it: with all servers in both settings, no service is started again."""
    first = make()
    second = make(first)
    hosts = [server.url.partition("@")[2].partition("/")[0] for server in (first, second)]
    both = f"postgres://postgres@{','.join(hosts)}/dateline?target_session_attrs=read-write"
    standbys = f"{first.url},{second.url}"
    with service(tmp_path / "data", DATABASE_URL=both, STANDBY_URLS=standbys) as base:
        make_curator(both, tmp_path)
        eventually(lambda: [one["reads"] for one in told(base)["standbys"]] == [False, True])
        with Load(base) as load:
            first.kill()
            time.sleep(1)
            assert second.ask("SELECT pg_promote()")
            promoted = time.monotonic()
            eventually(lambda: bool(told(base)["primary"]["answers"]))
            assert sign_in(base)
            assert time.monotonic() - promoted < 10
            # What was promoted is written to, and is a standby no more.
            assert second.ask("SELECT last_login IS NOT NULL FROM auth_user")
            eventually(lambda: not reads(base))
            first.follow(second)
            eventually(lambda: [one["reads"] for one in told(base)["standbys"]] == [True, False])
            time.sleep(0.5)
        assert set(load.statuses) == {200}
        assert readers(first) > 0
