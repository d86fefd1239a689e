"""The reader of PA-X: made-up samples, hostile ones, and the real file where it may be read."""

import csv
import gzip
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ingest.files import Rejected, SourceFile, WrongFile
from ingest.readers.base import Row
from ingest.readers.pax import ISSUES, READER
from ingest.records import Actor, Agreement, Code, Party, Place

SAMPLES = settings.PROJECT / "tests" / "ingest" / "samples"
SAMPLE = SAMPLES / "pax_made_up_v9.csv"
REAL = Path(settings.PROJECT).parent / "shared/data/pax/pax_all_agreements_data_v6.csv.gz"
METADATA = 27
real_file = pytest.mark.skipif(
    not REAL.is_file(), reason="PA-X may not be copied into this project"
)


def read(path: Path) -> tuple[dict[str, Agreement], dict[str, Row], list[Rejected]]:
    """Return the agreements and their rows by key, and the rejected rows."""
    rows = list(READER.read(SourceFile(path)))
    kept = {row.record.key: row for row in rows if isinstance(row, Row)}
    assert len(kept) + sum(isinstance(row, Rejected) for row in rows) == len(rows)
    return (
        {key: row.record for key, row in kept.items()},
        kept,
        [row for row in rows if isinstance(row, Rejected)],
    )


def needed(row: Row, kind: type) -> dict[str, Any]:
    return {record.id: record for record in row.needs if isinstance(record, kind)}


def coded(agreement: Agreement) -> list[tuple[int, str, int | None]]:
    return [(p.number, p.code.code, p.level) for p in agreement.provisions]


@pytest.fixture(scope="module")
def sample() -> tuple[dict[str, Agreement], dict[str, Row]]:
    agreements, rows, rejected = read(SAMPLE)
    assert rejected == []
    return agreements, rows


@pytest.fixture(scope="module")
def given() -> dict[str, dict[str, str]]:
    with gzip.open(REAL, "rt", encoding="utf-8-sig", newline="") as file:
        return {row["AgtId"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def real() -> tuple[dict[str, Agreement], dict[str, Row]]:
    agreements, rows, rejected = read(REAL)
    assert rejected == []
    return agreements, rows


def test_an_agreement_has_title_stage_and_day(sample):
    agreements, _ = sample
    statement = agreements["90001"]
    assert (statement.id, statement.title) == ("", "Statement on the Puffin Coast")
    assert (statement.kind, statement.status) == ("ceasefire", "unknown")
    assert (statement.date, statement.date_precision) == ("1996-03-01", "day")
    assert [agreements[key].kind for key in ("90002", "90003", "90004")] == [
        "comprehensive",
        "pre-negotiation",
        "renewal",
    ]
    assert "Peace process: Puffin Coast process." in statement.summary
    assert "Interim arrangement: Yes." in agreements["90002"].summary


def test_codes_of_other_datasets_are_kept_and_na_is_none(sample):
    agreements, _ = sample
    assert agreements["90001"].codes == [
        Code("pax", "90001"),
        Code("pax-process", "900"),
        Code("ucdp-conflict", "90"),
        Code("ucdp-peace-agreement", "9001"),
        Code("pax-stage", "Cea/Ceas"),
    ]
    assert [code.scheme for code in agreements["90002"].codes] == [
        "pax",
        "pax-process",
        "pax-stage",
    ]


def test_places_are_located_countries_and_what_the_conflict_names(sample):
    agreements, rows = sample
    assert agreements["90001"].places == ["iceland", "norway", "puffin-coast"]
    assert agreements["90002"].places == ["iceland", "puffin-coast"]
    assert (
        needed(rows["90001"], Place)["puffin-coast"] is needed(rows["90002"], Place)["puffin-coast"]
    )
    assert agreements["90003"].places == ["sweden", "norway", "nagorno-karabakh"]
    places = needed(rows["90003"], Place)
    assert places["nagorno-karabakh"].within == "azerbaijan"
    assert "azerbaijan" in places


def test_states_that_signed_are_parties_and_people_and_groups_are_not(sample):
    agreements, rows = sample
    assert agreements["90001"].parties == [
        Party("iceland", "signatory"),
        Party("norway", "signatory"),
        Party("finland", "signatory"),
    ]
    actors = needed(rows["90001"], Actor)
    assert (actors["iceland"].kind, actors["iceland"].country) == ("state", "iceland")
    assert "finland" in needed(rows["90001"], Place)
    assert agreements["90002"].parties == [Party("united-nations", "signatory")]
    assert agreements["90003"].parties == [
        Party("norway", "signatory"),
        Party("sweden", "signatory"),
    ]
    assert agreements["90004"].parties == []


def test_what_is_coded_above_0_is_a_provision_with_the_place_of_its_issue(sample):
    agreements, _ = sample
    numbers = {issue.code: issue.number for issue in ISSUES}
    assert coded(agreements["90001"]) == [
        (numbers["HrMob"], "HrMob", 3),
        (numbers["Ce"], "Ce", 3),
        (numbers["CeProv"], "CeProv", None),
        (numbers["SsrFf"], "SsrFf", None),
        (numbers["ImSrc"], "ImSrc", None),
        (len(ISSUES) + 1, "NewOne", 2),
    ]
    assert coded(agreements["90002"])[:2] == [(1, "GCh", 2), (2, "GChRhet", None)]
    provisions = agreements["90001"].provisions
    assert {(p.id, p.status, p.as_of, p.code.scheme) for p in provisions} == {
        ("", "unknown", None, "pax")
    }
    assert {p.code.code: p.kind for p in provisions}["SsrFf"] == "withdrawal"


def test_every_issue_has_a_theme_and_a_sentence_of_its_own():
    assert [issue.number for issue in ISSUES] == list(range(1, 241))
    assert len({issue.text for issue in ISSUES}) == len(ISSUES)
    assert all(issue.text.endswith(".") for issue in ISSUES)
    assert sum(issue.graded for issue in ISSUES) == 50


def test_a_bad_cell_rejects_its_row_and_no_other():
    agreements, _, rejected = read(SAMPLES / "pax_hostile.csv")
    assert [agreement.title for agreement in agreements.values()] == ["The one that is right"]
    assert [(row.line, row.column, row.value) for row in rejected] == [
        (2, "Dat", "2000"),
        (3, "Stage", "Later"),
        (4, "Loc1ISO", "QQQ"),
        (5, "Ce", "4"),
        (6, "AgtId", None),
        (7, "Agt", None),
    ]


def test_a_file_without_columns_is_refused_by_their_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("AgtId,Agt,Dat,Con,Agtp,Loc1ISO\n1,2,3,4,5,6\n")
    with pytest.raises(WrongFile, match="the columns `Stage`, `Loc2ISO` are missing"):
        list(READER.read(SourceFile(path)))


def test_it_knows_its_files_by_header_and_their_release_by_name():
    assert READER.recognises(SourceFile(SAMPLE).head())
    assert not READER.recognises(SourceFile(SAMPLES / "ucdp-peace-agreements-221.csv").head())
    assert READER.release("pax_all_agreements_data_v6.csv.gz") == "6"
    assert READER.release("pax_all_agreements_data_v10.csv") == "10"
    assert READER.release("something_v6.csv") is None


def test_it_is_not_to_be_passed_on():
    dataset = READER.dataset
    assert not dataset.redistributable
    assert dataset.licence == "CC-BY-NC-SA-4.0"
    assert "University of Edinburgh" in dataset.attribution


@real_file
def test_the_real_file_is_read_whole(real, given):
    agreements, rows = real
    assert len(agreements) == len(given) == 2003
    assert Counter(a.date for a in agreements.values()) == Counter(r["Dat"] for r in given.values())
    columns = list(next(iter(given.values())))[METADATA:]
    assert [issue.code for issue in ISSUES] == columns
    cells = sum(row[column] != "0" for row in given.values() for column in columns)
    assert sum(len(a.provisions) for a in agreements.values()) == cells > 30_000
    graded = {issue.code for issue in ISSUES if issue.graded}
    for key, row in given.items():
        expected = {
            column: int(row[column]) if column in graded or int(row[column]) > 1 else None
            for column in columns
            if row[column] != "0"
        }
        assert {p.code.code: p.level for p in agreements[key].provisions} == expected
        assert set(agreements[key].places) <= set(needed(rows[key], Place))
        assert {party.actor for party in agreements[key].parties} <= set(needed(rows[key], Actor))


@real_file
def test_codes_lead_to_agreements_of_the_other_dataset(real, given):
    agreements, _ = real
    linked = {
        key
        for key, agreement in agreements.items()
        if any(code.scheme == "ucdp-peace-agreement" for code in agreement.codes)
    }
    assert linked == {key for key, row in given.items() if row["UcdpAgr"].strip().isdigit()}


@real_file
def test_nagorno_karabakh_has_the_cease_fires_of_the_nineties_and_that_of_2020(real, given):
    agreements, rows = real
    found = {key for key, a in agreements.items() if "nagorno-karabakh" in a.places}
    assert found == {key for key, row in given.items() if "Karabakh" in row["Con"]}
    cease_fires = [agreements[key] for key in found if agreements[key].kind == "ceasefire"]
    assert sum(a.date < "2000" for a in cease_fires) >= 10
    assert needed(rows["2324"], Place)["nagorno-karabakh"].within == "azerbaijan"
    of_2020 = agreements["2324"]
    assert of_2020 in cease_fires
    assert of_2020.date == "2020-11-10"
    assert {party.actor for party in of_2020.parties} == {"armenia", "azerbaijan", "russia"}


@real_file
def test_agreements_within_states_and_one_sided_documents_have_no_states_as_parties(real, given):
    _, rows = real
    states = {key: set(needed(rows[key], Actor)) - {"united-nations"} for key in given}
    for key, row in given.items():
        if row["Agtp"] not in ("Inter", "InterIntra") or row["Status"] == "Unilateral document":
            assert states[key] == set()
    between_states = [key for key, row in given.items() if row["Agtp"] == "Inter"]
    assert sum(bool(states[key]) for key in between_states) > 0.8 * len(between_states)


@real_file
def test_rows_in_another_order_give_the_same_records(tmp_path, real):
    with gzip.open(REAL, "rt", encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    lines.sort(key=lambda line: hashlib.sha256(repr(line).encode()).digest())
    path = tmp_path / "shuffled.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *lines])
    agreements, rows, rejected = read(path)
    assert rejected == []
    assert agreements == real[0]
    assert {key: row.needs for key, row in rows.items()} == {
        key: row.needs for key, row in real[1].items()
    }
