"""Reading dossiers: what is accepted, and how a mistake is told."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ingest.dossier import read_dossier, read_event_types
from ingest.fixtures import dossier_rows
from ingest.rows import BadRecord, event_type_rows

SOURCE = settings.PROJECT / "fixtures" / "source"

SMALL = """
dataset: {id: d, name: D, description: x, licence: CC0-1.0, citation: D, redistributable: true, release: "1"}
sources: [{id: s, kind: article, title: T, published: "2020-11-20"}]
passages: {p: {source: s, paragraph: 1, start: 0, end: 4, sha256: "%s"}}
places: [{id: here, name: Here, kind: country, cites: [{passage: p, supports: [name]}]}]
actors: [{id: who, name: Who, kind: person, cites: [{passage: p, supports: [name]}]}]
events:
  - id: it-happens
    title: It happens
    type: PROTEST
    status: occurred
    certainty: confirmed
    date: "2020-11"
    place: here
    place_precision: exact
    participants: [{actor: who, role: initiator}]
    cites: [{passage: p, supports: [title]}]
""" % ("a" * 64)

TYPES = "[{code: PROTEST, label: Protest, quad: 4, definition: Against somebody.}]"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Return a function that writes a dossier and returns its path."""

    def write(text: str) -> Path:
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_authored_file_can_be_read(path: Path) -> None:
    if path.stem == "00-event-types":
        assert list(event_type_rows(read_event_types(path)))
    else:
        assert list(dossier_rows(read_dossier(path), "0" * 64))


def test_the_built_fixtures_are_those_of_the_source() -> None:
    call_command("buildfixtures", "--check", verbosity=0)


def test_a_small_dossier_becomes_rows(write: Any) -> None:
    rows = list(dossier_rows(read_dossier(write(SMALL)), "0" * 64))
    (event,) = [row["fields"] for row in rows if row["model"] == "events.event"]
    assert (str(event["start_date"]), str(event["end_date"])) == ("2020-11-01", "2020-11-30")
    assert (event["date_precision"], event["place"]) == ("month", ["here"])
    assert event["deaths_low"] is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: It", "titel: It", "small.yaml:9: events > it-happens: there is no key “titel”; did you mean “title”?"),
        ("    title: It happens\n", "", "it-happens: the key “title” is missing"),
        ("place: here", "place: heer", "there is no place “heer”; did you mean “here”?"),
        ("{actor: who,", "{actor: whom,", "there is no actor “whom”"),
        ('[{passage: p, supports: [title]}]', '[{passage: q, supports: [title]}]', "there is no passage “q”"),
        ('"2020-11-20"}]', "2020-11-20}]", "“2020-11-20” should be text; write published: \"2020-11-20\""),
        ("title: It happens", "title: 5", "“5” should be text"),
        ("start: 0", "start: true", "“True” should be a whole number"),
        ("supports: [title]", "supports: title", "“title” should be a list"),
        ("sources: [", "sources: [[], ", "“[]” should be a mapping"),
        ("id: it-happens\n", "id: it-happens\n    id: again\n", "stands twice"),
        ("places: [", "places: [{id: here, name: H, kind: country, cites: []}, ", "two places have the id “here”"),
        ("dataset: {", "dataset: {", None),
        ("events:", "events: [", "this is not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_place_and_remedy(
    write: Any, old: str, new: str, message: str | None
) -> None:
    assert old in SMALL
    path = write(SMALL.replace(old, new))
    if message is None:
        read_dossier(path)
        return
    with pytest.raises(BadRecord) as error:
        read_dossier(path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('date: "2020-11"', 'date: "last week"', "it-happens > date: “last week” is no date in EDTF"),
        ('date: "2020-11"', 'date: "2020-11/2020-10"', "ends before it starts"),
        ("[{passage: p, supports: [title]}]", "[{supports: [title]}]", "either a passage or a source"),
        ("kind: country, cites", "kind: country, within: here, cites", "lies inside itself"),
    ],
)  # fmt: skip
def test_a_mistake_found_while_building_is_told_too(
    write: Any, old: str, new: str, message: str
) -> None:
    assert old in SMALL
    with pytest.raises(BadRecord, match=message):
        list(dossier_rows(read_dossier(write(SMALL.replace(old, new))), "0" * 64))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("role: initiator", "role: helper", "small.yaml:16: events > it-happens > participants > 1 > role: “helper” is no role; known are initiator"),
        ("type: PROTEST", "type: PROTEST/demos", "small.yaml:10: events > it-happens > type: there is no event type “PROTEST/demos”; known are PROTEST"),
        ("status: occurred", "status: happened", "small.yaml:11: events > it-happens > status: “happened” is no status; known are occurred"),
        ("title: It happens", 'title: ""', "small.yaml:9: events > it-happens > title: it is empty: .*blank"),
        ("a" * 64, "a" * 63, "small.yaml:4: passages > p > sha256: a SHA-256 is 64 lower-case"),
        ("kind: country", "kind: county", "small.yaml:5: places > here > kind: “county” is no kind; did you mean “country”?"),
        ("kind: country,", "kind: country, latitude: 399.9, longitude: 1,", "small.yaml:5: places > here > latitude: 399.9 is more than 90"),
        ("kind: country,", "kind: country, latitude: 39.9,", "small.yaml:5: places > here.*: .*\\(places_place_point_whole\\)"),
        ("title: It happens", 'title: "  "', "small.yaml:9: events > it-happens > title: it is empty"),
        ("id: it-happens", "id: US_brokered", "small.yaml:8: events > US_brokered > id: An id is made of lower-case letters"),
        ("kind: country,", "kind: country, iso: Nowhere,", "small.yaml:5: places > here > iso: .*places_place_iso2_form"),
        ("role: initiator}]", "role: initiator}, {actor: who, role: initiator}]", "small.yaml:8: events > it-happens: is there twice"),
        ("supports: [title]", "supports: [titel]", "there is no field “titel”; did you mean “title”?"),
    ],
)  # fmt: skip
def test_words_and_forms_are_checked_before_anything_is_written(
    db: None, tmp_path: Path, settings: Any, old: str, new: str, message: str
) -> None:
    folder = tmp_path / "fixtures"
    (folder / "source").mkdir(parents=True)
    (folder / "built").mkdir()
    (folder / "source" / "00-event-types.yaml").write_text(TYPES)
    (folder / "source" / "small.yaml").write_text(SMALL.replace(old, new))
    settings.PROJECT = tmp_path
    with pytest.raises(CommandError, match=message.replace("?", r"\?")):
        call_command("buildfixtures", verbosity=0)
    assert not (folder / "built" / "small.json").exists()


def test_stale_fixtures_are_told(db: None, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "fixtures" / "source").mkdir(parents=True)
    (tmp_path / "fixtures" / "built").mkdir()
    name = "00-event-types.yaml"
    (tmp_path / "fixtures" / "source" / name).write_text(TYPES)
    (tmp_path / "fixtures" / "source" / "small.yaml").write_text(SMALL)
    settings.PROJECT = tmp_path
    with pytest.raises(CommandError, match=r"Out of date: 00-event-types\.json, small\.json"):
        call_command("buildfixtures", "--check")
    call_command("buildfixtures", verbosity=0)
    built = tmp_path / "fixtures" / "built" / "small.json"
    first = built.read_bytes()
    built.unlink()
    call_command("buildfixtures", verbosity=0)
    assert built.read_bytes() == first
    call_command("buildfixtures", "--check", verbosity=0)


def test_loading_the_fixtures_twice_changes_nothing(db: None) -> None:
    from django.apps import apps

    def rows() -> dict[str, int]:
        return {model._meta.label: model.objects.count() for model in apps.get_models()}

    before = rows()
    call_command("loaddata", "00-event-types", "aghdam-2020", verbosity=0)
    assert rows() == before


def test_yaml_cannot_run_code(write: Any) -> None:
    with pytest.raises(BadRecord, match="this is not YAML"):
        read_dossier(write("!!python/object/apply:os.system ['true']"))


def test_a_wrong_match_in_the_vocabulary_is_told(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "fixtures" / "source").mkdir(parents=True)
    code = "{scheme: cameo, code: '14', match: close}"
    text = TYPES.replace("somebody.}", f"somebody., codes: [{code}]}}")
    (tmp_path / "fixtures" / "source" / "00-event-types.yaml").write_text(text)
    settings.PROJECT = tmp_path
    with pytest.raises(CommandError, match=r"events\.eventtypecode > protest: match: .*close"):
        call_command("buildfixtures")
