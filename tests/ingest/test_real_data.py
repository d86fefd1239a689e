"""Real files, where they are at hand: nothing is lost or altered between file and API."""

import csv
import gzip
import io
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

FIGURES = ("low", "best", "high")
TYPES = {"1": "state-based", "2": "non-state", "3": "one-sided"}
Sums = dict[tuple[str, str], Counter[str]]


def table(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from (row for row in csv.DictReader(file) if not row["best"].startswith("#"))


def features(path: Path) -> Iterator[dict[str, str]]:
    for feature in json.loads(gzip.decompress(path.read_bytes()))["features"]:
        yield {name: str(value) for name, value in feature["properties"].items()}


GED = {
    "bangladesh": ("ucdp_ged/conflict_data_bgd_hdx.csv.gz", table, 601),
    "ukraine": ("ucdp_ged/conflict_data_ukr_hdx.csv.gz", table, 2_989),
    "car": ("ucdp_ged/ged231_country482_car.geojson.gz", features, 1_848),
}


def sums_of_file(rows: Iterator[dict[str, str]]) -> Sums:
    sums: Sums = defaultdict(Counter)
    for row in rows:
        of = sums[row["date_start"][:4], row["type_of_violence"]]
        of["events"] += 1
        of.update({name: int(row[name]) for name in FIGURES})
    return sums


def sums_of_api(events: dict[str, Any]) -> Sums:
    sums: Sums = defaultdict(Counter)
    for event in events.values():
        (type_,) = [code["code"] for code in event["codes"] if code["scheme"] == "ucdp"]
        of = sums[event["date"]["start"][:4], type_]
        of["events"] += 1
        of.update({name: event["deaths"][name] for name in FIGURES})
    return sums


@pytest.fixture(scope="module")
def loaded(shared: Any) -> dict[str, Any]:
    return {}


@pytest.fixture
def events(shared: Any, loaded: dict[str, Any], real: Any) -> Any:
    """Return a function that returns the events of a file, loaded once."""

    def events(name: str) -> dict[str, Any]:
        if name not in loaded:
            file, _, rows = GED[name]
            done = shared.load("ucdp-ged", real(file), "--release=1", f"--dataset={name}")
            assert (done.read, done.published) == (rows, rows)
            loaded[name] = shared.all("events", dataset=name)
        return loaded[name]

    return events


@pytest.mark.parametrize("name", GED)
def test_sums_by_year_and_type_are_those_of_the_file(events: Any, real: Any, name: str) -> None:
    file, read, count = GED[name]
    served = events(name)
    assert len(served) == count
    assert sums_of_api(served) == sums_of_file(read(real(file)))
    keys = {str(row["id"]) for row in read(real(file))}
    assert {id_.removeprefix(f"{name}-") for id_ in served} == keys


@pytest.mark.parametrize("name", GED)
def test_summaries_by_year_are_those_of_the_file(
    shared: Any, events: Any, real: Any, name: str
) -> None:
    file, read, _ = GED[name]
    events(name)
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for (year, _type), of in sums_of_file(read(real(file))).items():
        expected[year].update(of)
    found = {
        group["year"]: Counter(
            {"events": group["count"]} | {f: group["deaths"][f] for f in FIGURES}
        )
        for group in shared.get("events/summary", by="year", dataset=name)["groups"]
    }
    assert found == expected


@pytest.mark.parametrize("name", GED)
def test_the_same_file_again_changes_nothing(
    shared: Any, events: Any, real: Any, name: str
) -> None:
    before, number = events(name), shared.revision()
    done = shared.load("ucdp-ged", real(GED[name][0]), "--release=1", f"--dataset={name}")
    assert done.of_kind("events") == (0, 0, len(before), 0)
    assert shared.revision() == number, done.text
    assert shared.all("events", dataset=name) == before


@pytest.mark.parametrize(
    ("name", "number", "alike", "years"), [("car", "482", 23, 27), ("bangladesh", "771", 25, 30)]
)
def test_years_are_those_that_were_published(
    events: Any, real: Any, name: str, number: str, alike: int, years: int
) -> None:
    """The published country-years come from a later release, which revised some of them."""
    path = real("ucdp_tables/organizedviolencecy_v25_1.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        published = {
            row["year_cy"]: Counter(
                {
                    figure: int(row[f"cumulative_total_deaths_in_orgvio_{figure}_cy"])
                    for figure in FIGURES
                }
            )
            for row in csv.DictReader(file)
            if row["country_id_cy"] == number
        }
    ours: dict[str, Counter[str]] = defaultdict(Counter)
    for (year, _), of in sums_of_api(events(name)).items():
        ours[year].update({figure: of[figure] for figure in FIGURES})
    assert len(ours) == years
    assert sum(+ours[year] == +published[year] for year in ours) == alike


def test_a_file_of_gdelt_comes_out_whole(shared: Any, real: Any) -> None:
    path = real("gdelt/20190121220000.export.CSV.zip")
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
        rows = list(
            csv.reader(
                io.TextIOWrapper(file, "utf-8"),
                delimiter="\t",
                quotechar=None,
                quoting=csv.QUOTE_NONE,
            )
        )
    done = shared.load("gdelt", path, "--max-rejected=100")
    assert done.read == len(rows) == done.published + done.rejected + done.skipped
    served = shared.all("events", dataset="gdelt")
    assert len(served) == done.published > 0.99 * len(rows)
    keys = {row[0] for row in rows}
    assert {id_.removeprefix("gdelt-") for id_ in served} <= keys
    codes = {row[0]: row[26] for row in rows}
    for id_, event in served.items():
        assert {"scheme": "cameo", "code": codes[id_.removeprefix("gdelt-")]} in event["codes"]
    assert shared.load("gdelt", path, "--max-rejected=100").of_kind("events") == (
        0,
        0,
        len(served),
        0,
    )


def test_agreements_come_out_whole(shared: Any, real: Any) -> None:
    path = real("ucdp_tables/ucdp-peace-agreements-221.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    done = shared.load("ucdp-peace-agreements", path, "--max-rejected=100")
    assert done.read == len(rows) == done.published + done.rejected + done.skipped
    served = [
        record
        for record in shared.all("agreements").values()
        if record["dataset"]["id"] == "ucdp-peace-agreements"
    ]
    assert len(served) == done.published > 0.98 * len(rows)
    years = Counter(record["date"]["start"][:4] for record in served if record["date"]["start"])
    theirs = Counter(row["year"] for row in rows)
    assert sum((theirs - years).values()) <= len(rows) - len(served)


def test_what_may_not_be_passed_on_does_not_show(shared: Any, real: Any) -> None:
    before = shared.served()
    path = real("pax/pax_all_agreements_data_v6.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        count = sum(1 for _ in csv.DictReader(file))
    done = shared.load("pax", path, "--release=6", "--max-rejected=100")
    assert done.read == count == done.published + done.rejected + done.skipped
    assert done.published > 0.98 * count
    assert shared.served() == before
