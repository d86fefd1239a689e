"""The reader of the UCDP Peace Agreement Dataset: made-up samples, hostile ones, the real file."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from ingest.files import Rejected, SourceFile, WrongFile
from ingest.readers.base import Row
from ingest.readers.ucdp_peace_agreements import ISSUES, READER
from ingest.records import Actor, Agreement, Code, Name, Party, Place, Source

SAMPLES = settings.PROJECT / "tests" / "ingest" / "samples"
REAL = Path(settings.PROJECT).parent / "shared/data/ucdp_tables/ucdp-peace-agreements-221.csv.gz"
real_file = pytest.mark.skipif(not REAL.is_file(), reason="the real dataset is not here")


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


def needed(row: Row, kind: type) -> dict[str, object]:
    return {record.id: record for record in row.needs if isinstance(record, kind)}


@pytest.fixture(scope="module")
def sample() -> tuple[dict[str, Agreement], dict[str, Row]]:
    agreements, rows, rejected = read(SAMPLES / "ucdp-peace-agreements-221.csv")
    assert rejected == []
    return agreements, rows


def test_an_agreement_has_title_kind_day_and_what_became_of_it(sample):
    agreements, _ = sample
    accord = agreements["9001"]
    assert (accord.id, accord.title) == ("", "Puffin Coast Accord")
    assert (accord.kind, accord.status) == ("comprehensive", "failed")
    assert (accord.date, accord.date_precision) == ("1996-03-01", "day")
    assert [agreements[key].kind for key in ("9002", "9003")] == ["pre-negotiation", "partial"]
    assert [agreements[key].status for key in ("9002", "9003")] == ["unknown", "in-force"]


def test_the_summary_has_what_is_said_of_signatories_third_parties_and_the_end(sample):
    agreements, _ = sample
    assert agreements["9001"].summary.split("\n\n") == [
        "Full peace agreement",
        "An invented accord, made for a test.",
        "Signed by: One for each side",
        "Third parties: UN",
        "Ended 1998-02-03.",
        "The invented front went back to its rocks.",
    ]
    assert agreements["9002"].summary is None


def test_codes_name_conflict_dyad_and_process(sample):
    agreements, _ = sample
    assert agreements["9003"].codes == [
        Code("ucdp-peace-agreement", "9003"),
        Code("ucdp-conflict", "92"),
        Code("ucdp-conflict", "90"),
        Code("ucdp-dyad", "902"),
        Code("ucdp-dyad", "900"),
        Code("ucdp-peace-process", "7"),
    ]


def test_places_are_the_countries_and_what_is_disputed_in_them(sample):
    agreements, rows = sample
    assert agreements["9001"].places == ["iceland", "puffin-coast"]
    assert agreements["9002"].places == ["norway", "sweden"]
    assert agreements["9003"].places == ["iceland", "puffin-coast"]
    assert needed(rows["9001"], Place)["puffin-coast"] == Place(
        "puffin-coast", "Puffin Coast", "territory", cites=[]
    )
    for key, agreement in agreements.items():
        assert set(agreement.places) <= set(needed(rows[key], Place))


def test_who_signed_are_actors_by_their_numbers_each_once(sample):
    agreements, rows = sample
    assert agreements["9001"].parties == [
        Party("ucdp-actor-9501", "signatory"),
        Party("ucdp-actor-9502", "signatory"),
        Party("ucdp-actor-7052", "signatory"),
    ]
    actors = needed(rows["9001"], Actor)
    assert actors["ucdp-actor-9501"] == Actor(
        "ucdp-actor-9501",
        "Government of Iceland",
        "state",
        cites=[],
        country="iceland",
        names=[Name("Iceland")],
        codes=[Code("ucdp-actor", "9501")],
    )
    assert actors["ucdp-actor-9502"].name == "Puffin Front"
    assert actors["ucdp-actor-9502"].kind == "armed-group"
    assert actors["ucdp-actor-7052"].kind == "organisation"


def test_a_name_that_holds_commas_is_one_name(sample):
    agreements, rows = sample
    assert [party.actor for party in agreements["9003"].parties] == [
        "ucdp-actor-9501",
        "ucdp-actor-9505",
        "ucdp-actor-9502",
    ]
    actors = needed(rows["9003"], Actor)
    assert actors["ucdp-actor-9505"].name == "Front for Fish, Ice and Fire"


def test_what_is_coded_1_is_a_provision_with_the_place_of_its_column(sample):
    agreements, _ = sample
    provisions = agreements["9001"].provisions
    assert [(p.number, p.code.code, p.kind) for p in provisions] == [
        (1, "cease", "ceasefire"),
        (17, "ref", "territory"),
        (27, "return", "displacement"),
        (32, "gender", "gender"),
    ]
    assert {(p.id, p.status, p.as_of, p.level, p.code.scheme) for p in provisions} == {
        ("", "unknown", None, None, "ucdp-peace-agreements")
    }


def test_the_text_of_the_agreement_is_cited_where_its_link_leads_somewhere(sample):
    agreements, rows = sample
    (cite,) = agreements["9001"].cites
    assert needed(rows["9001"], Source)[cite.source] == Source(
        "ucdp-peace-agreement-9001-text",
        "statement",
        "Puffin Coast Accord",
        url="http://example.org/texts/Puffin%20Accord%201.pdf",
    )
    assert agreements["9002"].cites == agreements["9003"].cites == []


def test_a_bad_cell_rejects_its_row_and_no_other():
    agreements, _, rejected = read(SAMPLES / "ucdp-peace-agreements-hostile.csv")
    assert [agreement.title for agreement in agreements.values()] == ["The one that is right"]
    assert [(row.line, row.column, row.value) for row in rejected] == [
        (2, "pa_date", "31/12/1999"),
        (3, "pa_type", "4"),
        (4, "gwno", "3"),
        (5, "cease", "2"),
        (6, "actor_name", "Government of Norway, Government of Sweden"),
        (7, "pa_name", None),
        (9, "ended", "perhaps"),
        (10, "paid", None),
        (11, "actor_name", "Government of Norway, Puffins, Government of Sweden"),
        (12, "duration", "soon"),
    ]


def test_a_name_that_could_be_parted_in_two_ways_is_no_guess(tmp_path):
    with (SAMPLES / "ucdp-peace-agreements-221.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    row = rows[2] | {
        "dyad_name": "Government of Iceland - Front for Fish, Ice and Fire, Puffin Front"
    }
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    _, _, (rejected,) = read(path)
    assert rejected.column == "actor_name"


def test_a_file_without_a_column_is_refused_by_its_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("paid,pa_name,pa_date,gwno,conflict_id,conflict_name,actor_id,actor_name\n")
    with pytest.raises(WrongFile, match="the column `pa_type` is missing"):
        list(READER.read(SourceFile(path)))


def test_it_knows_its_files_by_header_and_their_release_by_name():
    head = SourceFile(SAMPLES / "ucdp-peace-agreements-221.csv").head()
    assert READER.recognises(head)
    assert not READER.recognises(SourceFile(SAMPLES / "pax_made_up_v9.csv").head())
    assert not READER.recognises("id,relid,year\n" + head)
    assert READER.release("ucdp-peace-agreements-221.csv.gz") == "22.1"
    assert READER.release("agreements.csv") is None


def test_rows_in_another_order_give_the_same_records(tmp_path):
    with (SAMPLES / "ucdp-peace-agreements-221.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    path = tmp_path / "shuffled.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([lines[0], *reversed(lines[1:])])
    one, rows, _ = read(SAMPLES / "ucdp-peace-agreements-221.csv")
    other, others, _ = read(path)
    assert one == other
    assert {key: row.needs for key, row in rows.items()} == {
        key: row.needs for key, row in others.items()
    }


@real_file
def test_the_real_file_is_read_whole():
    with gzip.open(REAL, "rt", encoding="utf-8-sig", newline="") as file:
        given = list(csv.DictReader(file))
    agreements, rows, rejected = read(REAL)
    assert rejected == []
    assert len(agreements) == len(given) == 374
    assert Counter(a.date[:4] for a in agreements.values()) == Counter(r["year"] for r in given)
    kinds = {"1": "comprehensive", "2": "partial", "3": "pre-negotiation"}
    assert Counter(a.kind for a in agreements.values()) == Counter(
        kinds[row["pa_type"]] for row in given
    )
    first, last = list(given[0]).index("cease"), list(given[0]).index("co_impl")
    columns = list(given[0])[first : last + 1]
    assert [issue.code for issue in ISSUES] == [name.strip() for name in columns]
    for row in given:
        agreement = agreements[row["paid"]]
        coded = {name.strip() for name in columns if row[name] == "1"}
        assert {provision.code.code for provision in agreement.provisions} == coded
        numbers = {number.strip() for number in row["actor_id"].split(",")}
        assert {party.actor for party in agreement.parties} == {f"ucdp-actor-{n}" for n in numbers}
        assert bool(agreement.cites) == (row["txt"] == "1")
        assert set(agreement.places) <= set(needed(rows[row["paid"]], Place))
        assert {party.actor for party in agreement.parties} <= set(needed(rows[row["paid"]], Actor))


@real_file
def test_the_real_file_names_territories_within_their_countries():
    agreements, rows, _ = read(REAL)
    georgian = [a for a in agreements.values() if "abkhazia" in a.places]
    assert georgian
    assert needed(rows[georgian[0].key], Place)["abkhazia"].within == "georgia"
    places = {place for agreement in agreements.values() for place in agreement.places}
    assert not {"serb", "croat", "government"} & places
    names = {actor.name for row in rows.values() for actor in needed(row, Actor).values()}
    assert "Military Junta for the Consolidation of Democracy, Peace and Justice" in names
    assert not {name for name in names if name.startswith(("Peace and", "Abenina"))}
