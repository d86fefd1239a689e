"""Countries by the names and codes of datasets."""

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from ingest.countries import all_countries, country_place
from ingest.ids import slug
from ingest.records import Code, Name, Place

DATA = Path(settings.PROJECT).parent / "shared" / "data"
DOSSIER = settings.PROJECT / "fixtures" / "source" / "aghdam-2020.yaml"
REGIONS = "AFR ASA BLK CRB CAU CAS CEU EAF EEU EUR LAM MEA NAF NMR PGS SAF SAM SAS SCN SEA WAF WST"

real_files = pytest.mark.skipif(not DATA.is_dir(), reason="the real datasets are not here")


def found(text: str, scheme: str | None = None) -> Place:
    place = country_place(text, scheme)
    assert place is not None, text
    return place


def rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(
    ("name", "iso3"),
    [
        ("Myanmar (Burma)", "MMR"),
        ("Russia (Soviet Union)", "RUS"),
        ("Yemen (North Yemen)", "YEM"),
        ("DR Congo (Zaire)", "COD"),
        ("Congo", "COG"),
        ("Ivory Coast", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("Zimbabwe (Rhodesia)", "ZWE"),
        ("Bosnia-Herzegovina", "BIH"),
        ("Serbia (Yugoslavia)", "SRB"),
        ("Cambodia (Kampuchea)", "KHM"),
        ("Madagascar (Malagasy)", "MDG"),
        ("Kingdom of eSwatini (Swaziland)", "SWZ"),
        ("Macedonia, FYR", "MKD"),
        ("Antigua & Barbuda", "ATG"),
        ("St. Lucia", "LCA"),
        ("the Gambia", "GMB"),
        ("UNITED STATES OF AMERICA", "USA"),
        ("Türkiye", "TUR"),
        ("Palestine", "PSE"),
        ("Korea, Republic of", "KOR"),
        ("Samoa (some older name)", "WSM"),
        (" Chad ", "TCD"),
    ],
)
def test_a_country_is_known_by_its_names(name: str, iso3: str) -> None:
    assert found(name).iso3 == iso3


@pytest.mark.parametrize(
    ("code", "scheme", "iso3"),
    [
        ("az", "iso2", "AZE"),
        ("AZE", "iso3", "AZE"),
        ("AJ", "fips", "AZE"),
        ("AM", "fips", "ARM"),
        ("GZ", "fips", "PSE"),
        ("AZE", "cameo", "AZE"),
        ("ROM", "cameo", "ROU"),
        ("ROU", "cameo", "ROU"),
        ("TMP", "cameo", "TLS"),
        ("373", "gwno", "AZE"),
        ("340", "gwno", "SRB"),
        ("345", "gwno", "SRB"),
        ("2", "gwno", "USA"),
        ("31", "iso-numeric", "AZE"),
        ("031", "iso-numeric", "AZE"),
    ],
)
def test_a_country_is_known_by_its_codes(code: str, scheme: str, iso3: str) -> None:
    assert found(code, scheme).iso3 == iso3


@pytest.mark.parametrize("code", REGIONS.split())
def test_a_region_is_no_country(code: str) -> None:
    assert country_place(code, "cameo") is None


@pytest.mark.parametrize("text", ["", " ", "(Darfur)", "Aghdam", "Nowhere (Chad)", "AZE (AZ) x"])
def test_what_is_no_country_is_none(text: str) -> None:
    assert country_place(text) is None


@pytest.mark.parametrize(
    "scheme", ["iso2", "iso3", "iso-numeric", "fips", "gwno", "cameo", "of old"]
)
def test_an_empty_or_unknown_code_is_none(scheme: str) -> None:
    assert country_place("", scheme) is country_place("0", scheme) is None
    assert country_place("Q?", scheme) is None


def test_the_same_country_is_the_same_object() -> None:
    names = [found("Burma"), found("Myanmar (Burma)"), found("775", "gwno"), found("BM", "fips")]
    assert all(place is names[0] for place in names)


def test_a_country_says_all_that_is_known() -> None:
    place = found("Romania")
    assert (place.id, place.kind, place.iso, place.iso3) == ("romania", "country", "RO", "ROU")
    assert (place.geonames, place.cites) == (798549, [])
    assert place.codes == [
        Code("fips", "RO"),
        Code("gwno", "360"),
        Code("cameo", "ROM"),
        Code("iso-numeric", "642"),
    ]
    assert Name("Rumania") in place.names


def test_former_names_are_historical() -> None:
    assert Name("Rhodesia", kind="historical") in found("Zimbabwe").names


@pytest.mark.parametrize("name", ["Puerto Rico", "Hong Kong", "Western Sahara", "Soviet Union"])
def test_what_is_dependent_disputed_or_dissolved_is_a_territory(name: str) -> None:
    assert found(name).kind == "territory"


def test_a_dissolved_state_has_no_code_that_is_in_use() -> None:
    assert found("SUN", "iso3") is found("Government of the Soviet Union".partition(" of ")[2])
    for place in all_countries():
        withdrawn = any(code.scheme == "iso3166-3" for code in place.codes)
        assert not (withdrawn and (place.iso or place.iso3)), place.id


def test_ids_and_codes_are_one_place_s() -> None:
    places = all_countries()
    assert len({place.id for place in places}) == len(places) > 250
    codes = [code for place in places for code in place.codes]
    assert len(set(codes)) == len(codes)
    for place in places:
        assert place.geonames is None or place.id == slug(place.name)
        names = [place.name, *(name.name for name in place.names)]
        assert len(set(names)) == len(names), place.id


def test_the_dossier_s_countries_are_these() -> None:
    places: list[dict[str, Any]] = yaml.safe_load(DOSSIER.read_text(encoding="utf-8"))["places"]
    roots = [place for place in places if place["within"] is None]
    assert len(roots) == 6
    for root in roots:
        place = found(root["name"])
        ours = (place.id, place.kind, place.iso, place.iso3, place.geonames)
        keys = ("id", "kind", "iso", "iso3", "geonames")
        assert ours == tuple(root[key] for key in keys)


@real_files
def test_every_country_of_ucdp_is_found_by_name_and_number() -> None:
    pairs = {
        (row["country_id_cy"], row["country_cy"])
        for row in rows("ucdp_tables/organizedviolencecy_v25_1.csv.gz")
    }
    assert len(pairs) > 190
    for number, name in pairs:
        assert found(name) is found(number, "gwno"), (number, name)


@real_files
@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("ucdp_ged/ged211_whereprec12.csv.gz", ["country"]),
        ("ucdp_ged/conflict_data_ukr_hdx.csv.gz", ["country"]),
        ("ucdp_tables/ucdp-actor-221.csv.gz", ["NameData"]),
        ("ucdp_tables/organizedviolencecy_v25_1.csv.gz", ["main_govt_name_cy"]),
    ],
)
def test_every_country_and_government_of_ucdp_is_found(file: str, columns: list[str]) -> None:
    cells = {row[column] for row in rows(file) for column in columns}
    names = {
        part.removeprefix("Government of ")
        for cell in cells
        for part in re.split(", (?=Government of )", cell)
        if columns == ["country"] or part.startswith("Government of ")
    }
    names -= {"", "#country+name"}
    assert names
    assert not {name for name in names if country_place(name) is None}


@real_files
def test_every_country_of_gdelt_s_files_is_found() -> None:
    path = DATA / "gdelt" / "20191024143000.export.CSV.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        cells = [line.rstrip("\n").split("\t") for line in file]
    fips = {row[place] for row in cells for place in (37, 45, 53)} - {""}
    cameo = {row[actor] for row in cells for actor in (7, 17)} - {""}
    assert {code for code in fips if country_place(code, "fips") is None} == {"OS"}  # the oceans
    assert {code for code in cameo if country_place(code, "cameo") is None} <= set(REGIONS.split())
