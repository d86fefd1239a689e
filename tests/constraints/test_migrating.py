"""Function and triggers of stored bodies: taken away for migrations, and put back as they should be."""

from typing import Any

import pytest
from django.db import connection

from events.apps import install_bodies, remove_bodies
from events.bodies import EVENT_BODIES
from events.models import Event, EventBody

pytestmark = pytest.mark.django_db


def triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname ^@ 'refresh_events_eventbody'")
        return {name for (name,) in cursor.fetchall()}


class Migration:
    def __init__(self, app_label: str) -> None:
        self.app_label = app_label


def test_migrations_of_records_find_no_triggers_and_bodies_are_written_after() -> None:
    before = triggers()
    remove_bodies("default", [(Migration("places"), False)])
    assert triggers() == set()
    Event.objects.filter(public_id="celebrations-in-baku").update(title="Other")
    install_bodies("default")
    assert triggers() == before
    body = EventBody.objects.get(event__public_id="celebrations-in-baku").body
    assert '"title":"Other"' in body


def test_where_a_table_is_gone_none_are_put_back() -> None:
    """As it is after a way back to the release before, which puts its own there."""
    remove_bodies("default", [(Migration("events"), False)])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE events_eventterms")
    install_bodies("default")
    assert triggers() == set()


def test_other_migrations_leave_them_alone() -> None:
    before = triggers()
    for plan in ([], [(Migration("auth"), False)]):
        remove_bodies("default", plan)
        assert triggers() == before


def test_what_is_installed_stays_until_the_serializer_changes(monkeypatch: Any) -> None:
    assert not EVENT_BODIES.install(connection)
    before = triggers()
    changed = EVENT_BODIES.sql(connection) + "\n-- another"
    monkeypatch.setattr(type(EVENT_BODIES), "sql", lambda *_: changed)
    assert EVENT_BODIES.install(connection)
    assert triggers() == before
