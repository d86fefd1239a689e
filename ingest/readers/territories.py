"""Disputed territories by the names that datasets of agreements give them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from api.names import fold
from ingest.countries import country_place
from ingest.readers.base import slug
from ingest.records import Name, Place

KNOWN = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Named:
    """The places that a name stands for, and the countries that they are within."""

    places: tuple[Place, ...] = ()
    countries: tuple[Place, ...] = ()


@lru_cache(maxsize=4096)
def places_named(name: str) -> Named:
    """Return what a name stands for: a country, a territory, several of them, or no place at all.

    A name that nobody has heard of is a territory.
    """
    known = _known()
    if fold(name) in known:
        return known[fold(name)]
    if country := country_place(name):
        return Named((country,))
    return Named((Place(id=slug(name), name=name, kind="territory", cites=[]),))


@cache
def _known() -> dict[str, Named]:
    """Return what our own list of names says, by folded name."""
    ours = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    known = {fold(name): Named() for name in ours["no_places"]}
    for name, given in ours["territories"].items():
        territory = _territory(name, given)
        for spelling in (name, *given.get("names", ())):
            known[fold(spelling)] = territory
    for name, parts in ours["several"].items():
        known[fold(name)] = _together(known[fold(part)] for part in parts)
    return known


def _territory(name: str, given: dict[str, Any]) -> Named:
    country = country_place(given["country"], "iso3") if "country" in given else None
    place = Place(
        id=slug(name),
        name=name,
        kind=given.get("kind", "territory"),
        cites=[],
        within=country.id if country else None,
        names=[Name(other) for other in given.get("names", ())],
    )
    return Named((place,), (country,) if country else ())


def _together(parts: Iterable[Named]) -> Named:
    parts = list(parts)
    places = {place.id: place for part in parts for place in part.places}
    countries = {place.id: place for part in parts for place in part.countries}
    return Named(tuple(places.values()), tuple(countries.values()))
