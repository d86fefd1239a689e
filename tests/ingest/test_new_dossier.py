"""A dossier of one's own: from the blank to what is served, and what is told of each mistake on the way."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from ingest.dossier import read_event_types

WHO = {
    "title": 'Dockers: "no" to the # port',
    "publisher": "The Coast Courier",
    "published": "2031-05-04",
    "url": "https://courier.example/dockers",
}
# What has to be filled in of the blank: what stands there before, and after.
FILLED = [
    ("- id:                       # such as old-harbour", "- id: old-harbour"),
    ("name:                     # such as Old Harbour", "name: Old Harbour"),
    ("- id:                       # such as harbour-workers\n    name:", "- id: workers\n    name: Harbour workers"),
    ("- id:                       # such as strike-in-old-harbour\n    title:", "- id: strike\n    title: Strike in Old Harbour"),
    ("    type:\n", "    type: PROTEST/strike\n"),
    ("    date:\n", '    date: "2031-05-04"\n'),
    ("    place:   ", "    place: old-harbour   "),
    ("{actor: ,", "{actor: workers,"),
]  # fmt: skip

# Where a citation points that says no place.
NOWHERE = dict.fromkeys(["paragraph", "start", "end", "sha256", "record"])


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    call_command("new_dossier", "harbour-strike", output=path, verbosity=0, **WHO)
    return path


@pytest.fixture
def filled(blank: Path) -> Path:
    text = blank.read_text(encoding="utf-8")
    for empty, full in FILLED:
        assert text.count(empty) == 1, empty
        text = text.replace(empty, full)
    blank.write_text(text, encoding="utf-8")
    return blank


def test_a_blank_that_is_filled_in_is_served(world: Any, filled: Path) -> None:
    done = world.load("dossier", filled)
    assert (done.published, done.rejected) == (5, 0)
    event = world.get("events/strike")
    assert event["type"]["code"] == "PROTEST/strike"
    assert (event["date"]["start"], event["place"]["name"]) == ("2031-05-04", "Old Harbour")
    assert event["participants"][0]["actor"]["name"] == "Harbour workers"
    (cite,) = event["sources"]
    assert cite["source"]["title"] == WHO["title"]
    assert cite["locator"] == NOWHERE | {"paragraph": 1}
    source = world.get("sources/harbour-strike-article")
    assert source["publisher"]["name"] == WHO["publisher"]
    assert (source["published"], source["link"]) == (WHO["published"], WHO["url"])
    dataset = world.get("datasets/harbour-strike")
    assert (dataset["licence"], dataset["name"]) == ("CC-BY-4.0", WHO["title"])


@pytest.mark.parametrize(
    ("locator", "served"),
    [
        ("Paragraph 12", {"paragraph": 12}),
        ("paragraph 0", {"record": "paragraph 0"}),
        ("paragraph 1, the headline", {"record": "paragraph 1, the headline"}),
        ("paragraph 12345678901", {"record": "paragraph 12345678901"}),
        ("row 1", {"record": "row 1"}),
    ],
)
def test_a_locator_names_a_paragraph_or_is_a_text(
    world: Any, filled: Path, locator: str, served: dict[str, Any]
) -> None:
    text = filled.read_text(encoding="utf-8")
    filled.write_text(text.replace('"paragraph 1"', f'"{locator}"'), encoding="utf-8")
    world.load("dossier", filled)
    for path in ("events/strike", "places/old-harbour", "actors/workers"):
        (cite,) = world.get(path)["sources"]
        assert cite["locator"] == NOWHERE | served


def test_a_paragraph_is_shown_as_one(world: Any, filled: Path) -> None:
    world.load("dossier", filled)
    page = Client().get("/events/strike").content.decode()
    assert "<span>Paragraph 1</span>" in page
    assert "Record paragraph" not in page


def test_the_blank_says_which_places_are_empty(shared: Any, blank: Path) -> None:
    lines = blank.read_text(encoding="utf-8").splitlines()
    with pytest.raises(CommandError) as refused:
        shared.load("dossier", blank)
    first, *told = str(refused.value).splitlines()
    assert first == "9 mistakes in own.yaml:"
    # Where an event was need not be known; how exactly it is known says that it is.
    (of_place,) = [line for line in told if "events > 1 > place_precision: A place needs" in line]
    told.remove(of_place)
    for line in told:
        number, key = re.match(r"own\.yaml:(\d+): .* > (\w+): nothing is written here; write text", line).groups()  # type: ignore[union-attr] # fmt: skip
        assert f"{key}:" in lines[int(number) - 1]


def test_the_blank_names_the_words_that_there_are(blank: Path) -> None:
    text = blank.read_text(encoding="utf-8")
    vocabulary = settings.PROJECT / "fixtures" / "source" / "00-event-types.yaml"
    for code in [type_.code for type_ in read_event_types(vocabulary)]:
        assert code in text
    for word in ("expected", "alleged", "guarantor", "district", "civilian-group"):
        assert word in text


def test_nothing_is_written_over(blank: Path) -> None:
    before = blank.read_bytes()
    with pytest.raises(CommandError, match="is there already, and stays as it is"):
        call_command("new_dossier", "other", output=blank, **WHO)
    assert blank.read_bytes() == before


def test_a_blank_lies_beside_the_other_dossiers(tmp_path: Path, monkeypatch: Any) -> None:
    from ingest.management.commands import new_dossier

    assert new_dossier.SOURCE == settings.PROJECT / "fixtures" / "source"
    (tmp_path / "00-event-types.yaml").write_bytes(
        (new_dossier.SOURCE / "00-event-types.yaml").read_bytes()
    )
    monkeypatch.setattr(new_dossier, "SOURCE", tmp_path)
    call_command("new_dossier", "here", verbosity=0, **WHO)
    assert (tmp_path / "here.yaml").read_text(encoding="utf-8").count("here-article") > 3


@pytest.mark.parametrize(
    ("id_", "given", "said"),
    [
        ("My Article", {}, "“My Article” is no id: .* try my-article"),
        ("a" * 101, {}, "is no id"),
        ("x", {"published": "4 May"}, "“4 May” is no day; write --published 2031-05-04"),
        ("x", {"url": "courier.example"}, "is no address; it begins with https://"),
        ("x", {"title": " "}, "--title is empty"),
        ("x", {"text": Path("/nowhere/at-all.txt")}, "at-all.txt cannot be read"),
        ("x", {"output": Path("/nowhere/x.yaml")}, "x.yaml cannot be written"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_written(
    tmp_path: Path, id_: str, given: dict[str, Any], said: str
) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(CommandError, match=said):
        call_command("new_dossier", id_, **{"output": path, **WHO, **given})
    assert not path.exists()


# What newcomers do to the dossier above: what they write in the place of what, and what is told of it.
MISTAKES = {
    "a tab": ("    title: Strike", "\ttitle: Strike", r"\d+: this is not YAML: .*; indent with blanks, not tabs"),
    "a colon": ("title: Strike in", "title: Strike: in", r"\d+: this is not YAML: .*has to stand in quotes"),
    "an open quote": ('date: "2031-05-04"', 'date: "2031-05-04', r"\d+: this is not YAML: a quotation mark is opened on this line"),
    "a quote to the end": ("title: Strike in", 'title: "Strike in', r"\d+: this is not YAML: a quotation mark is opened on this line"),
    "an indentation": ("    title: Strike", "     title: Strike", r"\d+: this is not YAML: .*; "),
    "a line that begins before": ("    title: Strike", "   title: Strike", r"\d+: this is not YAML: .*; this line begins"),
    "an odd beginning": ("title: Strike", "title: @Strike", r"\d+: this is not YAML: .*; text that begins so"),
    "an asterisk": ("title: Strike", "title: *Strike", r"\d+: this is not YAML: .*; text that begins with \*"),
    "a bracket": ("participants:", "participants: [", r"\d+: this is not YAML: "),
    "an unknown key": ("    title: Strike", "    titel: Strike", "events > strike: there is no key “titel”; did you mean “title”?"),
    "no key at all": ("    title: Strike in Old Harbour\n", "", "events > strike: the key “title” is missing; write text"),
    "an empty place": ("type: PROTEST/strike", "type:", "events > strike > type: nothing is written here; write text"),
    "an unknown type": ("type: PROTEST/strike", "type: PROTEST/walkout", "events > strike > type: there is no event type “PROTEST/walkout”"),
    "a type in words": ("type: PROTEST/strike", "type: Strike", "events > strike > type: there is no event type “Strike”"),
    "an unknown place": ("place: old-harbour ", "place: Old_Harbor ", "events > strike > place: there is no place “Old_Harbor”; did you mean “old-harbour”?"),
    "a name for an id": ("{actor: workers,", "{actor: Stevedores,", "events > strike > participants > 1 > actor: there is no actor “Stevedores”; known are workers"),
    "an unknown source": ("{source: harbour-strike-article, locator: \"paragraph 1\", supports: [title", "{source: courier, supports: [title", "events > strike > cites > 1 > source: there is no source “courier”; known are harbour-strike-article"),
    "no source": ("{source: harbour-strike-article, locator: \"paragraph 1\", supports: [title", "{supports: [title", "events > strike > cites > 1: a cite names either a passage or a source"),
    "no cites": ("passages: {}", "passages: none", "passages: “none” should be a mapping"),
    "an unknown field": ("supports: [title,", "supports: [headline,", "events > strike > cites > 1: there is no field “headline”"),
    "a day in words": ('"2031-05-04"\n    place', '"4 May 2031"\n    place', "events > strike > date: “4 May 2031” is no date in EDTF; write 2020-11-20"),
    "a day without quotes": ('date: "2031-05-04"', "date: 2031-05-04", "events > strike > date: “2031-05-04” should be text; write date: \"2031-05-04\""),
    "no day of any calendar": ('date: "2031-05-04"', "date: 2031-02-30", "events > strike > date: this is not YAML: “2031-02-30”: day is out of range for month; put it in quotes"),
    "the end before the start": ('date: "2031-05-04"', 'date: "2031-05-04/2031-05-01"', "events > strike > date: “2031-05-04/2031-05-01” ends before it starts"),
    "a published day": ('published: "2031-05-04"', 'published: "May 2031"', "sources > harbour-strike-article > published: “May 2031” is no day; write \"2020-11-20\", in quotes"),
    "an unknown status": ("status: occurred", "status: happened", "events > strike > status: “happened” is no status; known are occurred, ongoing, expected, failed"),
    "an unknown certainty": ("certainty: confirmed", "certainty: sure", "events > strike > certainty: “sure” is no certainty; known are confirmed, reported, alleged"),
    "an unknown role": ("role: initiator", "role: leader", "events > strike > participants > 1 > role: “leader” is no role; known are initiator"),
    "an unknown kind": ("kind: settlement", "kind: town", "places > old-harbour > kind: “town” is no kind; known are country"),
    "a number in words": ("low: null", "low: five", "events > strike > deaths > low: “five” should be a whole number"),
    "half a point": ("latitude:   ", "latitude: 1.5 #", "places > old-harbour > latitude: A point needs both latitude and longitude; fill in the other one, too, or empty both"),
    "a point off the globe": ("latitude:                 # degrees, both or none\n    longitude:", "latitude: 95.0\n    longitude: 3", "places > old-harbour > latitude: 95.0 is more than 90$"),
    "a published day without quotes": ('published: "2031-05-04"', "published: 2031-05-04", "sources > harbour-strike-article > published: “2031-05-04” should be text; write published: \"2031-05-04\""),
    "no paragraph": ("passages: {}", "passages: {p: {source: harbour-strike-article, paragraph: 0, start: 0, end: 1, sha256: " + "0" * 64 + "}}", "passages > p > paragraph: 0 is no paragraph; the first one is 1"),
    "fewer than none": ("low: null", "low: -2", "events > strike > deaths > low: -2 is less than 0"),
    "an id with capitals": ("- id: strike", "- id: Strike_1", "events > Strike_1 > id: An id is made of lower-case letters and digits"),
    "an id twice": ("places:\n", "places:\n  - {id: old-harbour, name: H, kind: site, cites: []}\n", "two places have the id “old-harbour”"),
    "a key twice": ("    status: occurred", "    status: occurred\n    status: failed", "events > strike: key “status” stands twice"),
    "a place in itself": ("within:", "within: old-harbour", "places > old-harbour: lies inside itself"),
    "an address": ('"https://courier.example/dockers"', '"ftp//x"', "sources > harbour-strike-article > url: "),
    "one record for a list": ("cites:\n      - {source: harbour-strike-article, locator: \"paragraph 1\", supports: [title", "cites: {source: harbour-strike-article, supports: [title", "events > strike > cites: this mapping should be a list"),
    "an empty licence": ('licence: "CC-BY-4.0"', 'licence: ""', "dataset > licence: it is empty"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_file_and_line(
    shared: Any, filled: Path, before: str, after: str, said: str
) -> None:
    text = filled.read_text(encoding="utf-8")
    assert text.count(before) == 1
    filled.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        shared.load("dossier", filled)
    told = str(refused.value)
    pattern = said if said.startswith(r"\d") else rf"\d+: {said}".replace("?", r"\?")
    found = re.search(rf"^own\.yaml:{pattern}", told, re.MULTILINE)
    assert found, told
    line = int(found[0].split(":")[1])
    at = text[: text.index(before)].count("\n") + 1
    # A key that is missing is told at the beginning of its record, what is no YAML where it stops to be.
    assert at - 4 <= line <= at + 4, told


def test_all_mistakes_are_told_at_once(shared: Any, filled: Path) -> None:
    text = filled.read_text(encoding="utf-8")
    for before, after in [
        ("status: occurred", "status: happened"),
        ("    title: Strike", "    titel: Strike"),
        ("place: old-harbour ", "place: harbour-old "),
        ("kind: settlement", "kind: town"),
        ('date: "2031-05-04"', 'date: "May"'),
    ]:
        text = text.replace(before, after)
    filled.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        shared.load("dossier", filled)
    first, *told = str(refused.value).splitlines()
    # The key that is unknown, and the one that is missing therefore.
    assert (first, len(told)) == ("6 mistakes in own.yaml:", 6)
    numbers = [int(line.split(":")[1]) for line in told]
    assert numbers == sorted(numbers)


def test_no_mistake_hides_another(shared: Any, filled: Path) -> None:
    told = _told(
        shared,
        filled,
        ("latitude:                 # degrees, both or none", "latitude: 95.0"),
        ("    longitude:\n", "    longitude: 200\n"),
        ("role: initiator", "role: striker"),
        ('date: "2031-05-04"', "date: 2031-05-04"),
        ("low: null, best: null", "low: -2, best: 3"),
        ("kind: civilian-group", 'kind: civilian-group\n    description: " "'),
        ('licence: "CC-BY-4.0"', 'licence: ""'),
    )
    assert [key for key, _ in told] == [
        "dataset > licence",
        "places > old-harbour > latitude",
        "places > old-harbour > longitude",
        "actors > workers > description",
        "events > strike > date",
        "events > strike > participants > 1 > role",
        "events > strike > deaths > low",
    ]
    what = dict(told)
    assert what["places > old-harbour > latitude"] == "95.0 is more than 90"
    assert what["places > old-harbour > longitude"] == "200.0 is more than 180"
    assert what["events > strike > date"] == '“2031-05-04” should be text; write date: "2031-05-04"'
    assert what["events > strike > deaths > low"] == "-2 is less than 0"


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        # A half of a point that cannot be read is none that is missing.
        ([("latitude:   ", "latitude: north #"), ("longitude:\n", "longitude: 3\n")], ["latitude"]),
        ([("latitude:   ", "latitud: 1.5 #"), ("longitude:\n", "longitude: 3\n")], [""]),
        ([("latitude:   ", "latitude: 95 #")], ["latitude", "latitude"]),
        # What a passage or place that is not there would have to be is not asked.
        ([("within:", "within: nowhere"), ("latitude:   ", "latitude: 95 #"), ("longitude:\n", "longitude: 3\n")], ["latitude", "within"]),
        ([("{source: harbour-strike-article, locator: \"paragraph 1\", supports: [name]}\n\n# Who", "{passage: p, supports: [name]}\n\n# Who"), ("longitude:\n", "longitude: 300\n"), ("latitude:   ", "latitude: 1 #")], ["longitude", "cites > 1 > passage"]),
        # An empty name, or no list, is told once, and not by what is made of it.
        ([("name: Old Harbour", 'name: ""')], ["name"]),
        ([("supports: [name]}\n\n# Who", "supports: name}\n\n# Who")], ["cites > 1 > supports"]),
        ([("supports: [name]}\n\n# Who", "supports: [5]}\n\n# Who")], ["cites > 1 > supports > 1"]),
        ([(", supports: [name]}\n\n# Who", "}\n\n# Who")], ["cites > 1"]),
        # Two of one id are not also two of one name.
        ([("places:\n", "places:\n  - {id: old-harbour, name: Old Harbour, kind: site, latitude: 99.0, longitude: 1, cites: []}\n")], ["latitude", None]),
        ([("- id: old-harbour", "- id:"), ("    place: old-harbour", "    place: #"), ("latitude:   ", "latitude: 95 #"), ("longitude:\n", "longitude: 3\n")], ["places > 1 > id", "places > 1 > latitude", "events > strike > place_precision"]),
    ],
)  # fmt: skip
def test_what_follows_from_a_mistake_is_not_told(
    shared: Any, filled: Path, changes: list[tuple[str, str]], keys: list[str | None]
) -> None:
    told = [key for key, _ in _told(shared, filled, *changes)]
    within = "places > old-harbour"
    assert sorted(told) == sorted(
        "" if key is None else key if " > " in key and key[0] in "pe" else f"{within} > {key}".removesuffix(" > ")
        for key in keys
    )  # fmt: skip


def _told(world: Any, path: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Return what is told of a dossier that is changed: of which key, and what."""
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        world.load("dossier", path, dry_run=True)
    lines = [line for line in str(refused.value).splitlines() if line.startswith("own.yaml:")]
    found = [line.split(":", 2)[2].strip() for line in lines]
    return [
        (key, what) if " > " in key and what else ("", line)
        for line in found
        for key, _, what in [line.partition(": ")]
    ]


def test_types_that_are_not_there_yet_are_told(empty: Any, filled: Path) -> None:
    empty.sql("DELETE FROM events_eventtypecode")
    empty.sql("DELETE FROM events_eventtype")
    with pytest.raises(
        CommandError, match=r"there are no event types here yet; start the service once"
    ):
        empty.load("dossier", filled)


def test_an_id_of_somebody_elses_record_is_told(shared: Any, filled: Path) -> None:
    text = filled.read_text(encoding="utf-8")
    filled.write_text(text.replace("id: strike\n", "id: celebrations-in-baku\n"), encoding="utf-8")
    said = "“celebrations-in-baku” is a record of aghdam-2020 already; choose another id"
    with pytest.raises(
        CommandError, match=rf"own\.yaml:\d+: events > celebrations-in-baku > id: {said}"
    ):
        shared.load("dossier", filled)


def test_what_is_proposed_instead_of_a_wrong_file_begins_a_sentence(shared: Any) -> None:
    sample = Path(__file__).parent / "samples" / "acled.csv"
    with pytest.raises(CommandError, match=r"begin in one column\. It looks like .*ingest acled "):
        shared.load("dossier", sample)


def test_the_text_of_an_article_proves_what_is_cited(world: Any, tmp_path: Path) -> None:
    article, path = tmp_path / "article.txt", tmp_path / "own.yaml"
    article.write_text("Strike\n\nNobody works in the old harbour.\n", encoding="utf-8")
    call_command("new_dossier", "s", output=path, text=article, verbosity=0, **WHO)
    text = path.read_text(encoding="utf-8")
    for empty, full in FILLED:
        text = text.replace(empty, full)
    found = io.StringIO()
    call_command("verify_citations", "s-article", article, find="Nobody works", stdout=found)
    passage = found.getvalue().strip().replace("{", "{source: s-article, ")
    before = '{source: s-article, locator: "paragraph 1", supports: [title'
    assert before in text
    text = text.replace(before, "{passage: idle, supports: [title")
    text = text.replace("passages: {}", f"passages: {{idle: {passage}}}")
    path.write_text(text, encoding="utf-8")
    world.load("dossier", path)
    done = io.StringIO()
    call_command("verify_citations", "s-article", article, stdout=done)
    assert done.getvalue() == "All 1 citations of s-article hold.\n"
    article.write_text("Strike\n\nSomebody works in the old harbour.\n", encoding="utf-8")
    with pytest.raises(CommandError, match="its SHA-256 differs"):
        call_command("verify_citations", "s-article", article)


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.parametrize("reader", ["dossier", "ucdp-ged"])
def test_a_database_that_is_not_set_up_is_told_in_a_sentence(
    filled: Path, tmp_path: Path, reader: str
) -> None:
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "manage.py", "ingest", reader, str(filled), "--release", "1"],
        cwd=settings.PROJECT,
        env=known | {"DATELINE_DATA": str(tmp_path / "new")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is not set up yet: start the service once (make run)" in done.stderr
    assert "Traceback" not in done.stderr
