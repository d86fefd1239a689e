"""Importing a file: once, again, in another order, with a row changed, on trial, in part."""

from itertools import permutations
from typing import Any

import pytest
from django.core.management import CommandError, execute_from_command_line

pytestmark = pytest.mark.slow

ROWS = [
    {"id": str(number), "date_start": f"2031-03-0{number}", "date_end": f"2031-03-0{number}"}
    for number in range(1, 9)
]
ARTICLE = '"Sampletown Herald,2031-03-02,{}"'
UNCHANGED = (0, 0, 8, 0)


def events(world: Any) -> dict[str, Any]:
    return world.all("events", dataset="ucdp-ged")


def written_at(world: Any, id_: str) -> Any:
    """Return when an event was written, more exactly than clients are told."""
    return world.sql("SELECT updated_at FROM events_event WHERE public_id = %s", id_)[0][0]


def test_options_stand_before_behind_or_between_reader_and_file(
    world: Any, ged: Any, settings: Any
) -> None:
    # A process of its own would connect as the importer; this one goes on as who it is.
    settings.DATABASE_ROLES = {"importer": {}}
    command, path = ["manage.py", "ingest"], str(ged(ROWS))
    for words in permutations(["ucdp-ged", "--release=31.9", "--dry-run", path]):
        if words.index("ucdp-ged") < words.index(path):
            execute_from_command_line([*command, *words])
    world.load("ucdp-ged", "--release=31.9", path)
    assert [r["version"] for r in world.get("datasets/ucdp-ged")["releases"]] == ["31.9"]


def test_the_same_rows_again_change_nothing(world: Any, ged: Any) -> None:
    done = world.load("ucdp-ged", ged(ROWS))
    assert (done.read, done.published, done.rejected) == (8, 8, 0)
    assert done.of_kind("events") == (8, 0, 0, 0)
    before, bodies, number = world.served(), events(world), world.revision()

    again = world.load("ucdp-ged", ged(ROWS))
    assert again.of_kind("events") == UNCHANGED
    assert all(counts[0] == counts[1] == counts[3] == 0 for counts in again.tallies.values())
    assert world.revision() == number
    assert (world.served(), events(world)) == (before, bodies)

    shuffled = world.load("ucdp-ged", ged(reversed(ROWS)))
    assert shuffled.of_kind("events") == UNCHANGED
    assert events(world) == bodies
    assert world.get("datasets/ucdp-ged")["releases"][0]["new"] == 8


def test_a_row_that_changed_changes_its_event_alone(world: Any, ged: Any) -> None:
    rows = [{**row, "source_article": ARTICLE.format(row["id"])} for row in ROWS]
    world.load("ucdp-ged", ged(rows))
    before, number, written = events(world), world.revision(), written_at(world, "ucdp-ged-4")
    rows[3] |= {
        "side_b": "Red Front",
        "side_b_new_id": "9103",
        "best": "11",
        "source_article": ARTICLE.format("Another report"),
    }
    done = world.load("ucdp-ged", ged(rows))
    assert done.of_kind("events") == (0, 1, 7, 0)
    assert world.revision() == number + 1
    after = events(world)
    assert {id_ for id_ in after if after[id_] != before[id_]} == {"ucdp-ged-4"}
    old, new = before["ucdp-ged-4"], after["ucdp-ged-4"]
    assert (new["revision"], new["deaths"]["best"]) == (old["revision"] + 1, 11)
    assert written_at(world, "ucdp-ged-4") > written
    # What belongs to it is replaced, not added to.
    assert [item["name_in_source"] for item in new["participants"]] == [
        "Government of Norland",
        "Red Front",
    ]
    (source,) = new["sources"]
    assert "Another report" in source["source"]["title"]
    assert new["codes"] == old["codes"]
    assert world.get("events/ucdp-ged-4") == new


def test_only_what_belongs_to_an_event_changed(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    rows = [*ROWS[:-1], ROWS[-1] | {"side_b": "Red Front", "side_b_new_id": "9103"}]
    assert world.load("ucdp-ged", ged(rows)).of_kind("events") == (0, 1, 7, 0)
    (_, other) = world.get("events/ucdp-ged-8")["participants"]
    assert other["actor"]["name"] == "Red Front"
    found = world.all("events", actor="Blue Front")
    assert set(found) == {f"ucdp-ged-{number}" for number in range(1, 8)}
    assert set(world.all("events", actor="Red Front")) == {"ucdp-ged-8"}


def test_a_trial_changes_nothing(world: Any, ged: Any) -> None:
    before, number = world.served(), world.revision()
    done = world.load("ucdp-ged", ged(ROWS), "--dry-run")
    assert done.of_kind("events") == (8, 0, 0, 0)
    assert "dry run" in done.text
    assert (world.served(), world.revision()) == (before, number)

    world.load("ucdp-ged", ged(ROWS))
    before, number = world.served(), world.revision()
    changed = ged([ROWS[0] | {"best": "5"}, *ROWS[1:-1]])
    done = world.load("ucdp-ged", changed, "--dry-run", "--release=31.2")
    assert done.of_kind("events") == (0, 1, 6, 1)
    assert (world.served(), world.revision()) == (before, number)


def test_a_limit_takes_the_first_rows_and_removes_nothing(world: Any, ged: Any) -> None:
    done = world.load("ucdp-ged", ged(ROWS), "--limit=3")
    assert (done.read, done.of_kind("events")) == (3, (3, 0, 0, 0))
    world.load("ucdp-ged", ged(ROWS))
    done = world.load("ucdp-ged", ged(ROWS), "--limit=2")
    assert (done.read, done.of_kind("events")) == (2, (0, 0, 2, 0))
    assert len(events(world)) == 8


def test_the_release_is_told_or_asked_for(world: Any, ged: Any) -> None:
    with pytest.raises(CommandError, match="say it with --release"):
        world.load("ucdp-ged", ged(ROWS, "events.csv"))
    world.load("ucdp-ged", ged(ROWS, "events.csv"), "--release=now", "--dataset=mine")
    assert world.get("datasets/mine")["releases"][0]["version"] == "now"
    assert set(world.all("events", dataset="mine")) == {f"mine-{n}" for n in range(1, 9)}
