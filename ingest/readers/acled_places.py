"""Where ACLED's events took place: country, two levels of divisions and the named location."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.countries import country_place
from ingest.ids import slug
from ingest.records import Place

EXACT, NEAR, AREA = "1", "2", "3"
PRECISIONS = {EXACT: "exact", NEAR: "near", AREA: "area"}


@dataclass(frozen=True, slots=True)
class Location:
    """What a row says of where; the coordinates are those of the named location."""

    country: str
    iso: str
    iso3: str
    admin1: str
    admin2: str
    location: str
    precision: str
    latitude: float | None
    longitude: float | None


def places(location: Location) -> tuple[list[Place], str]:
    """Return the places of a row, each within the one before, and how exactly the last is meant.

    What took place in a larger region is located at a spot that stands for it (codebook, spatial
    precision codes): then the widest division is as far as it is known.
    """
    path = list(_path(location))
    if len(path) == 1 or not location.location:
        return path, path[-1].kind if len(path) > 1 else "country"
    return path, PRECISIONS[location.precision]


def _path(location: Location) -> Iterator[Place]:
    nation = country(location.country, location.iso, location.iso3)
    yield nation
    within = nation.id
    names = [(location.admin1, "province"), (location.admin2, "district")]
    for name, kind in names[: 1 if location.precision == AREA else 2]:
        if name:
            place = _place(name, kind, within, None, None)
            within = place.id
            yield place
    if location.location and location.precision != AREA:
        point = (location.latitude, location.longitude)
        yield _place(location.location, "settlement", within, *point)


@lru_cache(maxsize=1_000)
def country(name: str, iso: str, iso3: str) -> Place:
    """Return the country by its ISO code or name; one that nobody knows under its name."""
    known = (
        (country_place(iso, "iso-numeric") if iso else None)
        or (country_place(iso3, "iso3") if iso3 else None)
        or country_place(name)
    )
    return known or Place(slug("acled-country", name), name, "country", cites=[])


@lru_cache(maxsize=200_000)
def _place(
    name: str, kind: str, within: str, latitude: float | None, longitude: float | None
) -> Place:
    """Return the place; two that differ in anything, a point or an accent, differ in their ids.

    That way no row decides what a place is called that another row writes in another way.
    """
    whole = "\n".join((name, kind, within, str(latitude), str(longitude)))
    mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return Place(
        id=f"{slug('acled', name)[:90].rstrip('-')}-{mark}",
        name=name,
        kind=kind,
        cites=[],
        within=within,
        latitude=latitude,
        longitude=longitude,
    )
