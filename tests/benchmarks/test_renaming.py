"""The measurement of renaming: what it renames is shown most, and all that shows it is written anew."""

import pytest
from django.core.management import CommandError
from django.db import connection

from benchmarks.renaming import Measured, fill, measure, table
from events.models import Event, EventBody, Participation

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def world() -> None:
    fill(60)
    # Imports are transactions of their own, except here, where all is one: triggers stayed off.
    connection.cursor().execute("RESET dateline.bulk_load")


@pytest.mark.usefixtures("world")
def test_what_most_events_show_is_renamed_in_all_of_them() -> None:
    measured = measure(60, rounds=2)
    for subject, bodies in measured.bodies.items():
        assert EventBody.objects.filter(body__contains=f'"Renamed {subject} 1"').count() == bodies
        assert len(measured.seconds[subject]) == 2
    shares = Participation.objects.values_list("actor", "event").distinct()
    actors = [actor for actor, _ in shares]
    assert measured.bodies["actor"] == max(map(actors.count, actors))
    countries = list(Event.objects.values_list("place__country", flat=True))
    assert measured.bodies["country"] >= max(map(countries.count, filter(None, countries)))


@pytest.mark.usefixtures("world")
def test_a_body_that_did_not_follow_ends_it() -> None:
    connection.cursor().execute("UPDATE events_eventbody SET body = '{}'")
    with pytest.raises(CommandError, match="check_bodies --repair"):
        measure(60, rounds=1)


def test_the_table_says_what_was_measured() -> None:
    measured = Measured(5_000, {"actor": 1_000}, {"actor": [9.0, 0.5, 0.25]})
    assert "5,000 events." in table(measured)
    assert "| actor | 1,000 | 0.50 | 2,000 |" in table(measured)
