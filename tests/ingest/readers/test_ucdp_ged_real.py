"""The Georeferenced Event Dataset of UCDP: real files, against what is in them and in its tables."""

import csv
import gzip
import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ingest.files import SourceFile
from ingest.readers.base import Row
from ingest.readers.ucdp_ged import READER
from ingest.records import Actor, Event

DATA = Path(settings.PROJECT).parent / "shared" / "data"
FILES = {
    "ged211_whereprec12.csv.gz": 176_579,
    "ged_syria_201601_201911.csv.gz": 16_566,
    "conflict_data_ukr_hdx.csv.gz": 2_989,
    "conflict_data_bgd_hdx.csv.gz": 601,
    "ged231_country482_car.geojson.gz": 1_848,
}
TYPES = {"State-based violence": "1", "Non-state violence": "2", "One-sided violence": "3"}
FIGURES = ("low", "best", "high")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not here"),
]


def events(name: str) -> Iterator[Event]:
    """Yield the events of a real file, of which no row may be rejected."""
    for row in READER.read(SourceFile(DATA / "ucdp_ged" / name)):
        assert isinstance(row, Row), row
        assert isinstance(row.record, Event)
        yield row.record


def year(event: Event) -> str:
    return str(event.date).lstrip("[")[:4]


def raw_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a real file, read without the project's code."""
    with gzip.open(DATA / "ucdp_ged" / name, "rt", encoding="utf-8-sig", newline="") as file:
        if ".geojson" in name:
            for feature in json.load(file)["features"]:
                yield {key: str(value) for key, value in feature["properties"].items()}
        else:
            yield from (row for row in csv.DictReader(file) if row["id"])


@pytest.mark.parametrize("name", FILES)
def test_rows_and_sums_by_year_and_type_are_those_of_the_file(name: str) -> None:
    raw, ours = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in raw_rows(name):
        kind = TYPES.get(row["type_of_violence"], row["type_of_violence"])
        raw["rows", row["year"], kind] += 1
        for figure in FIGURES:
            raw[figure, row["year"], kind] += int(row.get(figure) or row[f"{figure}_death"])
    for event in events(name):
        kind = event.type.removeprefix("ucdp:")
        ours["rows", year(event), kind] += 1
        for figure in FIGURES:
            ours[figure, year(event), kind] += getattr(event.deaths, figure)
    assert sum(count for key, count in raw.items() if key[0] == "rows") == FILES[name]
    assert ours == raw


@pytest.mark.parametrize(
    ("name", "number", "years", "equal"),
    [
        ("ged231_country482_car.geojson.gz", "482", 27, 23),
        ("conflict_data_bgd_hdx.csv.gz", "771", 30, 25),
    ],
)
def test_sums_are_those_that_ucdp_publishes(name: str, number: str, years: int, equal: int) -> None:
    """UCDP's table of countries and years is of a later version, which revised the other years."""
    ours: dict[str, list[int]] = {}
    for event in events(name):
        sums = ours.setdefault(year(event), [0, 0, 0])
        for place, figure in enumerate(FIGURES):
            sums[place] += getattr(event.deaths, figure)
    table = DATA / "ucdp_tables" / "organizedviolencecy_v25_1.csv.gz"
    with gzip.open(table, "rt", encoding="utf-8", newline="") as file:
        published = {
            row["year_cy"]: [
                int(row[f"cumulative_total_deaths_in_orgvio_{figure}_cy"]) for figure in FIGURES
            ]
            for row in csv.DictReader(file)
            if row["country_id_cy"] == number
        }
    assert len(ours) == years
    assert sum(published[each] == sums for each, sums in ours.items()) == equal


def test_a_coarse_place_is_no_finer_than_its_code() -> None:
    """`where_prec` of a real file, row by row, and where the event is put."""
    precisions = {
        "1": "exact",
        "2": "near",
        "3": "district",
        "4": "province",
        "5": "area",
        "6": "country",
        "7": "international",
    }
    for name in ("conflict_data_bgd_hdx.csv.gz", "ged231_country482_car.geojson.gz"):
        raw = {row["id"]: precisions[row["where_prec"]] for row in raw_rows(name)}
        assert {event.key: event.place_precision for event in events(name)} == raw


def test_states_are_found_by_the_name_of_their_country() -> None:
    states = {
        need.name: need
        for row in READER.read(SourceFile(DATA / "ucdp_ged" / "ged211_whereprec12.csv.gz"))
        if isinstance(row, Row)
        for need in row.needs
        if isinstance(need, Actor) and need.kind == "state"
    }
    soviet = states["Government of Russia (Soviet Union)"]
    assert (soviet.country, soviet.names[0].name) == ("russia", "Russia")
    for name, state in states.items():
        if ", Government of " in name:
            assert (state.country, state.names) == (None, [])
        else:
            assert state.country
            assert not state.country.startswith("ucdp-country-"), name


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    original = DATA / "ucdp_ged" / "conflict_data_bgd_hdx.csv.gz"
    with gzip.open(original, "rt", encoding="utf-8", newline="") as file:
        header, tags, *rows = csv.reader(file)
    other = tmp_path / "other_order.csv"
    with other.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, tags, *sorted(rows, key=lambda row: row[0][::-1])])

    def told(path: Path) -> list[set[str]]:
        found = [row for row in READER.read(SourceFile(path)) if isinstance(row, Row)]
        needs = {repr(need) for row in found for need in row.needs}
        return [{repr(row.record) for row in found}, needs]

    assert told(other) == told(original)


def test_memory_does_not_grow_with_the_file() -> None:
    rows = READER.read(SourceFile(DATA / "ucdp_ged" / "ged211_whereprec12.csv.gz"))
    for _ in range(100_000):
        next(rows)
    tracemalloc.start()
    for _ in range(20_000):
        next(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 1024**2
