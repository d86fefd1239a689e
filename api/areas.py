"""Areas on the map, and the condition that a row's `latitude` and `longitude` lie in one.

Degrees are those of WGS 84, north and east positive. A row without a point lies in no area.
"""

import math
from dataclasses import dataclass
from typing import Protocol, Self

from django.db.models import F, FloatField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cos, Power, Radians, Sin
from django.db.models.lookups import LessThanOrEqual

# Mean radius in kilometres (IUGG).
EARTH = 6371.0088
# In degrees: more than arithmetic loses, so that a box around a circle leaves none of it out.
MARGIN = 1e-6


class Area(Protocol):
    """A part of the map."""

    def contains(self) -> Q:
        """Return the condition that a row's point lies in it or on its edge."""
        ...

    def box(self) -> "Box":
        """Return the smallest box around it."""
        ...


@dataclass(frozen=True)
class Point:
    """A point on the map."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Box:
    """What lies between two meridians and two parallels; with `west` > `east`, across 180°."""

    west: float
    south: float
    east: float
    north: float

    def contains(self) -> Q:
        first, last = Q(longitude__gte=self.west), Q(longitude__lte=self.east)
        across = self.west > self.east
        between = first | last if across else first & last
        # 180° east and 180° west are one meridian.
        if not across and self.east == 180:
            between |= Q(longitude=-180)
        if not across and self.west == -180:
            between |= Q(longitude=180)
        return Q(latitude__gte=self.south, latitude__lte=self.north) & between

    def box(self) -> Self:
        return self

    def bands(self) -> list[float]:
        """Return the southern edges of the bands of a degree of latitude that it lies in."""
        return [float(n) for n in _numbers(self.south, self.north, 1)]

    def squares(self, size: int, most: int) -> list[tuple[int, int]]:
        """Return rows and columns of the squares that it lies in, of `size` degrees; none if they are over `most`.

        They are numbered from 90° south and 180° west.
        """
        spans = [(self.west, self.east)]
        if self.west > self.east:
            spans = [(self.west, 180.0), (-180.0, self.east)]
        # 180° east and 180° west are one meridian.
        if any(east == 180 for _, east in spans):
            spans.append((-180.0, -180.0))
        if any(west == -180 for west, _ in spans):
            spans.append((180.0, 180.0))
        rows = _numbers(self.south + 90, self.north + 90, size)
        columns = {n for west, east in spans for n in _numbers(west + 180, east + 180, size)}
        if len(rows) * len(columns) > most:
            return []
        return [(row, column) for row in rows for column in sorted(columns)]


def _numbers(first: float, last: float, size: int) -> range:
    return range(math.floor(first / size), math.floor(last / size) + 1)


@dataclass(frozen=True)
class Circle:
    """What is at most `radius` kilometres from `centre` along the surface of a round earth."""

    centre: Point
    radius: float

    def contains(self) -> Q:
        # The haversine of a distance grows with it, and needs no arc of a number just over 1.
        farthest = math.sin(self.radius / EARTH / 2) ** 2
        return self.box().contains() & Q(LessThanOrEqual(self._haversine(), farthest))

    def box(self) -> Box:
        """Return the smallest box around it; one that holds a pole goes round the earth."""
        angle = self.radius / EARTH
        height = math.degrees(angle) + MARGIN
        south, north = self.centre.latitude - height, self.centre.latitude + height
        if south <= -90 or north >= 90:
            return Box(-180, max(south, -90), 180, min(north, 90))
        parallel = math.cos(math.radians(self.centre.latitude))
        width = math.degrees(math.asin(min(1, math.sin(angle) / parallel))) + MARGIN
        west, east = self.centre.longitude - width, self.centre.longitude + width
        return Box(west + 360 * (west < -180), south, east - 360 * (east > 180), north)

    def _haversine(self) -> Combinable:
        latitude, longitude = (
            Value(degrees, output_field=FloatField())
            for degrees in (self.centre.latitude, self.centre.longitude)
        )
        north = Power(Sin(Radians(F("latitude") - latitude) / 2.0), 2)
        east = Power(Sin(Radians(F("longitude") - longitude) / 2.0), 2)
        return north + Cos(Radians(F("latitude"))) * Cos(Radians(latitude)) * east
