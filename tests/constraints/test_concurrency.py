"""Two who write at once: what is derived stays right, and nobody waits in a circle.

These tests commit, each in a copy of the database and in connections of its own.
"""

import threading
from io import StringIO
from typing import Any

import orjson
import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from api import checking, files
from api.snapshot import snapshot
from events.models import Event
from events.serializers import EventSerializer

PATIENCE = 10


class Second:
    """A statement that runs in another connection while the first has not committed."""

    def __init__(self, session: psycopg.Connection[Any], statement: str) -> None:
        self.error: Exception | None = None
        self.session, self.statement = session, statement
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        # It has to wait for the first; a moment shows that it has begun.
        self.thread.join(0.3)

    def run(self) -> None:
        try:
            self.session.execute(self.statement)
            self.session.commit()
        except psycopg.Error as error:
            self.error = error

    def end(self) -> None:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        assert self.error is None


def both(connect: Any, first: str, second: str) -> None:
    """Run two statements in two transactions that overlap; both must succeed."""
    one, other = connect(), connect()
    one.execute(first)
    later = Second(other, second)
    one.commit()
    later.end()


def stale() -> list[str]:
    return [
        event.public_id
        for event in Event.objects.all()
        if orjson.loads(event.body.body) != orjson.loads(orjson.dumps(EventSerializer(event).data))
    ]


def test_bodies_are_right_when_two_change_what_they_show(connect: Any) -> None:
    title = "UPDATE events_event SET title = {} WHERE public_id = 'celebrations-in-baku'"
    source = "UPDATE sources_document SET title = {} WHERE public_id = 'npr-2020-11-20'"
    both(connect, title.format("'Other'"), source.format("'Other'"))
    assert stale() == []


def test_levels_are_right_when_a_place_moves_as_an_event_comes(connect: Any) -> None:
    move = "UPDATE places_place SET parent_id = (SELECT id FROM places_place WHERE public_id = '{}') WHERE public_id = 'lachin'"
    put = "UPDATE events_event SET place_id = (SELECT id FROM places_place WHERE public_id = '{}') WHERE public_id = 'celebrations-in-baku'"
    wrong = """SELECT count(*) FROM events_event e JOIN places_place p ON p.id = e.place_id
        WHERE (e.place_level_1, e.place_level_2) IS DISTINCT FROM (p.level_1_id, p.level_2_id)"""
    both(connect, move.format("armenia"), put.format("lachin"))
    assert connect().execute(wrong).fetchone() == (0,)


def test_two_cannot_make_a_circle_between_them(connect: Any) -> None:
    part = "UPDATE events_event SET part_of_id = {} WHERE public_id = '{}'"
    of = "(SELECT id FROM events_event WHERE public_id = '{}')"
    a, b = "celebrations-in-baku", "protests-in-armenia"
    one, other = connect(), connect()
    one.execute(part.format(of.format(b), a))
    later = Second(other, part.format(of.format(a), b))
    one.commit()
    later.thread.join(PATIENCE)
    assert isinstance(later.error, psycopg.errors.CheckViolation)
    assert later.error.diag.constraint_name == "events_event_no_cycle"


def test_writers_of_the_same_rows_wait_in_line(connect: Any) -> None:
    title = "UPDATE events_event SET status = status WHERE public_id = '{}'"
    one, other = connect(), connect()
    one.execute(title.format("celebrations-in-baku"))
    later = Second(other, title.format("protests-in-armenia"))
    # Where locks are taken in another order, this would be a deadlock.
    one.execute(title.format("protests-in-armenia"))
    one.commit()
    later.end()


def test_an_answer_sees_one_state_of_the_data(connect: Any) -> None:
    writer = connect()
    count = "SELECT count(*) FROM sources_publisher"
    with snapshot(), connection.cursor() as cursor:
        cursor.execute(count)
        before = cursor.fetchone()
        writer.execute("INSERT INTO sources_publisher (public_id, name) VALUES ('new', 'New')")
        writer.commit()
        cursor.execute(count)
        assert cursor.fetchone() == before


def test_a_file_is_of_one_state_of_the_data(
    connect: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK", 1)
    path, title = "/api/sources.ndjson?sort=-id", "UPDATE sources_document SET title = {} || title"
    before = b"".join(client.get(path).streaming_content)
    assert before.count(b"\n") > 2
    writer = connect()
    file = client.get(path)
    try:
        begun = next(file.streaming_content)
        writer.execute(title.format("'Changed: '"))
        writer.commit()
        assert begun + b"".join(file.streaming_content) == before
    finally:
        file.close()
    assert b"".join(client.get(path).streaming_content).count(b"Changed: ") > 2


def test_what_changes_during_a_check_of_bodies_is_no_mistake(
    connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "BATCH", 5)
    rename = "UPDATE actors_actor SET name = {}"
    writer, write, out = connect(), EventSerializer.to_representation, StringIO()

    def write_and_rename(*arguments: Any) -> Any:
        writer.execute(rename.format("'New: ' || name"))
        writer.commit()
        return write(*arguments)

    monkeypatch.setattr(EventSerializer, "to_representation", write_and_rename)
    call_command("check_bodies", stdout=out)
    assert "New: " in Event.objects.get(public_id="celebrations-in-baku").body.body
    assert "wrong bodies: 0;" in out.getvalue()
