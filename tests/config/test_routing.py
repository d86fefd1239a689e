"""Which server answers, by what was seen of all of them, and what is asked again."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from psycopg import errors

from api.limits import COUNTED
from api.tracing import ROUTE
from config.routing import Routing, lead_to
from config.standbys import UNNOTICED, Watch

LONGEST = 10


@pytest.fixture
def watch() -> Watch:
    """Two standbys that have all that the primary has, looked at in the order of their names."""
    watch = Watch(["standby_1", "standby_2"], LONGEST)
    watch._in_turn = watch.standbys
    for server in (watch.primary, *watch.standbys):
        server.position, server.known = (50, 7), True
        server.in_recovery = server is not watch.primary
    watch.judge(0)
    return watch


def reading(watch: Watch) -> list[bool]:
    return [standby.reads for standby in watch.standbys]


def test_nobody_reads_from_a_standby_before_the_primary_was_looked_at() -> None:
    watch = Watch(["standby_1"], LONGEST)
    (standby,) = watch.standbys
    standby.position, standby.in_recovery = (50, 7), True
    watch.judge(0)
    assert watch.standby() is None
    watch.primary.position, watch.primary.known = (50, 8), True
    watch.judge(1)
    assert watch.standby() is None
    standby.position = 50, 8
    watch.judge(2)
    assert watch.standby() is standby


def test_processes_share_the_standbys(monkeypatch: Any) -> None:
    taken = set()
    for number in (400, 401):
        monkeypatch.setattr("os.getpid", lambda number=number: number)
        watch = Watch(["standby_1", "standby_2"], LONGEST)
        for standby in watch.standbys:
            standby.reads = True
        first = watch.standby()
        assert first
        assert watch.standby() is first
        taken.add(first.alias)
    assert taken == {"standby_1", "standby_2"}


def test_a_standby_may_lack_a_change_for_a_while(watch: Watch) -> None:
    first, second = watch.standbys
    watch.primary.position = 50, 8
    second.position = 50, 8
    watch.judge(100)
    assert reading(watch) == [True, True]
    watch.judge(100 + LONGEST - UNNOTICED)
    assert reading(watch) == [True, True]
    watch.judge(101 + LONGEST - UNNOTICED)
    assert reading(watch) == [False, True]
    assert (first.lag, second.lag) == (101 + LONGEST - UNNOTICED - 100, 0)
    assert watch.standby() is second


def test_it_comes_back_with_all_that_the_primary_has(watch: Watch) -> None:
    first, _ = watch.standbys
    watch.primary.position = 50, 8
    watch.judge(100)
    watch.judge(200)
    watch.primary.position = 50, 9
    watch.judge(200.5)
    first.position = 50, 8
    watch.judge(201)
    # It is a second behind, which would have been no reason to leave it out.
    assert (first.lag, first.reads) == (0.5, False)
    first.position = 50, 9
    watch.judge(202)
    assert (first.lag, first.reads) == (0, True)


def test_a_standby_that_lacks_a_migration_lacks_something(watch: Watch) -> None:
    watch.primary.position = 51, 7
    watch.judge(100)
    watch.judge(200)
    assert reading(watch) == [False, False]


def test_without_a_primary_any_standby_will_do(watch: Watch) -> None:
    watch.primary.position = 50, 8
    watch.judge(100)
    watch.judge(200)
    assert reading(watch) == [False, False]
    watch.primary.lost()
    watch.judge(201)
    assert reading(watch) == [True, True]


def test_one_that_goes_its_own_way_is_left_while_there_is_a_primary(watch: Watch) -> None:
    first, _ = watch.standbys
    first.in_recovery = False
    watch.judge(1)
    assert reading(watch) == [False, True]
    watch.primary.lost()
    watch.judge(2)
    assert reading(watch) == [True, True]


def test_what_a_new_primary_never_had_is_not_missed(watch: Watch) -> None:
    watch.primary.position = 50, 9
    watch.judge(100)
    # Promoted, without the last change.
    watch.primary.position = 50, 8
    for standby in watch.standbys:
        standby.position = 50, 8
    watch.judge(200)
    assert [standby.lag for standby in watch.standbys] == [0, 0]


def test_who_owes_an_answer_is_left_and_cut_off(watch: Watch, monkeypatch: Any) -> None:
    first, _ = watch.standbys
    cut = []
    monkeypatch.setattr("config.standbys.Server.cut", lambda server: cut.append(server.alias))
    watch.primary.asked = first.asked = 100
    watch.judge(101)
    assert (reading(watch), cut) == ([True, True], [])
    watch.judge(103)
    assert reading(watch) == [False, True]
    # Who writes is never cut off.
    assert (cut, watch.primary.position) == (["standby_1"], None)


class Application:
    """Answers by the name of the server that it is led to; a standby fails, if there is an error to fail by."""

    def __init__(self, error: psycopg.Error | None = None, full: bool = False) -> None:
        self.error, self.full = error, full
        self.asked: list[str] = []

    def __call__(self, request: Any, start_response: Any) -> list[bytes]:
        self.asked.append(connection.alias)
        assert "HTTP_ACCEPT" not in request
        request["HTTP_ACCEPT"] = "written to on its way"
        try:
            if self.error and connection.alias != "default":
                with connection.wrap_database_errors:
                    raise self.error
        except OperationalError:
            start_response("503 Service Unavailable", [])
            return [b"no"]
        if self.full:
            start_response("503 Service Unavailable", [])
            return [b"full"]
        start_response("200 OK", [])
        return [connection.alias.encode()]


@pytest.fixture
def ask(watch: Watch, monkeypatch: Any) -> Iterator[Any]:
    """Return a function that asks an application by a path, and returns status and content."""
    for standby in watch.standbys:
        monkeypatch.setitem(
            connections.settings, standby.alias, dict(connections.settings["default"])
        )

    def ask(application: Any, path: str, request: Any = None) -> tuple[str, bytes]:
        begun: list[Any] = []
        request = {} if request is None else request
        request["PATH_INFO"] = path
        pieces = Routing(application, watch)(request, lambda *told: begun.append(told))
        ((status, _),) = begun
        return status[:3], b"".join(pieces)

    yield ask
    lead_to("default")
    for standby in watch.standbys:
        if hasattr(connections._connections, standby.alias):
            del connections[standby.alias]


@pytest.mark.parametrize(
    "path", ["/api", "/api/events", "/api/events.csv", "/", "/events/x", "/agreements"]
)
def test_what_is_read_goes_to_a_standby(ask: Any, path: str) -> None:
    assert ask(Application(), path) == ("200", b"standby_1")


@pytest.mark.parametrize("path", ["/admin/", "/problems", "/apis", "/livez", "/readyz"])
def test_everything_else_goes_to_the_primary(ask: Any, path: str) -> None:
    assert ask(Application(), "/api") == ("200", b"standby_1")
    assert ask(Application(), path) == ("200", b"default")


def test_without_a_standby_the_primary_answers(ask: Any, watch: Watch) -> None:
    for standby in watch.standbys:
        standby.lost()
    assert ask(Application(), "/api") == ("200", b"default")


@pytest.mark.parametrize(
    "error",
    [
        errors.SerializationFailure("conflict with recovery"),
        errors.DeadlockDetected("conflict with recovery"),
        errors.LockNotAvailable("of what is taken over"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_was_in_the_way_is_asked_of_the_primary(
    ask: Any, watch: Watch, error: psycopg.Error
) -> None:
    application = Application(error)
    assert ask(application, "/api") == ("200", b"default")
    assert application.asked == ["standby_1", "default"]
    assert reading(watch) == [True, True]


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("server closed the connection"),
        errors.AdminShutdown("stopped"),
        errors.CannotConnectNow("starting up"),
        errors.ConnectionFailure("lost"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_standby_that_is_lost_is_asked_no_more(
    ask: Any, watch: Watch, error: psycopg.Error
) -> None:
    application = Application(error)
    assert ask(application, "/api") == ("200", b"default")
    assert reading(watch) == [False, True]


def test_what_took_too_long_is_not_asked_again(ask: Any, watch: Watch) -> None:
    application = Application(errors.QueryCanceled("statement timeout"))
    assert ask(application, "/api") == ("503", b"no")
    assert (application.asked, reading(watch)) == (["standby_1"], [True, True])


def test_where_the_primary_is_gone_the_standby_is_asked_again(ask: Any, watch: Watch) -> None:
    watch.primary.lost()
    application = Application(errors.SerializationFailure("conflict with recovery"))
    assert ask(application, "/api") == ("503", b"no")
    assert application.asked == ["standby_1", "standby_1"]


def test_a_full_house_is_not_asked_again(ask: Any, watch: Watch) -> None:
    application = Application(full=True)
    assert ask(application, "/api") == ("503", b"full")
    assert application.asked == ["standby_1"]


def test_what_was_found_out_of_a_request_stays_with_it(ask: Any) -> None:
    """Its line and the metrics tell the route, whoever answered; what failed is forgotten, but that it was counted."""

    def finding(request: Any, start_response: Any) -> list[bytes]:
        assert "found" not in request
        request["found"] = request[ROUTE] = connection.alias
        request.setdefault(COUNTED, connection.alias)
        return application(request, start_response)

    application = Application()
    request: dict[str, Any] = {}
    ask(finding, "/api", request)
    assert (request[ROUTE], request[COUNTED]) == ("standby_1", "standby_1")
    application.error = errors.SerializationFailure("conflict with recovery")
    request = {}
    ask(finding, "/api", request)
    assert (request[ROUTE], request[COUNTED]) == ("default", "standby_1")
