"""Dossiers through the import: the same answers as from fixtures, and edits that take things away."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError

pytestmark = pytest.mark.slow

ARTICLE = settings.PROJECT / "fixtures" / "source" / "aghdam-2020.yaml"
COUNTS = ("checksum", "read", "rejected", "new", "changed", "unchanged", "removed")

HEAD = """
dataset: {id: d, name: D, description: x, licence: CC0-1.0, citation: D, redistributable: true, release: "1"}
publishers: [{id: press, name: Press}]
sources: [{id: s, kind: article, title: T, publisher: press, published: "2020-11-20"}]
passages: {p: {source: s, paragraph: 1, start: 0, end: 4, sha256: "%s"}}
places:
- {id: here, name: Here, kind: country, names: [{name: Heer}, {name: Hir}], cites: [{passage: p, supports: [name]}]}
- {id: there, name: There, kind: province, within: here, cites: [{passage: p, supports: [name]}]}
""" % ("a" * 64)
ACTORS = """actors:
- {id: club, name: Club, kind: organisation, cites: [{passage: p, supports: [name]}]}
- id: who
  name: Who
  kind: person
  names: [{name: Hoo}, {name: Whoever}]
  affiliations:
  - {organisation: club, title: Head, date: "2019/..", cites: [{passage: p, supports: [title]}]}
  - {organisation: club, title: Cook, cites: [{passage: p, supports: [title]}]}
  cites: [{passage: p, supports: [name]}]
"""
CONTROL = """control:
- {place: there, actor: club, kind: de-facto, date: "2019/..", cites: [{passage: p, supports: [actor]}]}
- {place: here, actor: club, kind: recognised, cites: [{passage: p, supports: [actor]}]}
"""
AGREEMENTS = """agreements:
- id: pact
  title: Pact
  kind: ceasefire
  status: in-force
  date: "2020-11-10"
  parties: [{actor: club, role: signatory}, {actor: who, role: witness}]
  provisions:
  - {id: pact-1, number: 1, kind: peace, text: One, status: unknown, cites: [{passage: p, supports: [text]}]}
  - {id: pact-2, number: 2, kind: peace, text: Two, status: unknown, cites: [{passage: p, supports: [text]}]}
  cites: [{passage: p, supports: [title]}]
"""
EVENT = """- id: {id}
  title: {title}
  type: PROTEST
  status: occurred
  certainty: confirmed
  date: "2020-11"
  place: there
  place_precision: exact
  participants: [{{actor: who, role: initiator}}, {{actor: club, role: target}}]
  agreement: pact
{more}  cites: [{{passage: p, supports: [title]}}]
"""
FIRST = EVENT.format(id="first", title="First", more="  fulfils: [pact-1]\n")
SECOND = EVENT.format(
    id="second",
    title="Second",
    more="  related: [{kind: follows, event: first}]\n  part_of: first\n",
)
WHOLE = HEAD + ACTORS + CONTROL + AGREEMENTS + "events:\n" + FIRST + SECOND


def edit(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def without(value: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: without(other, keys) for key, other in value.items() if key not in keys}
    return [without(other, keys) for other in value] if isinstance(value, list) else value


def test_a_dossier_answers_as_its_fixture_does(request: Any) -> None:
    expected = without(request.getfixturevalue("world").served(), COUNTS)
    empty = request.getfixturevalue("empty")
    done = empty.load("dossier", ARTICLE)
    assert (done.rejected, done.of_kind("events")[0]) == (0, len(expected["events"]))
    served = without(empty.served(), COUNTS)
    assert served.keys() == expected.keys()
    different = {
        (collection, id_, name): (value, served[collection].get(id_, {}).get(name))
        for collection, records in expected.items()
        for id_, record in records.items()
        for name, value in record.items()
        if served[collection].get(id_, {}).get(name) != value
    }
    assert different == {}
    assert {name: set(served[name]) for name in served} == {
        name: set(expected[name]) for name in expected
    }
    number = empty.revision()
    again = empty.load("dossier", ARTICLE)
    assert all(counts[0] == counts[1] == counts[3] == 0 for counts in again.tallies.values())
    assert empty.revision() == number


def test_a_dossier_that_is_there_as_a_fixture_stays_as_it_is(world: Any) -> None:
    before = without(world.served(), COUNTS)
    done = world.load("dossier", ARTICLE)
    assert all(counts[0] == counts[3] == 0 for counts in done.tallies.values())
    assert without(world.served(), COUNTS) == before


@pytest.fixture
def edited(empty: Any, write: Any) -> Any:
    """Return a function that imports the small dossier, then an edit of it."""

    def edited(*changes: tuple[str, str]) -> tuple[Any, Any]:
        empty.load("dossier", write(WHOLE, "d.yaml"))
        path = write(edit(WHOLE, *changes), "d.yaml")
        done = empty.load("dossier", path, "--max-removed=100")
        again = empty.load("dossier", path)
        assert all(counts[0] == counts[1] == counts[3] == 0 for counts in again.tallies.values()), (
            again.text
        )
        return empty, done

    return edited


def test_parts_that_are_taken_away_are_gone(edited: Any) -> None:
    """Names, offices, claims to a place, provisions."""
    world, _ = edited(
        ("{name: Hoo}, ", ""),
        ("{name: Heer}, ", ""),
        ("  - {organisation: club, title: Cook, cites: [{passage: p, supports: [title]}]}\n", ""),
        (CONTROL.splitlines(keepends=True)[1], ""),
        (AGREEMENTS.splitlines(keepends=True)[8], ""),
        ("  fulfils: [pact-1]\n", ""),
        ("{actor: club, role: signatory}, ", ""),
    )
    who = world.get("actors/who")
    assert [name["name"] for name in who["names"]] == ["Who", "Whoever"]
    assert [item["title"] for item in who["affiliations"]] == ["Head"]
    assert [name["name"] for name in world.get("places/here")["names"]] == ["Here", "Hir"]
    world.get("events", 400, actor="Hoo")
    assert world.sql("SELECT kind FROM actors_controlclaim") == [("recognised",)]
    assert set(world.all("provisions")) == {"pact-2"}
    world.get("provisions/pact-1", 410)
    assert world.get("events/first")["fulfils"] == []
    assert [item["actor"]["id"] for item in world.get("agreements/pact")["parties"]] == ["who"]


def test_events_that_are_taken_away_are_gone(edited: Any) -> None:
    links = "  related: [{kind: follows, event: first}]\n  part_of: first\n"
    world, done = edited((FIRST, ""), (links, ""))
    assert done.of_kind("events") == (0, 1, 0, 1)
    world.get("events/first", 410)
    second = world.get("events/second")
    assert (second["related"], second["part_of"]) == ([], None)
    assert set(world.all("events", actor="Who")) == {"second"}


def test_what_others_show_of_a_record_changes_with_it(edited: Any) -> None:
    """Events whose own text is the same show the new names of what they refer to."""
    world, done = edited(
        ("title: First", "title: Foremost"),
        ("title: Pact", "title: Treaty"),
        ("name: There", "name: Yonder"),
        ("  name: Who\n", "  name: Whom\n"),
        ("title: T,", "title: Headline,"),
        ("name: Press", "name: Daily"),
        # Their numbers change places.
        ("id: pact-1", "id: x"),
        ("id: pact-2", "id: pact-1"),
        ("id: x", "id: pact-2"),
        ("kind: province, within: here", "kind: territory"),
    )
    second = world.get("events/second")
    assert second["part_of"]["title"] == second["related"][0]["event"]["title"] == "Foremost"
    assert second["agreement"]["title"] == "Treaty"
    assert second["place"]["name"] == "Yonder"
    assert second["participants"][0]["actor"]["name"] == "Whom"
    assert second["sources"][0]["source"]["title"] == "Headline"
    assert second["sources"][0]["source"]["publisher"] == "Daily"
    assert second["revision"] == 1
    assert done.of_kind("events") == (0, 1, 1, 0)
    numbers = {id_: item["number"] for id_, item in world.all("provisions").items()}
    assert numbers == {"pact-1": 2, "pact-2": 1}
    assert not world.all("events", place="Here")
    assert set(world.all("events", place="Yonder")) == {"first", "second"}


def test_a_dossier_without_events_is_taken_for_a_mistake(empty: Any, write: Any) -> None:
    empty.load("dossier", write(WHOLE, "d.yaml"))
    before, number = empty.served(), empty.revision()
    path = write(
        edit(WHOLE, (FIRST, ""), (SECOND, "")).replace("events:\n", "events: []\n"), "d.yaml"
    )
    with pytest.raises(CommandError, match="remove 2 of the 2 events"):
        empty.load("dossier", path)
    assert (empty.served(), empty.revision()) == (before, number)
