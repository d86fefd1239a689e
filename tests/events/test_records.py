"""What an imported event tells beyond the article's: where its source puts it, whose dead they were."""

from typing import Any

import pytest

from events.models import Event, Participation

BAKU = "celebrations-in-baku"


@pytest.fixture
def tell(get: Any) -> Any:
    """Return a function that changes an event and returns what is then served of it."""

    def tell(**columns: Any) -> Any:
        Event.objects.filter(public_id=BAKU).update(**columns)
        return get(f"/api/events/{BAKU}")

    return tell


def test_what_is_not_known_is_null(get: Any) -> None:
    event = get(f"/api/events/{BAKU}")
    assert event["coordinates"] == {"latitude": None, "longitude": None}
    assert event["place_name_in_source"] is None
    assert (event["deaths"]["civilians"], event["deaths"]["unknown"]) == (None, None)
    assert {one["deaths"] for one in event["participants"]} == {None}


def test_the_event_has_coordinates_of_its_own(tell: Any) -> None:
    place = tell()["place"]
    event = tell(latitude=40.0, longitude=-0.5, place_name_in_source="the waterfront")
    assert event["coordinates"] == {"latitude": 40.0, "longitude": -0.5}
    assert event["place_name_in_source"] == "the waterfront"
    assert event["place"] == place


def test_deaths_are_told_by_group_and_by_side(tell: Any) -> None:
    first = Participation.objects.filter(event__public_id=BAKU).order_by("position").first()
    assert first
    first.deaths = 0
    first.save()
    event = tell(deaths_low=1, deaths_best=4, deaths_high=9, deaths_civilians=3, deaths_unknown=0)
    assert event["deaths"] == {
        "low": 1,
        "best": 4,
        "high": 9,
        "civilians": 3,
        "unknown": 0,
        "note": None,
    }
    assert [one["deaths"] for one in event["participants"]] == [
        0, *[None] * (len(event["participants"]) - 1),
    ]  # fmt: skip


def test_how_an_import_knows_an_event_is_nobody_s_concern(tell: Any) -> None:
    before = tell()
    after = tell(digest="00000000-0000-0000-0000-000000000001")
    assert after == before
    assert "digest" not in after
