"""Where GDELT puts an event: a block of columns that names a place, as places of ours."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.countries import country_place
from ingest.ids import slug
from ingest.records import Code, Place

# What `ActionGeo_Type` says the place is (GDELT codebook).
COUNTRY, US_STATE, US_CITY, WORLD_CITY, WORLD_STATE = "12345"
# The names of countries that GDELT writes with a comma end in one of these.
AFTER_COMMA = {
    "The",
    "Republic Of",
    "Republic of",
    "Democratic Republic of the",
    "Federated States Of",
}
WHOLE_COUNTRY = 2
UNKNOWN_PROVINCE = "00"
FEATURE = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Location:
    """A block of columns: its type, the place's full name, FIPS codes, feature id, and point.

    The point is that of the named place, so that of a country is somewhere in its middle.
    """

    type: str
    full_name: str
    country: str
    province: str
    feature: str
    point: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The finest place that is known, and the places it lies in, the widest first."""

    place: str | None
    precision: str | None
    needs: tuple[Place, ...]


NOWHERE = Whereabouts(None, None, ())


@lru_cache(maxsize=50_000)
def whereabouts(location: Location) -> Whereabouts:
    """Return the places that a block of columns names, within each other.

    It is nowhere when the code is no country's: `OS` stands for the oceans.
    """
    country = country_place(location.country, "fips") if location.country else None
    if country is None:
        return NOWHERE
    if location.type == COUNTRY:
        return Whereabouts(country.id, "country", (country,))
    first, middle = _names(location.full_name)
    named = first if location.type == US_STATE else middle
    path = [country]
    if province := _province(location.province, named, country.id):
        path.append(province)
    if location.type in (US_CITY, WORLD_CITY) and first:
        spot = _spot(location, first, path[-1].id)
        return Whereabouts(
            spot.id, "district" if spot.kind == "district" else "exact", (*path, spot)
        )
    return Whereabouts(path[-1].id, "province" if province else "country", tuple(path))


def _names(full_name: str) -> tuple[str, str]:
    """Return the first name in a full name, and the one between it and the country's."""
    parts = full_name.split(", ")
    if len(parts) > WHOLE_COUNTRY and parts[-1] in AFTER_COMMA:
        parts.pop()
    middle = ", ".join(parts[1:-1]).strip()
    # What GDELT did not know stands as "(PL67)" or "New Zealand (general)".
    if middle.startswith("(") or middle.endswith("(general)"):
        middle = ""
    return parts[0].strip(), middle


@lru_cache(maxsize=10_000)
def _province(code: str, name: str, within: str) -> Place | None:
    # The point is left out: the rows of places in the province do not give it.
    if len(code) <= WHOLE_COUNTRY or code.endswith(UNKNOWN_PROVINCE) or not name:
        return None
    return Place(
        id=slug("gdelt", code),
        name=name,
        kind="province",
        cites=[],
        within=within,
        codes=[Code("fips-adm1", code)],
    )


def _spot(location: Location, name: str, within: str) -> Place:
    """Return the city or landmark; GDELT tells neither, but names counties as such.

    It is known by its number, for rows spell it in many ways (Mumbai and Bombay are one feature): of
    its names the loader takes all, in whatever order they come.
    """
    in_us = location.type == US_CITY
    latitude, longitude = location.point
    code = _code(location)
    return Place(
        id=_id(code) if code else slug("gdelt", name, location.country, location.province),
        name=name,
        kind="district" if in_us and name.endswith(" County") else "settlement",
        cites=[],
        within=within,
        latitude=latitude,
        longitude=longitude,
        codes=[code] if code else [],
    )


def _code(location: Location) -> Code | None:
    """Return the number of a feature, in the gazetteer of the US or that of the rest of the world."""
    if location.feature == "0" or not FEATURE.fullmatch(location.feature):
        return None
    return Code("gnis" if location.type == US_CITY else "gns", location.feature)


def _id(code: Code) -> str:
    # Numbers below zero are not those above.
    return slug("gdelt", code.scheme, code.code.replace("-", "minus-"))
