"""What a process remembers of the data, and that it forgets it when they change.

These tests commit, in a copy of the database: within a transaction nothing is remembered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread, current_thread
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import state
from events.views import EventViewSet
from tests.databases import copied

BEGIN = "UPDATE events_event SET title = title || %s WHERE public_id = 'azerbaijani-forces-enter-aghdam'"


SUMMARY = "/api/events/summary"


@pytest.fixture
def writer(connect: Any) -> psycopg.Connection[Any]:
    """Return a connection of somebody who writes."""
    session: psycopg.Connection[Any] = connect()
    session.autocommit = True
    return session


@contextmanager
def changed(writer: psycopg.Connection[Any], there: str, back: str) -> Iterator[None]:
    writer.execute(there)
    try:
        yield
    finally:
        writer.execute(back)


def ask(path: str, status: int = 200, **query: Any) -> Any:
    response = Client().get(path, query)
    assert response.status_code == status, response.content
    return response.json()


def queries(path: str, **query: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask(path, **query)
    return len(captured)


def test_what_was_found_is_not_looked_for_again(writer: Any) -> None:
    query = {"place": "Agdam", "page_size": 1}
    ask("/api/events", page_size=1)
    # The name, the page, its count, the state.
    assert queries("/api/events", **query) == 4
    # The page tells of the state, too.
    assert queries("/api/events", **query) == 1
    assert queries("/api/events/azerbaijani-forces-enter-aghdam") == 1


def test_a_new_name_is_known_at_once(writer: Any) -> None:
    ask("/api/events", 400, place="Nowhere Town")
    known = ask("/api/events", place="Agdam")["count"]
    there = (
        "INSERT INTO places_placename (place_id, name, key, kind) "
        "SELECT id, 'Nowhere Town', 'nowheretown', 'alternate' FROM places_place WHERE public_id = 'aghdam'"
    )
    with changed(writer, there, "DELETE FROM places_placename WHERE key = 'nowheretown'"):
        assert ask("/api/events", place="Nowhere Town")["count"] == known
    ask("/api/events", 400, place="Nowhere Town")


def test_what_is_withheld_is_gone_at_once_and_not_counted(writer: Any) -> None:
    counted = ask("/api/events", page_size=1)["count"]
    hide, show = (f"UPDATE sources_dataset SET served = {word}" for word in ("false", "true"))
    with changed(writer, hide, show):
        assert ask("/api/events", page_size=1)["count"] == 0
        ask("/api/events/azerbaijani-forces-enter-aghdam", 404)
    assert ask("/api/events", page_size=1)["count"] == counted > 1


@pytest.mark.parametrize("changes", [1, 2, 3])
def test_an_answer_during_which_the_data_changed_is_given_anew(
    writer: Any, monkeypatch: Any, changes: int
) -> None:
    seen = []
    keys = EventViewSet.keys

    def interrupted(self: Any, *arguments: Any) -> Any:
        if len(seen) < changes:
            writer.execute(BEGIN, [f" at {len(seen)}"])
        seen.append(connection.in_atomic_block)
        return keys(self, *arguments)

    ask("/api/events", page_size=1)
    monkeypatch.setattr(EventViewSet, "keys", interrupted)
    answer = ask("/api/events", id="azerbaijani-forces-enter-aghdam")
    # From the last state, from that of then, and in a transaction.
    assert seen == [False, False, True][: changes + 1]
    assert answer["results"][0]["title"].endswith(f" at {changes - 1}")


def test_what_was_wrong_is_asked_again_when_the_data_changed(writer: Any) -> None:
    path = "/api/events/azerbaijani-forces-enter-aghdam"
    rename = "UPDATE events_event SET public_id = '{}' WHERE public_id = '{}'"
    there = rename.format("entry", "azerbaijani-forces-enter-aghdam")
    ask("/api/events", page_size=1)
    with changed(writer, there, rename.format("azerbaijani-forces-enter-aghdam", "entry")):
        ask(path, 404)
        assert ask("/api/events/entry")["id"] == "entry"
    ask("/api/events/entry", 404)
    assert ask(path)["id"] == "azerbaijani-forces-enter-aghdam"


def test_a_summary_is_made_once(writer: Any) -> None:
    query = {"by": "actor", "limit": 3}
    first = ask(SUMMARY, **query)
    # In other words: the state, afterwards.
    assert queries(SUMMARY, **query, format="json") == 1
    assert ask(SUMMARY, **query, format="json") == first
    for other in ({"by": "actor,type"}, {"by": "type,actor"}, {"by": "actor", "place": "Agdam"}):
        answer = ask(SUMMARY, **other)
        assert answer["by"] == other["by"].split(",")
    table = Client().get(f"{SUMMARY}.csv", query)
    assert table["Content-Type"].startswith("text/csv")
    assert table.content == Client().get(f"{SUMMARY}.csv", query).content
    assert table.content == Client().get(SUMMARY, {**query, "format": "csv"}).content


def test_a_summary_is_made_anew_when_the_data_changed(writer: Any) -> None:
    hide, show = (f"UPDATE sources_dataset SET served = {word}" for word in ("false", "true"))
    counted = ask(SUMMARY, by="type")["count"]
    with changed(writer, hide, show):
        assert ask(SUMMARY, by="type")["count"] == 0
    assert ask(SUMMARY, by="type")["count"] == counted > 1


def test_what_is_kept_of_answers_has_a_limit(settings: Any, monkeypatch: Any) -> None:
    settings.ANSWERS_KEPT = 1
    monkeypatch.setattr(state, "SHARE", 0.5)
    memory, half = state._Memory(None), 2**19
    memory.keep("too long", b"", half + 1)
    assert not memory.answers
    for _ in range(5):
        memory.keep("a", b"", half)
    memory.keep("b", b"", half)
    assert (set(memory.answers), memory.size) == ({"a", "b"}, 2 * half)
    memory.keep("c", b"", 1)
    assert (set(memory.answers), memory.size) == ({"c"}, 1)


def test_a_connection_that_was_lost_is_made_again(writer: Any) -> None:
    ask("/api/events")
    ((mine,),) = _rows("SELECT pg_backend_pid()")
    writer.execute("SELECT pg_terminate_backend(%s)", [mine])
    ask("/api/events")


def _rows(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_what_is_found_while_the_data_change_is_for_nobody_else(
    writer: Any, monkeypatch: Any
) -> None:
    path = "/api/events?status=expected&page_size=1"
    ask("/api/events", page_size=1)
    event = (
        "UPDATE events_event SET status = %s WHERE public_id = 'azerbaijani-forces-enter-aghdam'"
    )
    counted, told = Event(), Event()
    count, read = EventViewSet._count, state._read
    others: list[Thread] = []

    def other() -> None:
        connection.ensure_connection()
        ask(path)
        connection.close()

    def interrupted(*arguments: Any) -> Any:
        """Count after somebody has written and another has counted, who does not know of it yet."""
        if not others:
            writer.execute(event, ["expected"])
            others.append(Thread(target=other))
            others[0].start()
            assert counted.wait(10)
        return count(*arguments)

    def waiting(here: Any) -> Any:
        if current_thread() in others:
            counted.set()
            assert told.wait(10)
        return read(here)

    monkeypatch.setattr(EventViewSet, "_count", staticmethod(interrupted))
    monkeypatch.setattr(state, "_read", waiting)
    try:
        answer = ask(path)
    finally:
        told.set()
        others[0].join()
    assert answer == ask(path)


def test_what_is_remembered_may_be_forgotten_while_it_is_asked_for(
    writer: Any, monkeypatch: Any
) -> None:
    class Forgetful(dict[Any, Any]):
        """Holds what others clear between one look and the next."""

        def __contains__(self, key: Any) -> bool:
            found = super().__contains__(key)
            self.clear()
            return found

    for path in ("/api/events?place=Agdam&page_size=1", f"{SUMMARY}?by=type"):
        expected = ask(path)
        monkeypatch.setattr(state._memory, "entries", Forgetful(state._memory.entries))
        monkeypatch.setattr(state._memory, "answers", Forgetful(state._memory.answers))
        assert ask(path) == expected


@pytest.fixture
def behind(writer: Any, django_db_blocker: Any) -> Iterator[Any]:
    """Return connections to the primary and to a standby of it, which `connection` may be made to lead to."""
    writer.close()
    primary = connection.settings_dict["NAME"]
    with copied(primary, django_db_blocker) as standby:
        here, there = connection.copy(), connection.copy(alias="standby")
        before = connections["default"]
        here.settings_dict["NAME"] = primary
        assert there.settings_dict["NAME"] == standby
        connections["standby"] = there
        yield here, there
        connections["default"] = before
        del connections["standby"]
        here.close()
        there.close()


NAME_IT = """
    INSERT INTO places_placename (place_id, name, key, kind)
    SELECT id, 'Nowhere Town', 'nowheretown', 'alternate' FROM places_place WHERE public_id = 'aghdam'"""


def come_to(here: Any, there: Any) -> None:
    """Bring the standby to the state of the primary, which was given one more name."""
    with here.cursor() as cursor:
        cursor.execute("SELECT number, changed_at, transaction FROM sources_revision")
        state = cursor.fetchone()
    with there.cursor() as cursor:
        cursor.execute(NAME_IT)
        cursor.execute(
            "UPDATE sources_revision SET number = %s, changed_at = %s, transaction = %s", state
        )


def test_an_answer_of_a_standby_is_of_one_state_of_the_standby(
    behind: Any, monkeypatch: Any
) -> None:
    """What the primary showed of a state says nothing of when a standby comes to it."""
    here, there = behind
    connections["default"] = here
    with here.cursor() as cursor:
        cursor.execute(NAME_IT)
    ask("/api/events", page_size=1)
    connections["default"] = there
    there.ensure_connection()
    asked = []
    keys = EventViewSet.parameters.read

    def interrupted(*arguments: Any) -> Any:
        try:
            return keys(*arguments)
        finally:
            # The name was looked for, and only then did the standby come to know it.
            if not asked:
                come_to(here, there)
            asked.append(1)

    monkeypatch.setattr(EventViewSet.parameters, "read", interrupted)
    assert ask("/api/events", place="Nowhere Town")["count"] > 0
    assert len(asked) == 2


def test_what_is_remembered_of_one_server_is_not_of_another(behind: Any) -> None:
    here, there = behind
    connections["default"] = here
    counted = ask("/api/events", place="Agdam", page_size=1)["count"]
    assert counted > 1
    with there.cursor() as cursor:
        cursor.execute(state.state_query())
        at = cursor.fetchone()
        # As if something of the state before were remembered for that which they share.
        memory = state._memory_of(at)
        memory.entries = dict.fromkeys(memory.entries, 1)
    connections["default"] = there
    assert ask("/api/events", place="Agdam", page_size=1)["count"] == counted


def test_a_new_connection_takes_no_state_for_granted(writer: Any) -> None:
    ask("/api/events")
    path = "/api/events/azerbaijani-forces-enter-aghdam"
    assert queries(path) == 1
    connection.close()
    with CaptureQueriesContext(connection) as captured:
        connection.close()
        ask(path)
    assert len(captured) == 2
