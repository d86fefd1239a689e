"""The Georeferenced Event Dataset of UCDP: every layout, every code, and no row lost."""

from pathlib import Path

import pytest

from ingest.dates import read_edtf
from ingest.files import Rejected, SourceFile, WrongFile
from ingest.readers.base import Row
from ingest.readers.ucdp_ged import READER
from ingest.records import Actor, Code, Deaths, Event, Participant, Place, Publisher, Source

SAMPLES = Path(__file__).parents[1] / "samples"


def read(path: Path) -> list[Row | Rejected]:
    return list(READER.read(SourceFile(path)))


def read_sample(name: str) -> list[Row]:
    """Return the rows of a sample, all of which have to be read."""
    rows = read(SAMPLES / f"ucdp_ged{name}")
    return [row for row in rows if isinstance(row, Row) or pytest.fail(str(row))]


def events(rows: list[Row]) -> list[Event]:
    return [row.record for row in rows if isinstance(row.record, Event)]


def needed(row: Row) -> dict[str, Place | Actor | Source | Publisher]:
    return {item.id: item for item in row.needs if not isinstance(item, Event)}


@pytest.fixture(scope="module")
def full() -> dict[str, Row]:
    return {str(row.record.key): row for row in read_sample("_49.csv")}


def event(rows: dict[str, Row], key: str) -> Event:
    record = rows[key].record
    assert isinstance(record, Event)
    return record


def path_of(row: Row) -> list[tuple[str, str]]:
    """Return name and kind of the place of an event and of those it lies in, the widest last."""
    records, place, path = needed(row), row.record.place, []
    while place:
        found = records[place]
        assert isinstance(found, Place)
        path.append((found.name, found.kind))
        place = found.within
    return path


def test_an_event_holds_all_that_its_row_says(full: dict[str, Row]) -> None:
    source = next(item for item in full["1"].needs if isinstance(item, Source))
    found = event(full, "1")
    place = needed(full["1"])[str(found.place)]
    title = "Fighting between Government of Norland (Old Norland) and Blue Front"
    assert (found.id, found.key, found.type) == ("", "1", "ucdp:1")
    assert found.title == f"{title}, Sampletown town, Norland"
    assert (found.status, found.certainty) == ("occurred", "confirmed")
    assert (found.date, found.date_precision) == ("2031-03-01", "day")
    assert isinstance(place, Place)
    assert (place.name, place.latitude, place.longitude) == ("Sampletown town", 10.5, 20.25)
    assert (found.place_precision, found.place_name_in_source) == ("exact", "Sampletown (the mill)")
    assert (found.latitude, found.longitude) == (10.5, 20.25)
    assert found.deaths == Deaths(low=8, best=10, high=12, civilians=3, unknown=4)
    assert found.participants == [
        Participant("ucdp-actor-9101", "participant", "Government of Norland (Old Norland)", 1),
        Participant("ucdp-actor-9102", "participant", "Blue Front", 2),
    ]
    assert [cite.source for cite in found.cites] == [source.id]
    assert found.codes == [
        Code("ucdp", "1"),
        Code("ucdp-conflict", "901"),
        Code("ucdp-dyad", "902"),
        Code("priogrid", "144041"),
    ]


@pytest.mark.parametrize("name", ["_42_hxl.csv", "_candidate_without_header.csv", ".geojson"])
def test_every_layout_tells_the_same_events(name: str, full: dict[str, Row]) -> None:
    rows = {str(row.record.key): row for row in read_sample(name)}
    assert list(rows) == list(full)
    if name == "_42_hxl.csv":  # lacks the columns of two fields
        assert event(rows, "1").place_name_in_source == "Sampletown town"
        assert event(rows, "4").certainty == "confirmed"
        fields = ("date", "deaths", "codes", "participants", "cites", "title", "place")
    else:
        fields = tuple(vars(event(rows, "1")))
    for key in full:
        for name in fields:
            assert getattr(event(rows, key), name) == getattr(event(full, key), name), (key, name)


def test_the_cut_of_14_columns_knows_the_country_and_the_first_day() -> None:
    found = events(read_sample("_14.csv"))
    assert [each.type for each in found] == [f"ucdp:{kind}" for kind in "131211"]
    assert [each.date for each in found][:3] == ["2031-03-01", "2031-04-01", "2031-05-01"]
    assert {each.place for each in found} == {"ucdp-country-norland"}
    assert {each.place_precision for each in found} == {"country"}
    assert found[1].deaths == Deaths(low=6, best=5, high=4)
    assert found[1].participants[0].actor == "ucdp-actor-blue-front"


@pytest.mark.parametrize(
    ("key", "date", "precision"),
    [
        ("2", "2031-04-01/2031-04-03", "day"),
        ("3", "[2031-05-01..2031-05-04]", "days"),
        ("5", "[2031-07-07..2031-07-13]", "week"),
        ("4", "[2031-06-01..2031-06-30]", "month"),
        ("6", "[2031-01-01..2031-12-31]", "year"),
        ("7", "2031-03-01", "days"),
    ],
)
def test_dates_are_as_exact_as_the_source_says(
    full: dict[str, Row], key: str, date: str, precision: str
) -> None:
    found = event(full, key)
    assert (found.date, found.date_precision) == (date, precision)
    assert read_edtf(date).start_date


COUNTRY = ("Norland", "country")
PROVINCE = ("Nord Governorate", "province")
DISTRICT = ("Mill district", "district")


@pytest.mark.parametrize(
    ("key", "precision", "path"),
    [
        ("2", "near", [("Sampletown town", "settlement"), DISTRICT, PROVINCE, COUNTRY]),
        ("3", "district", [DISTRICT, PROVINCE, COUNTRY]),
        ("4", "province", [PROVINCE, COUNTRY]),
        ("5", "area", [COUNTRY]),
        ("6", "country", [COUNTRY]),
        ("7", None, []),
        ("8", "district", [DISTRICT, PROVINCE, COUNTRY]),
    ],
)
def test_places_are_as_exact_as_the_source_says(
    full: dict[str, Row], key: str, precision: str, path: list[tuple[str, str]]
) -> None:
    assert event(full, key).place_precision == precision
    assert path_of(full[key]) == path
    assert event(full, key).latitude == 10.5


def test_only_a_named_spot_has_the_coordinates_of_the_row(full: dict[str, Row]) -> None:
    for row in full.values():
        for place in row.needs:
            if isinstance(place, Place) and place.kind != "settlement":
                assert (place.latitude, place.longitude) == (None, None), place


def test_places_go_by_their_names_without_the_words_for_what_they_are(full: dict[str, Row]) -> None:
    names = {
        place.name: [other.name for other in place.names]
        for place in full["1"].needs
        if isinstance(place, Place)
    }
    assert names["Sampletown town"] == ["Sampletown"]
    assert names["Nord Governorate"] == ["Nord"]
    assert names["Mill district"] == ["Mill"]


def test_sides_have_roles_and_kinds(full: dict[str, Row]) -> None:
    roles = [(each.actor, each.role, each.deaths) for each in event(full, "2").participants]
    assert roles == [("ucdp-actor-9102", "initiator", 0), ("ucdp-actor-1", "target", 0)]
    assert event(full, "2").title.startswith("Violence by Blue Front against civilians, near ")
    actors = {
        actor.name: actor
        for row in full.values()
        for actor in row.needs
        if isinstance(actor, Actor)
    }
    assert {name: actor.kind for name, actor in actors.items()} == {
        "Government of Norland (Old Norland)": "state",
        "Blue Front": "armed-group",
        "Civilians": "civilian-group",
        "Supporters of Red Party": "civilian-group",
        "Blue Front, Green Front": "armed-group",
    }
    state = actors["Government of Norland (Old Norland)"]
    assert "Norland" in {name.name for name in state.names}
    assert state.country == "ucdp-country-norland-old-norland"
    assert state.codes == [Code("ucdp-actor", "9101")]


def test_sources_are_told_apart_with_a_semicolon_in_a_headline(full: dict[str, Row]) -> None:
    records = needed(full["3"])
    sources = [records[str(cite.source)] for cite in event(full, "3").cites]
    told = [
        (each.title, str(each.published), records[str(each.publisher)].name)
        for each in sources
        if isinstance(each, Source)
    ]
    assert told == [
        ("Shots heard; none seen", "2031-05-05", "Sampletown Herald"),
        ('Evening "news" bulletin', "None", "Nord Radio"),
    ]
    only = needed(full["4"])[str(event(full, "4").cites[0].source)]
    assert isinstance(only, Source)
    assert (only.title, only.publisher) == ("Herald 1/7 2031; p. 4", None)
    assert event(full, "5").cites == []


def test_what_is_not_clear_is_reported_and_what_is_not_known_is_null(full: dict[str, Row]) -> None:
    assert [event(full, key).certainty for key in "1246"] == [
        *("confirmed", "reported", "reported", "confirmed")
    ]
    assert event(full, "6").deaths == Deaths()
    assert {each.deaths for each in event(full, "6").participants} == {None}
    assert event(full, "6").codes[-1].scheme == "ucdp-dyad"


def test_bad_rows_are_rejected_with_their_column_and_the_others_read() -> None:
    rows = read(SAMPLES / "ucdp_ged_hostile.csv")
    read_keys = [row.record.key for row in rows if isinstance(row, Row)]
    rejected = [(row.line, row.column) for row in rows if isinstance(row, Rejected)]
    assert read_keys == ["1", "19"]
    assert rejected == [
        (3, "id"),
        (4, "type_of_violence"),
        (5, "date_end"),
        (6, "year"),
        (7, "date_start"),
        (8, "date_prec"),
        (9, "best"),
        (10, "low"),
        (11, "high"),
        (12, "latitude"),
        (13, "longitude"),
        (14, "where_prec"),
        (15, "event_clarity"),
        (16, "side_b"),
        (17, "side_b"),
        (18, "conflict_new_id"),
        (19, "date_start"),
        (21, None),
    ]


WITHOUT_BEST = (SAMPLES / "ucdp_ged_49.csv").read_text().replace(",best,", ",bets,", 1)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("id,year\n1,2031\n", "the columns `type_of_violence`, `side_a`"),
        ('{"type": "FeatureCollection", "features": []}', "no GeoJSON with features"),
        ('{"features": [{"properties": {"id": 1}}]}', "the columns `type_of_violence`"),
        ('{"features": [{"properties": {"id": 1', "no whole JSON"),
        ("", "is empty"),
        ("a,a\n1,2\n", "the columns `id`"),
        (WITHOUT_BEST, "is no UCDP GED: the column `best` is missing"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "some.csv"
    path.write_text(content)
    with pytest.raises(WrongFile, match=complaint):
        read(path)


def test_layouts_are_recognised_and_nothing_else() -> None:
    for path in SAMPLES.iterdir():
        if path.is_file():
            mine = path.name.startswith("ucdp_ged")
            assert READER.recognises(SourceFile(path).head()) == mine, path.name


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("GEDEvent_v23_1.csv", "23.1"),
        ("GEDEvent_v24_0_3.csv", "24.0.3"),
        ("ged231-csv.zip", "23.1"),
        ("ged50-csv.zip", "5.0"),
        ("ged211_cut.csv.gz", "21.1"),
        ("ged_syria_201601_201911.csv.gz", None),
        ("conflict_data_ukr_hdx.csv.gz", None),
    ],
)
def test_the_release_is_in_the_name_of_the_file(name: str, version: str | None) -> None:
    assert READER.release is not None
    assert READER.release(name) == version
