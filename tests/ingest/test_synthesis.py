"""Made-up worlds: the same each time, and shaped like the news."""

from collections import Counter
from itertools import pairwise
from math import ceil
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events.models import Event, EventType, Participation
from ingest.dates import read_edtf
from ingest.invention import COUNTRIES, YEARS, World
from ingest.synthesis import TYPES, checksum, synthesize
from sources.models import Dataset, Edit, Release

pytestmark = pytest.mark.slow

COUNT = 3_000
ROWS = list(synthesize(COUNT, seed=1))
EVENTS: list[Any] = [row.record for row in ROWS]
WORLD = World(seed=1)


def _share(values: list[Any], most: int) -> float:
    """Return which share of the values its most frequent ones are."""
    return sum(count for _, count in Counter(values).most_common(most)) / len(values)


# ---- The same each time ----


def test_a_seed_makes_the_same_records_each_time() -> None:
    assert list(synthesize(COUNT, seed=1)) == ROWS
    assert checksum(COUNT, 1) == checksum(COUNT, 1)


def test_a_small_world_is_the_beginning_of_a_large_one() -> None:
    assert list(synthesize(50, seed=1)) == ROWS[:50]


def test_another_seed_makes_another_world() -> None:
    other = list(synthesize(50, seed=2))
    assert all(one.record.title != two.record.title for one, two in zip(other, ROWS, strict=False))
    assert checksum(COUNT, 1) != checksum(COUNT, 2)


def test_a_place_and_an_actor_are_the_same_object_each_time() -> None:
    seen: dict[Any, Any] = {}
    for row in ROWS:
        for need in row.needs:
            assert seen.setdefault((type(need), need.id), need) is need


# ---- The world ----


def test_the_world_has_four_levels_of_places() -> None:
    chains = [chain for country in WORLD.countries for chain in country.settlements.items]
    kinds = ("country", "province", "district", "settlement")
    assert {tuple(place.kind for place in chain) for chain in chains} == {kinds}
    assert all(inner.within == outer.id for chain in chains for outer, inner in pairwise(chain))
    assert len({chain[0].id for chain in chains}) == COUNTRIES
    assert len({place.id for chain in chains for place in chain}) > 5_000


def test_places_lie_where_their_country_does() -> None:
    """Countries do not overlap, so no settlement is nearer to the middle of another country's."""
    boxes = []
    for country in WORLD.countries:
        points = [chain[-1] for chain in country.settlements.items]
        south, north = min(p.latitude for p in points), max(p.latitude for p in points)
        west, east = min(p.longitude for p in points), max(p.longitude for p in points)
        assert -90 < south <= north < 90
        assert -180 < west <= east < 180
        boxes.append((south, west, north, east))
    for number, (south, west, north, east) in enumerate(boxes):
        for s, w, n, e in boxes[:number]:
            assert north < s or n < south or east < w or e < west


def test_countries_and_actors_are_active_for_some_years_only() -> None:
    windows = {
        acting.actor.id: acting.years
        for acting in (
            *WORLD.organisations,
            *(acting for country in WORLD.countries for acting in country.actors),
        )
    }
    countries = {country.place.id: country.years for country in WORLD.countries}
    assert any(len(years) < len(YEARS) for years in windows.values())
    assert any(len(years) < len(YEARS) for years in countries.values())
    for row, event in zip(ROWS, EVENTS, strict=True):
        year = int(event.date.strip("[")[:4])
        assert all(year in windows[one.actor] for one in event.participants)
        assert year in countries[row.needs[0].id]


# ---- Events ----


def test_a_few_account_for_most() -> None:
    assert 0.05 < _share([event.place for event in EVENTS], 1) < 0.5
    assert _share([row.needs[0].id for row in ROWS], 12) > 0.4
    assert _share([event.type for event in EVENTS], ceil(len(TYPES) / 5)) > 0.5
    actors = [one.actor for event in EVENTS for one in event.participants]
    assert _share(actors, ceil(len(set(actors)) / 5)) > 0.6
    words = [word for event in EVENTS if event.summary for word in event.summary.lower().split()]
    assert _share(words, ceil(len(set(words)) / 5)) > 0.6
    assert len(set(words)) > 2_000


def test_there_is_more_of_it_every_year() -> None:
    years = Counter(int(event.date.strip("[")[:4]) for event in EVENTS)
    half = len(YEARS) // 2
    assert set(years) == set(YEARS)
    assert sum(years[year] for year in YEARS[-half:]) > 1.5 * sum(
        years[year] for year in YEARS[:half]
    )


def test_dates_are_known_more_or_less_closely() -> None:
    precisions = Counter(read_edtf(event.date).date_precision for event in EVENTS)
    assert set(precisions) == {"day", "days", "week", "month", "year"}
    assert precisions["day"] > 0.8 * COUNT
    assert any("/" in event.date for event in EVENTS)


def test_an_event_of_the_last_day_of_a_year_has_that_day() -> None:
    dates = [row.record.date for row in synthesize(1_000, seed=8)]  # type: ignore[union-attr]
    ends = [date.strip("[]").replace("..", "/").split("/") for date in dates if date]
    assert "2014-12-31" in dates
    assert all(len(set(days)) == len(days) for days in ends)


def test_figures_are_in_order_and_often_not_known() -> None:
    known = [event.deaths for event in EVENTS if event.deaths.low is not None]
    assert all(deaths.low <= deaths.best <= deaths.high for deaths in known)
    assert all((deaths.civilians or 0) <= deaths.best for deaths in known)
    assert 0.05 * COUNT < len(known) < 0.5 * COUNT
    assert any(e.deaths.best is not None and e.deaths.low is None for e in EVENTS)


def test_an_actor_takes_part_once() -> None:
    for event in EVENTS:
        actors = [one.actor for one in event.participants]
        assert 1 <= len(actors) == len(set(actors)) <= 3


def test_all_that_a_row_refers_to_comes_with_it() -> None:
    for row, event in zip(ROWS, EVENTS, strict=True):
        needs: dict[str, Any] = {need.id: need for need in row.needs}
        wanted = {event.place, *(one.actor for one in event.participants)}
        wanted |= {getattr(need, "country", None) for need in needs.values()}
        wanted |= {getattr(need, "within", None) for need in needs.values()}
        assert wanted - {None} <= set(needs)


# ---- The command ----


@pytest.mark.django_db
def test_types_are_those_of_the_vocabulary() -> None:
    assert set(TYPES) <= set(EventType.objects.values_list("code", flat=True))
    assert len(TYPES) == len(set(TYPES))


@pytest.mark.django_db
def test_the_trail_of_an_import_is_its_release() -> None:
    last = Edit.objects.count()
    call_command("synthesize", "40")
    assert Edit.objects.count() == last


@pytest.mark.django_db
def test_events_are_served_after_the_command(client: Any) -> None:
    call_command("synthesize", "40")
    release = Release.objects.get(dataset__public_id="synthetic")
    assert (release.version, release.read, release.rejected, release.new) == ("40-1", 40, 0, 40)
    assert release.checksum == checksum(40, 1)
    events = Event.objects.filter(dataset__public_id="synthetic")
    served = {client.get(f"/api/events/{event.public_id}").json()["title"] for event in events}
    assert served == {event.title for event in EVENTS[:40]}
    assert Participation.objects.filter(event__in=events).count() == sum(
        len(event.participants) for event in EVENTS[:40]
    )
    top = ROWS[0].needs[0].id
    page = client.get("/api/events", {"place": top, "page_size": 100}).json()
    inside = {row.record.title for row in ROWS[:40] if row.needs[0].id == top}
    assert {event["title"] for event in page["results"]} == inside


@pytest.mark.django_db
def test_a_smaller_world_takes_the_place_of_a_larger_one() -> None:
    call_command("synthesize", "40")
    call_command("synthesize", "5")
    assert Event.objects.filter(dataset__public_id="synthetic").count() == 5
    dataset = Dataset.objects.get(public_id="synthetic")
    assert dataset.redistributable
    assert dataset.licence == "CC0-1.0"


@pytest.mark.django_db
def test_no_real_dataset_can_be_written_over() -> None:
    with pytest.raises(CommandError):
        call_command("synthesize", "5", "--dataset", "ucdp-ged")
    with pytest.raises(CommandError):
        call_command("synthesize", "0")
