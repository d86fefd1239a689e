"""Where UCDP's georeferenced events took place: its names and precision codes as places of ours."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.countries import country_place
from ingest.ids import slug
from ingest.records import Name, Place

# The word that UCDP ends a name with to say what it names. "City" with a capital is part of the
# name (Mexico City).
SETTLEMENTS = {"city", "town", "Town", "village", "Village", "suburb", "hamlet", "locality"}
AREAS = {
    *("canton", "commune", "county", "department", "disctrict", "district", "division", "emirate"),
    *("governorate", "municipality", "oblast", "prefecture", "province", "raion", "region"),
    *("state", "sub-district", "subdistrict", "territory", "woreda", "zone"),
}

# What `where_prec` says (UCDP GED codebook, appendix 3); at 3 and 4 the area has to be known too.
EXACT, NEAR, DISTRICT, PROVINCE, AREA, COUNTRY, INTERNATIONAL = range(1, 8)
PRECISIONS = {
    EXACT: "exact",
    NEAR: "near",
    AREA: "area",
    COUNTRY: "country",
    INTERNATIONAL: "international",
}


@dataclass(frozen=True, slots=True)
class Location:
    """What a row says of where: the names as written, and the code of their precision.

    `country_id` is the number of Gleditsch and Ward. The coordinates are the row's, and those of the
    named spot if there is one.
    """

    country: str | None
    adm_1: str | None = None
    adm_2: str | None = None
    where: str | None = None
    country_id: str | None = None
    precision: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The finest place that is known, the places it lies in, and words for it in a title."""

    place: str | None
    precision: str | None
    words: str
    needs: tuple[Place, ...]


def whereabouts(location: Location) -> Whereabouts:
    """Return the places that `location` names, within each other."""
    if location.country is None:
        return Whereabouts(None, None, location.where or "", ())
    path = list(_path(location.country, location))
    precision = PRECISIONS.get(location.precision or 0)
    if precision is None or (location.precision in (EXACT, NEAR) and location.where is None):
        # It may be anywhere in the finest place that has a name.
        precision = path[-1].kind if len(path) > 1 else "country"
    return Whereabouts(path[-1].id, precision, _words(location), tuple(path))


@lru_cache(maxsize=1_000)
def country(name: str, number: str | None = None) -> Place:
    """Return the country of that name, or of that number of Gleditsch and Ward.

    One that nobody knows is proposed under the name that UCDP gives it.
    """
    known = country_place(name) or (country_place(number, "gwno") if number else None)
    return known or Place(slug("ucdp-country", name), name, "country", cites=[])


def _path(name: str, location: Location) -> Iterator[Place]:
    nation = country(name, location.country_id)
    yield nation
    code, adm_1, adm_2 = location.precision, location.adm_1, location.adm_2
    if code in (COUNTRY, INTERNATIONAL):
        return
    # An area that has no column of its own stands where the place is named.
    adm_1 = adm_1 or (location.where if code == PROVINCE else None)
    adm_2 = None if code == PROVINCE else adm_2 or (location.where if code == DISTRICT else None)
    within, where = nation.id, location.where
    for area, kind in ((adm_1, "province"), (adm_2, "district")):
        if area:
            place = _place(area, kind, within, (name, nation.name))
            within = place.id
            yield place
    if code in (EXACT, NEAR) and where and where not in (adm_1, adm_2):
        point = (location.latitude, location.longitude)
        yield _place(where, _kind(where), within, (name, nation.name), point)


@lru_cache(maxsize=20_000)
def _place(
    name: str,
    kind: str,
    within: str,
    countries: tuple[str, ...],
    point: tuple[float | None, float | None] = (None, None),
) -> Place:
    """Return the place of that name in another.

    Spellings that differ in case or accents are one place, and so are points that differ by an
    error of typing: they share an id, and the loader takes the same one of them in any order.
    """
    mark = hashlib.sha256("\n".join((slug(name), kind, within)).encode()).hexdigest()[:8]
    return Place(
        id=f"{slug('ucdp', name)[:90].rstrip('-')}-{mark}",
        name=name,
        kind=kind,
        cites=[],
        within=within,
        latitude=point[0],
        longitude=point[1],
        names=[Name(other) for other in _other_names(name) if other not in countries],
    )


def _other_names(name: str) -> list[str]:
    """Return the name without the words that say what it is, and each of two names with a slash."""
    names = []
    rest, _, word = name.rpartition(" ")
    while rest and (word in SETTLEMENTS or word.casefold() in AREAS):
        names.append(rest)
        name = rest
        rest, _, word = name.rpartition(" ")
    if "/" in name:
        names += [part.strip() for part in name.split("/") if part.strip()]
    return list(dict.fromkeys(names))


def _kind(name: str) -> str:
    """Return what sort of place a named spot is; one that is no settlement or area is a site."""
    word = name.rpartition(" ")[2]
    if word in SETTLEMENTS:
        return "settlement"
    return "district" if word.casefold() in AREAS else "site"


def _words(location: Location) -> str:
    """Return where, in words for a title: the finest name, how near, and the country."""
    nation, code = location.country or "", location.precision
    where = None if code == COUNTRY else location.where or location.adm_2 or location.adm_1
    if where is None or where == nation:
        return nation
    if code == INTERNATIONAL:
        return where
    return f"near {where}, {nation}" if code == NEAR else f"{where}, {nation}"
