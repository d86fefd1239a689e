"""No row is lost in silence: what was read is published, rejected with a reason, or out of scope."""

import csv
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent / "samples"
# Sample, the reader it is for, and how many of its records it has of the kind that the file is about.
TAKEN = [
    ("ucdp_ged_14.csv", "ucdp-ged", "events"),
    ("ucdp_ged_42_hxl.csv", "ucdp-ged", "events"),
    ("ucdp_ged_49.csv", "ucdp-ged", "events"),
    ("ucdp_ged_candidate_without_header.csv", "ucdp-ged", "events"),
    ("ucdp_ged.geojson", "ucdp-ged", "events"),
    ("ucdp_ged_hostile.csv", "ucdp-ged", "events"),
    ("ucdp-peace-agreements-221.csv", "ucdp-peace-agreements", "agreements"),
    ("ucdp-peace-agreements-hostile.csv", "ucdp-peace-agreements", "agreements"),
    ("pax_made_up_v9.csv", "pax", "agreements"),
    ("pax_hostile.csv", "pax", "agreements"),
    ("gdelt_1.0.tsv", "gdelt", "events"),
    ("gdelt_2.0.tsv", "gdelt", "events"),
    ("gdelt_hostile.tsv", "gdelt", "events"),
    ("acled.csv", "acled", "events"),
    ("acled_hdx.csv", "acled", "events"),
    ("acled_hostile.csv", "acled", "events"),
    ("geonames_dump.txt", "gazetteer", "places"),
    ("geonames_dump_hostile.txt", "gazetteer", "places"),
]


@pytest.mark.parametrize(("sample", "reader", "noun"), TAKEN)
def test_every_row_is_accounted_for(
    shared: Any, tmp_path: Path, sample: str, reader: str, noun: str
) -> None:
    rejects = tmp_path / "rejects.csv"
    dataset = f"{reader}-{Path(sample).stem}".replace("_", "-").replace(".", "-")
    options = [f"--dataset={dataset}", "--release=1", "--serve", "--max-rejected=100"]
    done = shared.load(reader, SAMPLES / sample, *options, f"--reject-report={rejects}")
    assert done.read == done.published + done.rejected + done.skipped > 0
    with rejects.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) == done.rejected
    assert all(int(row["line"]) > 0 and row["reason"] for row in told)
    assert ("hostile" in sample) <= bool(told)
    new, changed, unchanged, removed = done.of_kind(noun)
    assert (changed, removed) == (0, 0)
    if noun == "places":
        assert new + unchanged >= done.published
    else:
        assert (new, unchanged) == (done.published, 0)
        table = "events_event" if noun == "events" else "agreements_agreement"
        query = f"SELECT count(*) FROM {table} t JOIN sources_dataset d ON d.id = t.dataset_id WHERE d.public_id = %s"
        assert shared.sql(query, dataset) == [(done.published,)]
        served = [
            record for record in shared.all(noun).values() if record["dataset"]["id"] == dataset
        ]
        assert len(served) == done.published

    if "hostile" not in sample:
        return
    again = shared.load(reader, SAMPLES / sample, *options)
    assert (again.read, again.rejected) == (done.read, done.rejected)
    assert all(counts[0] == counts[1] == counts[3] == 0 for counts in again.tallies.values()), (
        again.text
    )


OWN = {reader: sample for sample, reader, _ in reversed(TAKEN)}


@pytest.mark.parametrize(("reader", "other"), list(permutations(sorted(OWN), 2)))
def test_a_file_of_another_kind_is_told_from_its_own(shared: Any, reader: str, other: str) -> None:
    with pytest.raises(CommandError) as refused:
        shared.load(reader, SAMPLES / OWN[other], "--release=1", "--dataset=wrong")
    said = str(refused.value)
    assert "\n" not in said
    assert f"manage.py ingest {other} " in said
    assert any(word in said for word in ("missing", "columns", "cells between tabs")), said
    assert not shared.sql("SELECT FROM sources_dataset WHERE public_id = 'wrong'")


@pytest.mark.parametrize("sample", sorted(OWN.values()))
def test_no_sample_is_a_dossier(shared: Any, sample: str) -> None:
    with pytest.raises(CommandError) as refused:
        shared.load("dossier", SAMPLES / sample)
    assert "It looks like" in str(refused.value)
