"""A new release of a dataset: what it changes, what it drops, what comes back."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.slow

ROWS = [
    {
        "id": str(number),
        "date_start": f"2031-03-{number:02}",
        "date_end": f"2031-03-{number:02}",
        "where_coordinates": f"Town {number} town",
        "side_b": f"Front {number % 3}",
        "side_b_new_id": str(9200 + number % 3),
    }
    for number in range(1, 11)
]
NEXT = "GEDEvent_v31_2.csv"


def ids(world: Any, **query: Any) -> set[str]:
    return set(world.all("events", dataset="ucdp-ged", **query))


def all_but(*numbers: int) -> list[dict[str, str]]:
    return [row for row in ROWS if int(row["id"]) not in numbers]


def test_a_release_updates_what_differs_and_drops_what_it_lacks(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    before, types = world.all("events", dataset="ucdp-ged"), world.all("event-types")
    rows = [all_but(2)[0] | {"best": "11"}, *all_but(2)[1:]]
    done = world.load("ucdp-ged", ged(rows, NEXT))
    assert done.of_kind("events") == (0, 1, 8, 1)
    after = world.all("events", dataset="ucdp-ged")
    assert set(before) - set(after) == {"ucdp-ged-2"}
    assert {id_ for id_ in after if after[id_]["revision"] == 2} == {"ucdp-ged-1"}
    # What did not change stays what the release before had.
    assert {after[id_]["release"] for id_ in after} == {"31.1", "31.2"}

    problem = world.get("events/ucdp-ged-2", 410)
    assert "release 31.2 of ucdp-ged does not have it" in problem["detail"]
    assert world.get("datasets/ucdp-ged")["coverage"]["events"] == 9
    fight = before["ucdp-ged-2"]["type"]["code"].lower().replace("/", "-")
    assert world.all("event-types")[fight]["event_count"] == types[fight]["event_count"] - 1
    # Nobody else was in that town.
    assert not [place for place in world.all("places").values() if place["name"] == "Town 2 town"]
    assert ids(world, actor="Front 2") == {"ucdp-ged-5", "ucdp-ged-8"}

    done = world.load("ucdp-ged", ged(ROWS, "GEDEvent_v31_3.csv"))
    assert done.of_kind("events")[0] == 1
    back = world.get("events/ucdp-ged-2")
    assert (back["release"], back["place"]["name"]) == ("31.3", "Town 2 town")
    assert not world.sql("SELECT FROM sources_tombstone")


def test_an_event_that_another_dataset_links_to_stays(world: Any, ged: Any) -> None:
    """A link belongs to the event that links; with it the other's body would change unnoticed."""
    world.load("ucdp-ged", ged(ROWS))
    linking, linked = "azerbaijani-forces-enter-aghdam", "ucdp-ged-2"
    world.sql(
        "INSERT INTO events_eventlink (event_id, kind, other_id) SELECT a.id, 'follows', b.id "
        "FROM events_event a, events_event b WHERE a.public_id = %s AND b.public_id = %s",
        linking,
        linked,
    )
    before = world.served()
    refused = "1 rows of events_eventlink still refer to events"
    with pytest.raises(CommandError, match=refused):
        world.load("ucdp-ged", ged(all_but(2), NEXT))
    with pytest.raises(CommandError, match=refused):
        call_command("datasets", "remove", "ucdp-ged")
    assert world.served() == before
    assert [link["event"]["id"] for link in before["events"][linking]["related"]][-1] == linked
    # Those of the dataset itself go along.
    world.sql("DELETE FROM events_eventlink WHERE event_id <> other_id")
    world.sql(
        "INSERT INTO events_eventlink (event_id, kind, other_id) SELECT a.id, 'follows', b.id "
        "FROM events_event a, events_event b WHERE a.public_id = 'ucdp-ged-3' AND b.public_id = %s",
        linked,
    )
    call_command("datasets", "remove", "ucdp-ged")
    assert not ids_of_all(world) & {linked, "ucdp-ged-3"}


def test_a_dataset_that_was_removed_is_gone_until_it_comes_back(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    call_command("datasets", "remove", "ucdp-ged")
    for path in ("datasets/ucdp-ged", "events/ucdp-ged-2"):
        assert "data of ucdp-ged were removed here" in world.get(path, 410)["detail"]
    world.load("ucdp-ged", ged(ROWS))
    assert world.get("datasets/ucdp-ged")["coverage"]["events"] == len(ROWS)
    assert not world.sql("SELECT FROM sources_tombstone")
    # Of one that clients did not see they are not told that it went.
    call_command("datasets", "withhold", "ucdp-ged")
    call_command("datasets", "remove", "ucdp-ged")
    assert "There is no dataset" in world.get("datasets/ucdp-ged", 404)["detail"]


def ids_of_all(world: Any) -> set[str]:
    return set(world.all("events"))


def test_a_part_removes_nothing(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    done = world.load("ucdp-ged", ged(ROWS[:1], NEXT), "--partial")
    assert done.of_kind("events") == (0, 0, 1, 0)
    assert len(ids(world)) == 10


def test_too_much_to_remove_publishes_nothing(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    before, number = world.served(), world.revision()
    rows = [ROWS[0] | {"best": "7"}, *all_but(1, 2, 3, 4)]
    with pytest.raises(CommandError, match=r"remove 3 of the 10 events of ucdp-ged.*--partial"):
        world.load("ucdp-ged", ged(rows, NEXT))
    assert (world.served(), world.revision()) == (before, number)
    done = world.load("ucdp-ged", ged(rows, NEXT), "--max-removed=30")
    assert done.of_kind("events") == (0, 1, 6, 3)


def test_rows_that_cannot_be_read_remove_nothing(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    rows = [*all_but(2, 3), {**ROWS[2], "best": "many"}]
    done = world.load("ucdp-ged", ged(rows, NEXT), "--max-rejected=50")
    assert (done.rejected, done.of_kind("events")) == (1, (0, 0, 8, 0))
    assert "Nothing was removed: 1 rows could not be read" in done.text
    assert len(ids(world)) == 10


def test_rows_that_are_refused_remove_nothing_of_theirs(world: Any, ged: Any) -> None:
    """A record whose rows contradict each other stays as it was; it is not gone from the file."""
    world.load("ucdp-ged", ged(ROWS))
    rows = [*all_but(3), ROWS[2], ROWS[2] | {"best": "99"}]
    for order in (rows, rows[::-1]):
        done = world.load("ucdp-ged", ged(order, NEXT), "--max-rejected=50")
        assert (done.rejected, done.of_kind("events")[:2]) == (2, (0, 0))
        assert "other lines say something else of the same record" in done.text
        assert world.get("events/ucdp-ged-3")["deaths"]["best"] == 10


def test_a_record_said_twice_alike_is_taken_once(world: Any, ged: Any) -> None:
    done = world.load("ucdp-ged", ged([*ROWS, ROWS[4]]), "--max-rejected=50")
    assert (done.read, done.published, done.rejected) == (11, 10, 1)
    assert "says the same as another line" in done.text
    assert len(ids(world)) == 10


def test_nothing_of_an_empty_release_is_taken_for_all_being_gone(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(ROWS))
    with pytest.raises(CommandError, match="remove 10 of the 10 events"):
        world.load("ucdp-ged", ged([], NEXT))
    assert len(ids(world)) == 10


def test_a_dataset_under_another_name_keeps_its_own_events(world: Any, ged: Any) -> None:
    """Two datasets of one reader share places and actors, and no event."""
    world.load("ucdp-ged", ged(ROWS))
    places = set(world.all("places"))
    done = world.load("ucdp-ged", ged(ROWS[:5]), "--dataset=other")
    assert done.of_kind("events") == (5, 0, 0, 0)
    assert set(world.all("places")) == places
    done = world.load("ucdp-ged", ged(ROWS[1:], NEXT))
    assert done.of_kind("events")[3] == 1
    assert len(world.all("events", dataset="other")) == 5
    # The other dataset still has its event in the town.
    assert set(world.all("places")) == places
