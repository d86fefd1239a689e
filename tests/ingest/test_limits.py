"""Texts that are too long for an index or for text search: their row is rejected, and told by line."""

import csv
import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from ingest.limits import LONGEST

SAMPLES = Path(__file__).parent / "samples"
HEADER, FIRST, SECOND, *_ = csv.reader(io.StringIO((SAMPLES / "acled.csv").read_text("utf-8")))
DOSSIER = (settings.PROJECT / "fixtures" / "source" / "aghdam-2020.yaml").read_text()


def letters(count: int, script: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    # Repeated ones would be packed, and fit.
    return "".join(random.Random(1).choices(script, k=count))  # noqa: S311 (made-up texts)


def acled(**cells: str) -> str:
    """Return an export of two events, the second with these cells."""
    text = io.StringIO()
    row = [cells.get(name, cell) for name, cell in zip(HEADER, SECOND, strict=True)]
    csv.writer(text).writerows([HEADER, FIRST, row])
    return text.getvalue()


@pytest.fixture
def rejected(shared: Any, write: Any, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return a function that imports a file in which one row is at fault, and what was told of it."""

    def rejected(reader: str, content: str, *options: str) -> dict[str, str]:
        report = tmp_path / "rejected.csv"
        done = shared.load(
            reader,
            write(content, "input"),
            "--release=1",
            "--max-rejected=60",
            "--dry-run",
            f"--reject-report={report}",
            *options,
        )
        assert (done.rejected, done.published) == (1, done.read - 1)
        with report.open(encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file)
        return row

    return rejected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"event_id_cnty": letters(8_000)}, "key: is longer than 500 characters"),
        ({"tags": letters(8_000)}, "code: is longer than 500 characters"),
        ({"civilian_targeting": letters(8_000)}, "code: is longer than 500 characters"),
        ({"sub_event_type": letters(8_000)}, "type: is longer than 500 characters"),
        ({"location": letters(8_000)}, "name: is longer than 500 characters"),
        ({"actor1": letters(8_000)}, "name: is longer than 500 characters"),
        # Of few characters, and many once they are spelled out.
        ({"actor1": letters(400, "\U0001faf0\U0001f9d1\U0001f1e6")}, "key: is longer than 2,000 "),
    ],
)
def test_a_cell_that_is_too_long_costs_its_row(
    rejected: Any, cells: dict[str, str], told: str
) -> None:
    row = rejected("acled", acled(**cells))
    assert row["line"] == "3"
    assert row["reason"].startswith(told)
    assert row["column"] == told.partition(":")[0]
    assert 0 < len(row["value"]) <= 40


@pytest.mark.slow
@pytest.mark.parametrize("script", ["abcdefghijklm", "Ѐабвгдежзик", "一丁七万丈三上", "𐌀𐌁𐌂𐌃𐌄𐌅𐌆𐌇"])
def test_what_is_within_the_limits_fits_in_any_script(shared: Any, write: Any, script: str) -> None:
    longest = {
        name: letters(500, script) for name in ("event_id_cnty", "tags", "civilian_targeting")
    }
    longest |= {name: letters(460, script) for name in ("sub_event_type", "location", "actor1")}
    done = shared.load("acled", write(acled(**longest)), "--release=1", "--dry-run")
    assert (done.rejected, done.published) == (0, 2)


@pytest.mark.slow
def test_a_code_of_a_place_that_is_too_long_costs_its_row(rejected: Any) -> None:
    first, *rest = (SAMPLES / "gdelt_2.0.tsv").read_text(encoding="utf-8").splitlines(True)
    cells = rest[1].split("\t")
    cells[cells.index("USOH")] = letters(8_000)
    row = rejected("gdelt", first + "\t".join(cells))
    assert (row["line"], row["column"]) == ("2", "code")
    assert row["reason"] == "code: is longer than 500 characters"


SUMMARY = "As the Soviet Union fell apart,"
MANY = " ".join(f"w{number}" for number in range(300_000))
# What takes most room of all that has been tried, and each word another.
DENSE = " ".join(f"a{number}.bc/{number}" for number in range(16_000))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("summary", "rejected"), [(MANY, True), (DENSE, False)], ids=["many", "dense"]
)
def test_a_summary_that_is_too_long_to_search_costs_its_event(
    shared: Any, write: Any, summary: str, rejected: bool
) -> None:
    assert len(summary) > 262_143 or not rejected
    assert SUMMARY in DOSSIER
    path = write(DOSSIER.replace(SUMMARY, summary, 1))
    done = shared.load("dossier", path, "--dry-run", "--max-rejected=50")
    assert (done.rejected > 0) == rejected
    told = "title and summary: are longer than 262,143 bytes together, too long to be searched"
    assert (told in done.text) == rejected
    # An event whose row cannot be taken is not one that the file does not have any more.
    assert done.of_kind("events")[3] == 0


def test_every_text_in_an_index_has_a_limit(db: None) -> None:
    """But for those that come with the software: the vocabulary of types, datasets and what is gone."""
    query = """
        SELECT DISTINCT t.relname, a.attname FROM pg_index i
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey::int2[])
        WHERE t.relnamespace = 'public'::regnamespace AND t.relname !~ '^(auth|django)_'
        AND a.atttypid IN ('text'::regtype, 'varchar'::regtype)"""
    with connection.cursor() as cursor:
        cursor.execute(query)
        indexed = {
            (table, column)
            for table, column in cursor.fetchall()
            if not re.match(
                "axes_|events_eventtype|sources_(dataset|edit|release|tombstone)", table
            )
        }
    limited = {
        (label.replace(".", "_"), column)
        for label, columns in LONGEST.items()
        for column in columns
    }
    # Words of a vocabulary: a rule of the table lets no other in.
    words = {("events_event", "status"), ("events_event", "certainty")}
    assert indexed - limited == words
