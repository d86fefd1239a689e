"""GDELT's event files as records."""

from pathlib import Path

import pytest
from django.conf import settings

from ingest.files import Limits, Rejected, SourceFile, WrongFile
from ingest.readers.base import Row
from ingest.readers.gdelt import COLUMNS, READER, read, recognises, release
from ingest.readers.gdelt_actors import who
from ingest.records import Actor, Code, Event, Place, Publisher, Source

SAMPLES = settings.PROJECT / "tests" / "ingest" / "samples"
SAMPLE = SAMPLES / "gdelt_2.0.tsv"


def rows(path: Path, limits: Limits | None = None) -> list[Row | Rejected]:
    return list(read(SourceFile(path, limits)))


def events(path: Path) -> dict[str | None, Row]:
    found: dict[str | None, Row] = {}
    for row in rows(path):
        assert isinstance(row, Row), row
        assert isinstance(row.record, Event)
        found[row.record.key] = row
    return found


def event(row: Row) -> Event:
    assert isinstance(row.record, Event)
    return row.record


def needs(row: Row, kind: type) -> list[object]:
    return [record for record in row.needs if isinstance(record, kind)]


def cells(number: int = 0) -> dict[str, str]:
    line = SAMPLE.read_text().splitlines()[number]
    return dict(zip(COLUMNS, line.split("\t"), strict=True))


def written(tmp_path: Path, *rows_: dict[str, str]) -> Path:
    path = tmp_path / "20190121220000.export.CSV"
    path.write_text("".join("\t".join(row.values()) + "\n" for row in rows_), encoding="utf-8")
    return path


def test_a_row_is_an_event() -> None:
    row = events(SAMPLE)["900000001"]
    assert row.line == 1
    told = event(row)
    assert (told.id, told.type, told.codes) == ("", "cameo:042", [Code("cameo", "042")])
    assert (told.status, told.certainty) == ("occurred", "reported")
    assert (told.date, told.date_precision) == ("2019-01-21", "day")
    assert told.title == (
        "Finland: government – Sweden: education: Make a visit (Sampletown, Sample Region, Finland)"
    )
    assert [
        (each.actor, each.role, each.name_in_source, each.deaths) for each in told.participants
    ] == [
        ("gdelt-fingov", "initiator", "SAMPLETOWN", None),
        ("gdelt-sweedu", "target", "SCHOOL", None),
    ]
    assert (told.deaths.best, told.displaced.best, told.summary) == (None, None, None)


def test_a_code_keeps_its_leading_zeros() -> None:
    assert event(events(SAMPLE)["900000002"]).type == "cameo:0231"


def test_a_city_lies_in_its_province_and_country() -> None:
    row = events(SAMPLE)["900000001"]
    country, province, city, *_ = needs(row, Place)
    assert isinstance(country, Place)
    assert isinstance(province, Place)
    assert isinstance(city, Place)
    assert (city.kind, city.name, city.within) == ("settlement", "Sampletown", province.id)
    assert (city.latitude, city.longitude) == (61.5, 23.75)
    assert city.codes == [Code("gns", "-700001")]
    assert (province.kind, province.name, province.within) == (
        "province",
        "Sample Region",
        country.id,
    )
    assert province.codes == [Code("fips-adm1", "FI98")]
    # The event's point is the city's, and nobody said where the middle of the province is.
    assert (province.latitude, province.longitude) == (None, None)
    assert (country.id, country.kind) == ("finland", "country")
    told = event(row)
    assert (told.place, told.place_precision) == (city.id, "exact")
    assert told.place_name_in_source == "Sampletown, Sample Region, Finland"
    assert (told.latitude, told.longitude) == (61.5, 23.75)


@pytest.mark.parametrize(
    ("key", "kind", "name", "precision"),
    [
        ("900000002", "district", "Example County", "district"),
        ("900000003", "province", "Ohio", "province"),
        ("900000004", "country", "Finland", "country"),
        ("900000007", "province", "Sample Region", "province"),
        ("900000008", "settlement", "Riverton", "exact"),
    ],
)
def test_what_sort_of_place_it_is(key: str, kind: str, name: str, precision: str) -> None:
    row = events(SAMPLE)[key]
    told = event(row)
    place = next(each for each in row.needs if each.id == told.place)
    assert isinstance(place, Place)
    assert (place.kind, place.name, told.place_precision) == (kind, name, precision)
    assert told.latitude is not None


def test_numbers_of_the_two_gazetteers_are_told_apart() -> None:
    row = events(SAMPLE)["900000002"]
    place = next(each for each in row.needs if each.id == event(row).place)
    assert isinstance(place, Place)
    assert place.codes == [Code("gnis", "700002")]


def test_a_place_is_known_by_its_number(tmp_path: Path) -> None:
    named = {**cells(), "ActionGeo_FullName": "Old Sampletown, Sample Region, Finland"}
    above = {**cells(), "ActionGeo_FeatureID": "700001"}
    proposed = [
        (place.id, place.name)
        for row in rows(written(tmp_path, cells(), named, above, named))
        if isinstance(row, Row)
        for place in row.needs
        if isinstance(place, Place) and place.kind == "settlement"
    ]
    assert proposed == [
        ("gdelt-gns-minus-700001", "Sampletown"),
        ("gdelt-gns-minus-700001", "Old Sampletown"),
        ("gdelt-gns-700001", "Sampletown"),
        ("gdelt-gns-minus-700001", "Old Sampletown"),
    ]


def test_what_is_proposed_again_is_the_same_object(tmp_path: Path) -> None:
    first, second = rows(written(tmp_path, cells(), {**cells(), "GLOBALEVENTID": "1"}))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert len(first.needs) == 9
    assert all(one is other for one, other in zip(first.needs, second.needs, strict=True))


def test_names_with_commas_are_taken_apart() -> None:
    names = [each.name for each in needs(events(SAMPLE)["900000008"], Place)]  # type: ignore[attr-defined]
    assert names == ["Bahamas", "Hill, Town of", "Riverton"]


def test_the_oceans_are_no_country() -> None:
    row = events(SAMPLE)["900000005"]
    told = event(row)
    assert (told.place, told.place_precision, needs(row, Place)) == (None, None, [])
    assert told.place_name_in_source == "Sample Bay, Oceans (general), Oceans"
    assert (told.latitude, told.longitude) == (43, 35)


def test_where_nothing_is_known_nothing_is_made_up() -> None:
    found = events(SAMPLES / "gdelt_1.0.tsv")
    blank = event(found["100000002"])
    assert (blank.latitude, blank.longitude, blank.place) == (None, None, None)
    assert (blank.place_name_in_source, blank.participants, blank.title) == (
        None,
        [],
        "Host a visit",
    )
    # Type 0 is no place, whatever else the row says; its name and point stay with the event.
    named = event(found["100000001"])
    assert (named.place, named.latitude) == (None, 52.5)
    assert named.place_name_in_source == "Sampletown, Sampleland, Poland"
    # A province that is only a code has no name to go by.
    places = needs(found["100000003"], Place)
    assert [each.name for each in places] == ["Poland", "Sampletown"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "name", "kind", "country"),
    [
        ("AZE", "Azerbaijan", "state", "azerbaijan"),
        ("AZEMIL", "Azerbaijan: military", "armed-force", "azerbaijan"),
        ("ARMLEG", "Armenia: legislature", "government-body", "armenia"),
        ("GOV", "Government (country not stated)", "government-body", None),
        ("MILMIL", "Military (country not stated)", "armed-force", None),
        ("GOVMED", "Government, media (country not stated)", "government-body", None),
        ("MNCUSAMED", "United States: multinational corporation, media", "organisation", "usa"),
        ("AFGINSTAL", "Afghanistan, Taliban: insurgents", "armed-group", "afghanistan"),
        ("PSEHMS", "Palestine, Hamas", "armed-group", "palestine"),
        ("IGOUNO", "United Nations", "organisation", None),
        ("IGOEUREEC", "European Union", "organisation", None),
        ("AFR", "Africa", "organisation", None),
        ("MOSSUN", "Muslims, Sunnis", "civilian-group", None),
        ("KURREB", "Kurd: rebels", "armed-group", None),
        ("USAJEW", "United States, Jews", "civilian-group", "usa"),
        ("CHRPRO230", "Christians, Protestants (230)", "civilian-group", None),
        ("QQQ", "QQQ (country not stated)", "organisation", None),
    ],
)
def test_who_a_code_stands_for(code: str, name: str, kind: str, country: str | None) -> None:
    found = who(code)
    actor = found.actor
    assert (actor.name, actor.kind) == (name, kind)
    assert actor.codes == [Code("cameo-actor", code)]
    if country is None:
        assert (actor.country, found.needs) == (None, (actor,))
    else:
        place = found.needs[0]
        assert isinstance(place, Place)
        assert (place.id, actor.country) == (actor.country, place.id)
        assert country in (place.id, (place.iso3 or "").lower())


def test_codes_that_differ_by_case_are_two_actors() -> None:
    row = events(SAMPLE)["900000006"]
    chechens, _, swiss = needs(row, (Actor, Place))  # type: ignore[arg-type]
    assert isinstance(chechens, Actor)
    assert isinstance(swiss, Actor)
    assert (chechens.name, chechens.kind) == ("Chechen", "civilian-group")
    assert (swiss.name, swiss.kind, swiss.country) == ("Switzerland", "state", "switzerland")
    assert chechens.id != swiss.id


def test_an_actor_without_a_code_goes_by_its_name() -> None:
    row = events(SAMPLE)["900000007"]
    first = event(row).participants[0]
    actor = next(each for each in row.needs if each.id == first.actor)
    assert isinstance(actor, Actor)
    assert (actor.name, actor.codes, first.name_in_source) == ("SAMPLE UNION", [], "SAMPLE UNION")


def test_the_report_is_cited() -> None:
    row = events(SAMPLE)["900000001"]
    (cite,) = event(row).cites
    publisher, source = row.needs[:2]
    assert isinstance(publisher, Publisher)
    assert isinstance(source, Source)
    assert (cite.source, source.publisher) == (source.id, publisher.id)
    assert source.url == "https://news.example.org/a/made-up-story-one-12345.html"
    assert source.title == "Made up story one (news.example.org)"
    assert (publisher.name, publisher.url) == ("news.example.org", None)
    # An address without words is its own title; "www." is no part of the publisher.
    publisher, source = events(SAMPLE)["900000003"].needs[:2]
    assert isinstance(source, Source)
    assert (source.title, publisher.id) == ("www.news.example.org/12345", "news-example-org")


def test_a_report_that_is_not_on_the_web_has_no_address() -> None:
    row = events(SAMPLE)["900000006"]
    (source,) = needs(row, Source)
    assert isinstance(source, Source)
    assert (source.title, source.url) == ("Sample Monitor, 21 January 2019", None)
    assert needs(row, Publisher) == []
    without = events(SAMPLE)["900000007"]
    assert (event(without).cites, needs(without, Source)) == ([], [])


def test_layouts_may_be_mixed() -> None:
    found = events(SAMPLES / "gdelt_1.0.tsv")
    assert event(found["900000001"]) == event(events(SAMPLE)["900000001"])
    assert event(found["100000001"]).cites == []


def test_a_header_is_no_row(tmp_path: Path) -> None:
    row = cells()
    path = written(tmp_path, {name: name for name in row}, row)
    assert list(events(path)) == ["900000001"]
    assert events(path)["900000001"].line == 2


def test_bad_rows_are_rejected_one_by_one() -> None:
    got = rows(SAMPLES / "gdelt_hostile.tsv")
    kept = [row.record.key for row in got if isinstance(row, Row)]  # type: ignore[union-attr]
    rejected = [row for row in got if isinstance(row, Rejected)]
    assert kept == ["900000001", "900000099"]
    assert [(row.line, row.column, row.value, row.reason) for row in rejected] == [
        (2, "GLOBALEVENTID", "9e8", "is not a number"),
        (3, "SQLDATE", "20190230", "is a day that does not exist"),
        (4, "SQLDATE", "00000101", "is a day that does not exist"),
        (5, "SQLDATE", "2019-01-21", "is not a day (YYYYMMDD)"),
        (6, "EventCode", "99", "is not an event code of CAMEO"),
        (7, "EventCode", "X", "is not an event code of CAMEO"),
        (8, "ActionGeo_Lat", "95", "is not between -90 and 90"),
        (9, "ActionGeo_Long", "nan", "is not between -180 and 180"),
        (10, "ActionGeo_Lat", "61.5", "has no other half"),
        (11, "ActionGeo_Type", "12", "is not a type of place, 0 to 5"),
        (12, "Actor1Code", "---", "is not an actor code of CAMEO"),
        (13, "SOURCEURL", "https://[broken/story", "is not a web address"),
        (14, None, None, "has 60 cells, where GDELT has 61, 58 or 57"),
    ]


def test_quotes_mean_nothing() -> None:
    told = event(events_of_hostile()["900000099"])
    assert told.participants[0].name_in_source == '"UNPAIRED QUOTE'


def events_of_hostile() -> dict[str | None, Row]:
    got = rows(SAMPLES / "gdelt_hostile.tsv")
    return {event(row).key: row for row in got if isinstance(row, Row)}


def test_a_nul_rejects_its_row(tmp_path: Path) -> None:
    path = written(tmp_path, cells(), {**cells(), "Actor2Name": "NU\0L"})
    good, bad = rows(path)
    assert isinstance(good, Row)
    assert bad == Rejected(2, "holds a NUL character", "Actor2Name", "NU␀L")


def test_an_address_too_long_to_keep_rejects_its_row(tmp_path: Path) -> None:
    address = "https://example.org/" + "a" * 2_000
    (bad,) = rows(written(tmp_path, {**cells(), "SOURCEURL": address}))
    assert bad == Rejected(1, "is longer than 2,000 characters", "SOURCEURL", address)


def test_limits_hold(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="more than 7 rows"):
        rows(SAMPLE, Limits(rows=7))
    assert len(rows(SAMPLE, Limits(rows=8))) == 8
    path = written(tmp_path, {**cells(), "Actor1Name": "A" * 5_000})
    with pytest.raises(WrongFile, match="line 1: a cell is longer than 4,000 characters"):
        rows(path, Limits(cell=4_000))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("id,relid,year\n1,A,2019\n", "its first row has 1 cells between tabs"),
        ("a\tb\tc\n", "its first row has 3 cells between tabs, where GDELT 2.0 has 61"),
        ("\t".join(["x"] * 61) + "\n", "its first columns are not `GLOBALEVENTID` and `SQLDATE`"),
        ("Date\tSource\tTarget\tCAMEOCode\tNumEvents\tNumArts\n", "GDELT's reduced file"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text)
    assert not recognises(text)
    with pytest.raises(WrongFile, match=sentence) as refusal:
        rows(path)
    assert str(refusal.value).count(". ") == 0


def test_its_files_are_recognised() -> None:
    for name in ("gdelt_2.0.tsv", "gdelt_1.0.tsv", "gdelt_hostile.tsv"):
        assert recognises((SAMPLES / name).read_text()), name


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("20190121220000.export.CSV.zip", "20190121220000"),
        ("20190121220000.translation.export.CSV.zip", "20190121220000-translation"),
        ("201303.zip", "201303"),
        ("my-events.tsv", "my-events"),
    ],
)
def test_the_release_is_in_the_file_name(name: str, version: str) -> None:
    assert release(name) == version


def test_a_file_is_an_increment() -> None:
    assert not READER.whole
    assert READER.dataset is not None
    assert READER.dataset.redistributable


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    lines = SAMPLE.read_text().splitlines(keepends=True)
    before = {repr((row.record, row.needs)) for row in rows(SAMPLE) if isinstance(row, Row)}
    path = tmp_path / "shuffled.tsv"
    path.write_text("".join(reversed(lines)))
    after = {repr((row.record, row.needs)) for row in rows(path) if isinstance(row, Row)}
    assert before == after
    assert len(before) == len(lines)
