"""What tests of events share."""

from typing import Any

import pytest

from actors.models import Actor
from events.models import Event, EventType, Participation
from places.models import Place
from sources.models import Dataset, Release
from tests.contract.withheld import TERMS


@pytest.fixture
def found(get: Any) -> Any:
    """Return a function that gives the ids that a query finds."""

    def found(**query: Any) -> list[str]:
        return [event["id"] for event in get("/api/events", page_size=1000, **query)["results"]]

    return found


@pytest.fixture
def refused(get: Any) -> Any:
    """Return a function that gives the one error of a query."""

    def refused(**query: Any) -> Any:
        (error,) = get("/api/events", 400, **query)["errors"]
        return error

    return refused


# Dates, place, figures of deaths (low, best, high), actors with their roles.
MORE: list[tuple[Any, ...]] = [
    ("2019-12-31", "2020-01-01", "aghdam", (1, 2, 3), ["armenia:initiator", "armenia:target"]),
    ("2020-01-01", "2020-01-31", "aghdam", (0, 0, 0), ["azerbaijan:initiator"]),
    ("2020-01-31", "2020-02-01", "baku", (None, 5, None), []),
    ("2020-02-29", None, "open-sea", (4, None, 9), ["armenia:initiator", "azerbaijan:target"]),
    (None, "2020-02-29", "old-union", (None, None, 7), ["armenia:observer"]),
    ("0033-04-03", "0033-04-03", None, (1, 1, 1), []),
]


@pytest.fixture
def more(db: None) -> None:
    """Add events whose figures and times are awkward to sum up, from a second dataset."""
    dataset = Dataset.objects.create(public_id="more", name="More", redistributable=True, **TERMS)
    release = Release.objects.create(dataset=dataset, version="1", checksum="0" * 64)
    Place.objects.create(public_id="open-sea", name="Open sea", kind="site")
    Place.objects.create(public_id="old-union", name="Old union", kind="territory")
    for number, (start, end, place, (low, best, high), actors) in enumerate(MORE):
        event = Event.objects.create(
            public_id=f"more-{number}",
            key=str(number),
            title=f"=Troops {number}",
            type=EventType.objects.get(code="ASSAULT/firearms"),
            status="ongoing" if end is None else "occurred",
            certainty="confirmed",
            place=place and Place.objects.get(public_id=place),
            place_precision=place and "exact",
            deaths_low=low,
            deaths_best=best,
            deaths_high=high,
            displaced_best=best and 100 * best,
            start_date=start,
            end_date=end,
            date_precision="days",
            edtf="?",
            dataset=dataset,
            release=release,
        )
        for position, (actor, _, role) in enumerate(text.partition(":") for text in actors):
            who = Actor.objects.get(public_id=actor)
            Participation.objects.create(event=event, actor=who, role=role, position=position)
