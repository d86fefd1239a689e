"""Boxes and circles on the map, against arithmetic of our own."""

import math
import random

import pytest

from api.areas import EARTH, Box, Circle, Point
from places.models import Place


def distance(one: Point, other: Point) -> float:
    """Return the distance in kilometres by the angle between two vectors."""

    def vector(point: Point) -> tuple[float, float, float]:
        latitude, longitude = math.radians(point.latitude), math.radians(point.longitude)
        flat = math.cos(latitude)
        return flat * math.cos(longitude), flat * math.sin(longitude), math.sin(latitude)

    a, b = vector(one), vector(other)
    across = math.dist(a, b)
    return EARTH * 2 * math.asin(min(1, across / 2))


@pytest.fixture
def points(db: None) -> dict[str, Point]:
    """Return points all over the earth, with its poles and the meridian of 180°, under their ids."""
    draw = random.Random(20201120)  # noqa: S311 (points, not secrets)
    made = [Point(draw.uniform(-90, 90), draw.uniform(-180, 180)) for _ in range(300)]
    made += [Point(90, 0), Point(-90, 17), Point(0, 180), Point(0, -180), Point(0, 0)]
    named = {f"spot-{number}": point for number, point in enumerate(made)}
    Place.objects.bulk_create(
        Place(public_id=id_, name=id_, kind="site", latitude=p.latitude, longitude=p.longitude)
        for id_, p in named.items()
    )
    return named


def within(area: Box | Circle) -> set[str]:
    rows = Place.objects.filter(area.contains(), public_id__startswith="spot-")
    return set(rows.values_list("public_id", flat=True))


@pytest.mark.parametrize(
    "centre",
    [Point(40, 47), Point(0, 180), Point(0, -179.9), Point(89, 20), Point(-90, 0), Point(60, 175)],
    ids=str,
)
@pytest.mark.parametrize("radius", [0.001, 50, 1500, 6000, 10_007, 19_000, 20_000])
def test_a_circle_holds_what_is_near(
    points: dict[str, Point], centre: Point, radius: float
) -> None:
    near = {id_ for id_, point in points.items() if distance(centre, point) <= radius}
    assert within(Circle(centre, radius)) == near


@pytest.mark.parametrize(
    "box",
    [Box(40, 30, 60, 50), Box(170, -60, -170, 60), Box(-180, -90, 180, 90), Box(1, 0, -1, 90)],
    ids=str,
)
def test_a_box_holds_what_lies_between_its_edges(points: dict[str, Point], box: Box) -> None:
    def holds(point: Point) -> bool:
        east = (point.longitude - box.west) % 360
        width = (box.east - box.west) % 360 or 360
        return box.south <= point.latitude <= box.north and east <= width

    assert within(box) == {id_ for id_, point in points.items() if holds(point)}


def test_the_meridian_of_180_is_one(points: dict[str, Point]) -> None:
    both = {id_ for id_, point in points.items() if abs(point.longitude) == 180}
    assert within(Box(180, -1, -180, 1)) == both
    assert both <= within(Box(170, -1, 180, 1))
    assert both <= within(Box(-180, -1, -170, 1))
