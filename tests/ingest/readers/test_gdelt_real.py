"""GDELT's real event files, against what is in them."""

import csv
import gzip
import io
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ingest.dates import read_edtf
from ingest.files import WrongFile
from ingest.readers.base import Row
from ingest.readers.cameo import event_label
from tests.ingest.readers.test_gdelt import event, events, rows

DATA = Path(settings.PROJECT).parent / "shared" / "data"
FILES = {
    "20190121220000.export.CSV.zip": 1_629,
    "20191024143000.export.CSV.gz": 2_111,
    "gdelt1_events_sample_1982_and_20160728.csv.gz": 710,
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real datasets are not here")


def raw(name: str) -> Iterator[list[str]]:
    path = DATA / "gdelt" / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            yield from csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_a_real_file_is_read_whole(name: str, count: int) -> None:
    got = events(DATA / "gdelt" / name)
    told = {key: event(row) for key, row in got.items()}
    file = list(raw(name))
    assert len(told) == len(file) == count
    # Sums of the file, taken by position.
    assert Counter(each.type for each in told.values()) == Counter(
        f"cameo:{row[26]}" for row in file
    )
    assert Counter(each.date for each in told.values()) == Counter(
        f"{row[1][:4]}-{row[1][4:6]}-{row[1][6:]}" for row in file
    )
    assert sum(len(each.participants) for each in told.values()) == sum(
        bool(row[at]) for row in file for at in (5, 15)
    )
    assert sum(len(each.cites) for each in told.values()) == sum(len(row) > 57 for row in file)
    action = {61: (52, 56), 58: (50, 53), 57: (50, 53)}
    places = Counter(row[action[len(row)][0]] or None for row in file)
    assert Counter(each.place_name_in_source for each in told.values()) == places
    latitudes = [float(row[action[len(row)][1]] or 0) for row in file]
    assert sum(each.latitude or 0 for each in told.values()) == pytest.approx(sum(latitudes))
    for row in got.values():
        check(row)


def check(row: Row) -> None:
    """Every reference of an event is met, by records whose own references are met before them."""
    told, known = event(row), set()
    for record in row.needs:
        wanted = {
            "within": getattr(record, "within", None),
            "country": getattr(record, "country", None),
            "publisher": getattr(record, "publisher", None),
        }
        assert {each for each in wanted.values() if each} <= known, record
        known.add(record.id)  # type: ignore[union-attr]
    wanted_by_event = {told.place, *(each.actor for each in told.participants)}
    wanted_by_event |= {cite.source for cite in told.cites}
    assert wanted_by_event - {None} <= known
    assert (told.place is None) == (told.place_precision is None)
    assert read_edtf(told.date or "").date_precision == told.date_precision


def test_the_order_of_real_rows_does_not_matter(tmp_path: Path) -> None:
    name = "20191024143000.export.CSV.gz"
    with gzip.open(DATA / "gdelt" / name, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    random.Random(3).shuffle(lines)  # noqa: S311
    path = tmp_path / "shuffled.tsv"
    path.write_text("".join(lines), encoding="utf-8")

    def told(path: Path) -> tuple[list[str], set[str]]:
        got = [row for row in rows(path) if isinstance(row, Row)]
        records = {repr(record) for row in got for record in row.needs}
        return sorted(repr(row.record) for row in got), records

    before, after = told(DATA / "gdelt" / name), told(path)
    assert before == after
    assert len(before[0]) == 2_111


def test_the_reduced_file_is_refused() -> None:
    with pytest.raises(WrongFile, match="GDELT's reduced file"):
        rows(DATA / "gdelt" / "gdelt_reduced_events_1979_sample.txt.gz")


def test_every_code_of_the_lookup_table_has_a_label() -> None:
    with (DATA / "cameo" / "CAMEO.eventcodes.txt").open(encoding="utf-8") as file:
        codes = [line.split("\t")[0] for line in file][1:]
    assert len(codes) == 310
    labels = [event_label(code) for code in codes]
    assert all(labels)
    assert not [label for label in labels if label and (label.isupper() or "specified" in label)]
