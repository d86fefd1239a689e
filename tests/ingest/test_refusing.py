"""Rows that cannot be taken: which are refused, by what name, and that the rest is published."""

import csv
import random
import string
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

ROWS = [
    {
        "id": str(number),
        "date_start": f"2031-03-{number:02}",
        "date_end": f"2031-03-{number:02}",
        "where_coordinates": f"Town {number} town",
    }
    for number in range(1, 9)
]


def ids(world: Any) -> set[int]:
    return {int(id_.rpartition("-")[2]) for id_ in world.all("events", dataset="ucdp-ged")}


def report(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_that_cannot_be_read_is_told_with_line_and_column(
    world: Any, ged: Any, tmp_path: Path
) -> None:
    rows = [*ROWS, {"id": "9", "best": "many"}, {"id": "10", "date_start": "2031-02-30"}]
    rejects = tmp_path / "rejects.csv"
    done = world.load("ucdp-ged", ged(rows), "--max-rejected=20", f"--reject-report={rejects}")
    assert (done.read, done.published, done.rejected) == (10, 8, 2)
    first, second = report(rejects)
    assert (first["line"], first["column"], first["value"]) == ("10", "best", "many")
    assert first["reason"] == "is not a whole number"
    assert (second["line"], second["column"], second["value"]) == ("11", "date_start", "2031-02-30")


def test_over_the_threshold_nothing_is_published(world: Any, ged: Any) -> None:
    before, number = world.served(), world.revision()
    path = ged([*ROWS, {"id": "9", "best": "many"}])
    with pytest.raises(CommandError, match=r"1 of 9 rows are rejected, more than 1\.0%"):
        world.load("ucdp-ged", path)
    assert (world.served(), world.revision()) == (before, number)
    assert world.load("ucdp-ged", path, "--max-rejected=12").published == 8


def test_names_too_long_to_be_looked_up_refuse_their_rows_alone(empty: Any, ged: Any) -> None:
    letters = random.Random(1).choices(string.ascii_letters, k=9_000)  # noqa: S311 (no secret)
    long = [
        {"id": str(number), column: "".join(letters), "side_b_new_id": "9103", "country_id": "9998"}
        for number, column in enumerate(("side_b", "where_coordinates", "adm_1", "country"), 9)
    ]
    done = empty.load("ucdp-ged", ged([*long, *ROWS]), "--max-rejected=50")
    assert (done.published, done.rejected) == (8, 4)
    assert ids(empty) == set(range(1, 9))


def test_what_the_database_refuses_is_told_in_a_sentence(world: Any, ged: Any) -> None:
    world.sql("ALTER TABLE events_eventbody ADD CONSTRAINT odd CHECK (false) NOT VALID")
    before, number = world.served(), world.revision()
    for load in (lambda: world.load("ucdp-ged", ged(ROWS)), lambda: call_command("synthesize", 9)):
        with pytest.raises(CommandError, match=r"refused it; nothing was published: .*\bodd\b"):
            load()
    assert (world.served(), world.revision()) == (before, number)
