"""Places as GeoNames has them: provinces, districts and settlements, with all the names they go by.

An id is the name and GeoNames' number, `aleppo-170063`: readable, and one place's only. A place's
coordinates are those of its own record; of a district or province it is the point on the map that
stands for it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from api.names import fold
from ingest.countries import country_place
from ingest.ids import slug
from ingest.records import Name, Place

ADMIN1 = Path(__file__).with_name("geonames_admin1.tsv")
IATA = 3
APOSTROPHES = re.compile("['`‘’ʰ-˿]")


@dataclass(frozen=True, slots=True)
class Where:
    """A country and one of its provinces by GeoNames' codes: `AZ` and `03`."""

    country: str
    admin1: str


def new_place(
    number: int,
    name: str,
    kind: str,
    parents: list[Place],
    others: Iterable[str] = (),
    point: tuple[float, float] | None = None,
) -> Place:
    """Return the place with that GeoNames number, within the last of its parents."""
    return Place(
        id=slug(name, str(number)),
        name=name,
        kind=kind,
        cites=[],
        within=parents[-1].id,
        latitude=point and point[0],
        longitude=point and point[1],
        geonames=number,
        names=other_names(name, others),
    )


def other_names(main: str, others: Iterable[str]) -> list[Name]:
    """Return the other names of a place, one for each way they fold: the best spelling of it.

    Codes of airports (`GYD`) are marked as codes. A name without any letter is none.
    """
    same = fold(main)
    kept: dict[str, str] = {}
    for text in others:
        key = fold(text) if text else ""
        if key and key != same and (key not in kept or _fault(text) < _fault(kept[key])):
            kept[key] = text
    return [
        Name(" ".join(text.split()), kind="code" if _is_code(text) else "alternate")
        for key, text in kept.items()
        if not key.isdigit()
    ]


def _fault(name: str) -> tuple[bool, ...]:
    """Return what is the matter with a spelling, the worst first.

    GeoNames also has what its programs make of names in other scripts, in lower-case Latin letters
    (`ba ku`), and names without their accents, or with apostrophes for them (`Ag'dam`).
    """
    return name.islower(), _is_code(name), bool(APOSTROPHES.search(name)), name.isascii()


def _is_code(text: str) -> bool:
    return len(text) == IATA and text.isascii() and text.isupper()


def parents_of(where: Where) -> list[Place] | None:
    """Return the country, and the province if it is known; None when there is no such country."""
    country = country_place(where.country, "iso2")
    if country is None:
        return None
    province = provinces().get(f"{where.country}.{where.admin1}")
    return [country] if province is None else [country, province]


@cache
def provinces() -> dict[str, Place]:
    """Return the first-level divisions of all countries by their codes in GeoNames, as `AZ.03`."""
    found = {}
    for line in ADMIN1.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, name, number, *others = line.split("\t")
        country = country_place(code[:2], "iso2")
        if country is None:
            raise ValueError(f"{ADMIN1.name}: {code} is in no country")
        found[code] = new_place(int(number), name, "province", [country], others)
    return found


@cache
def provinces_by_number() -> dict[int, Place]:
    """Return the first-level divisions by their GeoNames number."""
    return {place.geonames: place for place in provinces().values() if place.geonames}
