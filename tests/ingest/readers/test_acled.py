"""ACLED: exports in the layouts it has had. All rows are made up."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actors.choices import ActorKind
from events.choices import Certainty, EventStatus, PlacePrecision, Role
from ingest.dates import read_edtf
from ingest.files import Rejected, SourceFile, WrongFile
from ingest.readers.acled import READER
from ingest.readers.base import Row
from ingest.records import Actor, Code, Event, Name, Place, Source
from places.choices import PlaceKind
from sources.choices import DocumentKind

SAMPLES = Path(__file__).parents[1] / "samples"
SAMPLE = SAMPLES / "acled.csv"


def read(path: Path) -> list[Row | Rejected]:
    return list(READER.read(SourceFile(path)))


def table(path: Path = SAMPLE) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def change(path: Path, **cells: str) -> Row | Rejected:
    """Return what is read of the first row of the sample with some cells changed."""
    header, first, *_ = table()
    row = [cells.get(name, cell) for name, cell in zip(header, first, strict=True)]
    (found,) = read(write(path / "changed.csv", [header, row]))
    return found


def event_of(row: Row | Rejected) -> Event:
    assert isinstance(row, Row), row
    assert isinstance(row.record, Event)
    return row.record


def events(path: Path = SAMPLE) -> dict[str, Event]:
    found = {}
    for row in read(path):
        event = event_of(row)
        assert event.key
        found[event.key] = event
    return found


def needs(kind: type[Any], path: Path = SAMPLE) -> dict[str, Any]:
    records: list[Any] = [need for row in read(path) if isinstance(row, Row) for need in row.needs]
    return {record.id: record for record in records if isinstance(record, kind)}


def test_a_battle_has_two_sides_that_take_part() -> None:
    event = events()["ZZZ1"]
    assert event.title == (
        "Armed clash: Military Forces of Beland and BFF: Beland Freedom Front, Sampletown, Beland"
    )
    assert (event.id, event.type) == ("", "acled:Battles/Armed clash")
    assert (event.status, event.certainty, event.date) == ("occurred", "confirmed", "2020-11-05")
    assert (event.place_precision, event.place_name_in_source) == ("exact", "Sampletown")
    assert (event.latitude, event.longitude) == (10.1234, 20.5678)
    assert (event.deaths.low, event.deaths.best, event.deaths.high) == (None, 2, None)
    assert event.summary == "A made-up clash."
    assert [(one.name_in_source, one.role) for one in event.participants] == [
        ("Military Forces of Beland (2000-)", "participant"),
        ("BFF: Beland Freedom Front", "participant"),
    ]


@pytest.mark.parametrize(
    ("key", "roles"),
    [
        ("ZZZ2", ["initiator", "target", "participant", "participant"]),
        ("ZZZ3", ["target", "initiator"]),
        ("ZZZ4", ["initiator", "participant", "participant"]),
        ("ZZZ5", ["participant"]),
        ("ZZZ6", ["initiator"]),
    ],
)
def test_roles_follow_from_who_the_actors_are(key: str, roles: list[str]) -> None:
    assert [one.role for one in events()[key].participants] == roles


def test_remote_violence_between_armed_groups_has_no_direction(tmp_path: Path) -> None:
    row = change(tmp_path, event_type="Explosions/Remote violence", sub_event_type="Grenade")
    assert {one.role for one in event_of(row).participants} == {"participant"}


def test_numbers_and_words_for_the_type_of_an_actor_mean_the_same(tmp_path: Path) -> None:
    words = change(tmp_path, inter1="State forces", inter2="Rebel group", interaction="State–Rebel")
    assert event_of(words) == event_of(change(tmp_path))


def test_codes_beside_the_type_are_kept() -> None:
    assert events()["ZZZ2"].codes == [
        Code("acled", "Violence against civilians/Attack"),
        Code("acled-interaction", "27"),
        Code("acled-civilian-targeting", "Civilians targeted"),
        Code("acled-tag", "women targeted: farmers"),
        Code("acled-tag", "made up=yes"),
    ]
    assert Code("acled-interaction", "80") in events()["ZZZ5"].codes


def test_both_spellings_of_protesters_are_one_code() -> None:
    assert events()["ZZZ4"].type == "acled:Protests/Excessive force against protesters"


@pytest.mark.parametrize(
    ("key", "edtf", "start", "end", "precision"),
    [
        ("ZZZ1", "2020-11-05", "2020-11-05", "2020-11-05", "day"),
        ("ZZZ2", "[2020-11-16..2020-11-22]", "2020-11-16", "2020-11-22", "week"),
        ("ZZZ3", "2020-11", "2020-11-01", "2020-11-30", "month"),
    ],
)
def test_a_date_is_as_wide_as_it_is_known(
    key: str, edtf: str, start: str, end: str, precision: str
) -> None:
    date = events()[key].date
    assert date == edtf
    interval = read_edtf(date)
    assert (str(interval.start_date), str(interval.end_date)) == (start, end)
    assert interval.date_precision == precision


@pytest.mark.parametrize("precision", ["1", "2", "3"])
@pytest.mark.parametrize("day", ["2020-11-01", "2020-11-30", "2021-01-01", "2020-02-29"])
def test_a_date_contains_the_day_that_is_given(tmp_path: Path, day: str, precision: str) -> None:
    row = change(tmp_path, event_date=day, year=day[:4], time_precision=precision)
    interval = read_edtf(event_of(row).date or "")
    assert str(interval.start_date) <= day <= str(interval.end_date)


def test_no_deaths_reported_is_told_from_no_figure() -> None:
    none, unknown = events()["ZZZ2"].deaths, events()["ZZZ3"].deaths
    assert (none.best, unknown.best) == (0, None)
    assert none.note
    assert unknown.note is None


def test_places_lie_in_each_other_and_only_the_location_has_a_point() -> None:
    places = needs(Place)
    event = events()["ZZZ1"]
    assert event.place
    path = [places[event.place]]
    while within := path[-1].within:
        path.append(places[within])
    assert [(place.kind, place.name) for place in path] == [
        ("settlement", "Sampletown"),
        ("district", "Mid"),
        ("province", "North"),
        ("country", "Beland"),
    ]
    assert [place.latitude for place in path] == [10.1234, None, None, None]


@pytest.mark.parametrize(
    ("cells", "kind", "precision"),
    [
        ({"geo_precision": "2"}, "settlement", "near"),
        ({"geo_precision": "3"}, "province", "area"),
        ({"geo_precision": "3", "admin1": ""}, "country", "country"),
        ({"location": ""}, "district", "district"),
        ({"admin2": ""}, "settlement", "exact"),
        ({"location": "", "admin1": "", "admin2": ""}, "country", "country"),
    ],
)
def test_the_place_is_no_finer_than_it_is_known(
    tmp_path: Path, cells: dict[str, str], kind: str, precision: str
) -> None:
    row = change(tmp_path, **cells)
    event = event_of(row)
    assert isinstance(row, Row)
    (place,) = (need for need in row.needs if isinstance(need, Place) and need.id == event.place)
    assert (place.kind, event.place_precision) == (kind, precision)


@pytest.mark.parametrize(
    "cells",
    [{"iso": "51"}, {"iso": "051"}, {"iso": "", "country": "Armenia"}],
)
def test_a_country_is_known_by_number_or_name(tmp_path: Path, cells: dict[str, str]) -> None:
    row = change(tmp_path, **cells)
    assert isinstance(row, Row)
    assert "armenia" in [need.id for need in row.needs if isinstance(need, Place)]


def test_actors_are_of_the_sort_that_their_name_or_type_tells() -> None:
    kinds = {actor.name: actor.kind for actor in needs(Actor).values()}
    assert kinds == {
        "Military Forces of Beland (2000-)": "armed-force",
        "Military Forces of Azerbaijan (1993-) Made-up Unit": "armed-force",
        "Police Forces of Beland (2000-)": "government-body",
        "BFF: Beland Freedom Front": "armed-group",
        "Watch of the North": "armed-group",
        "Beland Bakers Union": "organisation",
        "Civilians (Armenia)": "civilian-group",
        "Women (Armenia)": "civilian-group",
        "Farmers (Armenia)": "civilian-group",
        "Protesters (Beland)": "civilian-group",
        "Rioters (Beland)": "civilian-group",
    }


def test_actors_go_by_their_names_without_years_and_short_names() -> None:
    actors = {actor.name: actor for actor in needs(Actor).values()}
    army = actors["Military Forces of Azerbaijan (1993-) Made-up Unit"]
    assert army.id == "acled-military-forces-of-azerbaijan-1993-made-up-unit"
    assert army.names == [Name("Military Forces of Azerbaijan Made-up Unit")]
    assert army.country == "azerbaijan"
    front = actors["BFF: Beland Freedom Front"]
    assert front.names == [Name("BFF"), Name("Beland Freedom Front")]
    assert actors["Civilians (Armenia)"].country == "armenia"


def test_an_actor_takes_part_once_in_each_role() -> None:
    for event in events().values():
        pairs = [(one.actor, one.role) for one in event.participants]
        assert len(set(pairs)) == len(pairs)
    assert len(events()["ZZZ7"].participants) == 2


def test_sources_are_publications_as_a_whole() -> None:
    assert {(source.kind, source.title) for source in needs(Source).values()} == {
        ("publication", "Sample Times"),
        ("publication", "Example News"),
    }
    assert len(events()["ZZZ1"].cites) == 2
    assert events()["ZZZ5"].cites == []


def test_the_older_layout_with_tags_under_its_header_is_read() -> None:
    rows = read(SAMPLES / "acled_hdx.csv")
    (event,) = [event_of(row) for row in rows]
    assert (event.key, event.date, event.deaths.best) == ("ZZZ1", "2020-11-05", None)
    assert "armenia" in needs(Place, SAMPLES / "acled_hdx.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("form", ["plain", "bom", "capitals", "population", "mixed"])
def test_every_form_of_an_export_reads_the_same(tmp_path: Path, delimiter: str, form: str) -> None:
    rows = table()
    if form == "capitals":
        rows[0] = [name.upper() for name in rows[0]]
    if form == "population":
        rows = [[*row, "population_best" if n == 0 else "5000"] for n, row in enumerate(rows)]
    if form == "mixed":
        rows = [row[::-1] for row in rows]
    path = write(tmp_path / "export.csv", rows, delimiter)
    if form == "bom":
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert READER.recognises(SourceFile(path).head())
    assert events(path) == events()


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    header, *rows = table()
    path = write(tmp_path / "reversed.csv", [header, *rows[::-1]])
    assert events(path) == events()
    for kind in (Place, Actor, Source):
        assert needs(kind, path) == needs(kind)


def test_the_same_actor_or_place_is_the_same_object() -> None:
    first, *_, last = read(SAMPLE)
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    again = {id(need) for need in first.needs} & {id(need) for need in last.needs}
    assert len(again) == 7


def test_every_row_is_read_or_rejected() -> None:
    rows = read(SAMPLES / "acled_hostile.csv")
    assert len(rows) == len(table(SAMPLES / "acled_hostile.csv")) - 1
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert [(row.column, row.value) for row in rejected] == [
        ("event_id_cnty", None),
        ("event_date", "0025-11-05"),
        ("event_date", "05/11/2020"),
        ("event_date", "31 Nonember 2020"),
        ("event_date", "2020-02-30"),
        ("year", "2019"),
        ("time_precision", "4"),
        ("event_type", None),
        ("country", None),
        ("geo_precision", "0"),
        ("latitude", "91"),
        ("longitude", None),
        ("inter1", "Wizards"),
        ("fatalities", "a few"),
        ("fatalities", "-1"),
        (None, None),
    ]
    assert [row.line for row in rejected] == list(range(2, 18))


@pytest.mark.parametrize("missing", ["event_id_cnty", "geo_precision"])
def test_a_file_without_a_column_is_refused(tmp_path: Path, missing: str) -> None:
    rows = table()
    gone = rows[0].index(missing)
    path = write(tmp_path / "cut.csv", [row[:gone] + row[gone + 1 :] for row in rows])
    assert not READER.recognises(SourceFile(path).head())
    with pytest.raises(
        WrongFile, match=f"^cut.csv is no export of ACLED: .*`{missing}` is missing"
    ):
        read(path)


@pytest.mark.parametrize("text", ["", "\n", "{}", "id,year,side_a\n1,2020,x\n"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.csv").write_text(text, encoding="utf-8")
    assert not READER.recognises(text)
    with pytest.raises(WrongFile, match=r"other\.csv is no export of ACLED"):
        read(tmp_path / "other.csv")


def test_words_are_those_of_our_vocabularies() -> None:
    for event in events().values():
        assert event.status in EventStatus
        assert event.certainty in Certainty
        assert event.place_precision in PlacePrecision
        assert all(one.role in Role for one in event.participants)
    assert all(place.kind in PlaceKind for place in needs(Place).values())
    assert all(actor.kind in ActorKind for actor in needs(Actor).values())
    assert all(source.kind in DocumentKind for source in needs(Source).values())


def test_its_terms_are_known() -> None:
    assert READER.dataset
    assert not READER.dataset.redistributable
    assert not READER.whole
