"""Filters of /api/events by area. Aghdam lies at 39.99, 46.93; Baku at 40.38, 49.89."""

from typing import Any

import pytest

from events.models import Event
from places.models import Place

BAKU = "celebrations-in-baku"
# In Baku are the celebrations and the riots; the riots have no date.
RIOTS = "anti-armenian-riots-in-baku"


@pytest.fixture
def moved(db: None) -> Any:
    """Return a function that gives the celebrations in Baku coordinates of their own."""

    def moved(latitude: float, longitude: float) -> None:
        Event.objects.filter(public_id=BAKU).update(latitude=latitude, longitude=longitude)

    return moved


def test_a_box_holds_events_by_their_place(found: Any) -> None:
    assert set(found(bbox="49,40,50,41")) == {BAKU, RIOTS}
    assert set(found(bbox="46.9,39.9,47,40")) == set(found(place="Aghdam"))
    assert found(bbox="0,0,1,1") == []
    # Edges are inside.
    baku = Place.objects.get(public_id="baku")
    assert BAKU in found(bbox=f"{baku.longitude},{baku.latitude},{baku.longitude},{baku.latitude}")


@pytest.mark.parametrize("query", [{}, {"actor": "crowds-in-baku"}], ids=["all", "actor"])
def test_coordinates_of_the_event_go_before_those_of_its_place(
    found: Any, moved: Any, query: dict[str, str]
) -> None:
    moved(10, 20)
    for area in ({"bbox": "19,9,21,11"}, {"near": "10,20", "radius_km": "1"}):
        assert found(**area, **query) == [BAKU]
    for area in ({"bbox": "49,40,50,41"}, {"near": "40.38,49.89", "radius_km": "50"}):
        assert BAKU not in found(**area, **query)


def test_a_box_may_cross_the_antimeridian(found: Any, moved: Any) -> None:
    for longitude in (179.5, -179.5, 180, -180):
        moved(-18, longitude)
        assert found(bbox="179,-19,-179,-17") == [BAKU]
    moved(-18, 178)
    assert found(bbox="179,-19,-179,-17") == []


def test_a_circle_holds_what_is_near(found: Any, moved: Any) -> None:
    # A degree of latitude has 111.2 km.
    moved(1, 0)
    assert found(near="0,0", radius_km="111.1") == []
    assert found(near="0,0", radius_km="111.2") == [BAKU]
    moved(0, -179.9)
    assert found(near="0,179.9", radius_km="23") == [BAKU]
    moved(89.9, -90)
    assert found(near="89.9,90", radius_km="23") == [BAKU]


def test_a_circle_has_no_corners(found: Any, moved: Any) -> None:
    # 141 km away, and inside of the box around a circle of 111 km.
    moved(0.9, 0.9)
    assert found(bbox="-1,-1,1,1") == [BAKU]
    assert found(near="0,0", radius_km="111") == []
    assert found(near="0,0", radius_km="142") == [BAKU]


def test_a_great_part_of_the_earth_can_be_asked_for(found: Any, get: Any) -> None:
    placed = {
        event["id"]
        for event in get("/api/events", page_size=1000)["results"]
        if event["place"] and event["place"]["latitude"] is not None
    }
    assert set(found(bbox="-180,-90,180,90")) == placed
    assert set(found(near="0,0", radius_km="20000")) == placed
    many = [Place(public_id=f"s-{n}", name="s", kind="site", latitude=5, longitude=5)
            for n in range(1001)]  # fmt: skip
    Place.objects.bulk_create(many)
    assert set(found(bbox="-180,-90,180,90")) == placed


@pytest.mark.parametrize(
    ("bbox", "suggestion"),
    [
        ("-180,-90,180", None),
        ("nan,nan,nan,nan", None),
        ("1,2,3,4,5,6", None),
        ("1,2,3,x", None),
        ("1,2,,4", None),
        ("1;2;3;4", None),
        ("1e1,2,3,4", None),
        ("٤٤,38,50,41", None),
        ("181,0,182,1", None),
        ("40,181,41,182", None),
        ("44,42,50,38", "44,38,50,42"),
        # South, west, north, east.
        ("38.8,144.7,41.9,150.4", "144.7,38.8,150.4,41.9"),
        ("0,95,10,98", "95,0,98,10"),
        ("0,0,0,91", "0,0,91,0"),
    ],
)
def test_a_box_that_is_none_is_refused(refused: Any, bbox: str, suggestion: str | None) -> None:
    error = refused(bbox=bbox)
    assert (error["parameter"], error["code"]) == ("bbox", "not_a_box")
    assert "west,south,east,north" in error["detail"]
    assert error["suggestion"] == suggestion


@pytest.mark.parametrize(
    ("near", "suggestion"),
    [
        ("40", None),
        ("40,50,60", None),
        ("146.93,39.99", "39.99,146.93"),
        ("91,0", "0,91"),
        ("0,181", None),
        ("nan,0", None),
        ("40°N,50°E", None),
    ],
)
def test_a_point_that_is_none_is_refused(refused: Any, near: str, suggestion: str | None) -> None:
    error = refused(near=near, radius_km="10")
    assert (error["parameter"], error["code"]) == ("near", "not_a_point")
    assert error["suggestion"] == suggestion


@pytest.mark.parametrize(
    "value", ["0", "-1", "20000.1", "99999999", "1e3", "inf", "nan", "0.0", "١٠"]
)
def test_a_distance_that_is_none_is_refused(refused: Any, value: str) -> None:
    error = refused(near="40,47", radius_km=value)
    assert (error["parameter"], error["code"]) == ("radius_km", "out_of_range")


@pytest.mark.parametrize("query", [{"near": "40,47"}, {"radius_km": "5"}], ids=str)
def test_a_circle_has_a_centre_and_a_radius(refused: Any, query: dict[str, str]) -> None:
    error = refused(**query)
    assert (error["parameter"], error["code"]) == (*query, "needs_another")


def test_an_area_is_one_query_more(get: Any, django_assert_num_queries: Any) -> None:
    for query in ({"bbox": "46,39,47,41"}, {"near": "40,47", "radius_km": "50"}):
        # The state, what is withheld, the places in the area, the page.
        with django_assert_num_queries(4):
            get("/api/events", **query)


@pytest.mark.parametrize(
    "area", [{"bbox": "19,9,21,11"}, {"near": "10,20", "radius_km": "1"}], ids=list
)
def test_events_are_gathered_in_an_area_without_places(
    get: Any, moved: Any, area: dict[str, str], monkeypatch: Any
) -> None:
    monkeypatch.setattr("api.keys.walk", lambda *_: None)
    moved(10, 20)
    for size in (1, 50):
        for order in ("-date", "title"):
            answer = get("/api/events", **area, page_size=size, sort=order)
            assert (answer["count"], answer["results"][0]["id"]) == (1, BAKU)
