"""Which places and actors a dataset means: those that are there already, or its own."""

from io import StringIO
from itertools import permutations
from typing import Any

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.slow

ROWS = [
    {
        "id": str(number),
        "date_start": f"2031-03-{number:02}",
        "date_end": f"2031-03-{number:02}",
        "where_coordinates": f"Town {number} town",
    }
    for number in range(1, 9)
]
AZERBAIJAN = {
    "country": "Azerbaijan",
    "country_id": "373",
    "side_a": "Government of Azerbaijan",
    "side_a_new_id": "9373",
    "adm_1": "",
}
# The dump format of GeoNames: id, name, ascii name, other names, latitude, longitude, class, code,
# country, …, first-level division. The places are invented but for the country.
GEONAMES = [
    ("9000002", "Dəyirman", "Deyirman", "Milltown,Mill", "40.5", "48.0", "P", "PPL", "AZ", "99"),
    ("9000003", "Milltown", "Milltown", "", "38.9", "46.0", "P", "PPL", "AZ", "98"),
]
MILLTOWN = AZERBAIJAN | {
    "id": "1",
    "adm_1": "Nord province",
    "where_coordinates": "Milltown town",
    "latitude": "40.51",
    "longitude": "48.01",
}


@pytest.fixture
def gazetteer(write: Any) -> Any:
    rest = ["", "", "", "1000", "", "10", "Asia/Baku", "2031-01-01"]
    lines = ["\t".join([*cells[:9], "", *cells[9:], *rest]) for cells in GEONAMES]
    return write("\n".join(lines) + "\n", "AZ.txt")


def settled(done: Any) -> bool:
    return all(counts[0] == counts[1] == counts[3] == 0 for counts in done.tallies.values())


def test_a_country_and_its_state_are_those_that_are_there(world: Any, ged: Any) -> None:
    places, actors = world.all("places"), world.all("actors")
    world.load("ucdp-ged", ged([AZERBAIJAN | {"where_prec": "6", "where_coordinates": ""}]))
    event = world.get("events/ucdp-ged-1")
    assert event["place"]["id"] == "azerbaijan"
    state, _ = event["participants"]
    assert state["actor"]["id"] in actors
    assert (state["actor"]["name"], state["name_in_source"]) == (
        "Azerbaijan",
        "Government of Azerbaijan",
    )
    assert set(world.all("places")) == set(places)
    found = world.all("events", country="AZ")
    assert "ucdp-ged-1" in found
    assert any(not id_.startswith("ucdp") for id_ in found)
    assert "ucdp-ged-1" in world.all("events", actor="Azerbaijan")
    # What was there is still what it was, but for names and numbers that were added.
    for id_, place in world.all("places").items():
        assert place["name"] == places[id_]["name"]
        assert place["kind"] == places[id_]["kind"]


def test_a_name_that_may_be_several_becomes_a_place_of_its_own(
    world: Any, ged: Any, gazetteer: Any
) -> None:
    world.load("gazetteer", gazetteer, "--release=1")
    far = MILLTOWN | {"id": "2", "adm_1": "", "latitude": "39.7", "longitude": "47.0"}
    abroad = MILLTOWN | {"id": "3", "country": "Norland", "country_id": "9999"}
    world.load("ucdp-ged", ged([MILLTOWN, far, abroad]))
    events = world.all("events", dataset="ucdp-ged")
    assert events["ucdp-ged-1"]["place"]["name"] == "Dəyirman"
    assert events["ucdp-ged-1"]["place_name_in_source"] == "Milltown town"
    for id_ in ("ucdp-ged-2", "ucdp-ged-3"):
        assert events[id_]["place"]["id"].startswith("ucdp-milltown")
    assert settled(world.load("ucdp-ged", ged([MILLTOWN, far, abroad])))


@pytest.mark.parametrize("order", list(permutations(("gazetteer", "ucdp-ged"))), ids="-".join)
def test_places_are_one_whichever_comes_first(
    world: Any, ged: Any, gazetteer: Any, order: tuple[str, ...]
) -> None:
    files = {"gazetteer": gazetteer, "ucdp-ged": ged([MILLTOWN])}
    for reader in order:
        world.load(reader, files[reader], "--release=1")
    numbers = dict(world.sql("SELECT geonames_id, public_id FROM places_place"))
    event = world.get("events/ucdp-ged-1")
    assert event["place"]["id"] == numbers[9000002]
    for name in ("Milltown town", "Deyirman", "Dəyirman"):
        assert "ucdp-ged-1" in world.all("events", place=name)
    served = world.served()
    for reader in order:
        assert settled(world.load(reader, files[reader], "--release=1"))
    assert world.served() == served


def test_two_spellings_of_a_place_stay_as_they_are(world: Any, ged: Any) -> None:
    """A later spelling may be found to be a place that is there; then both are in each release."""
    world.load("ucdp-ged", ged(ROWS))
    both = [*ROWS, ROWS[0] | {"id": "9", "where_coordinates": "Town 1"}]
    world.load("ucdp-ged", ged(both, "GEDEvent_v31_2.csv"))
    before, number = world.served(), world.revision()
    for path in (ged(both, "GEDEvent_v31_2.csv"), ged(both[::-1], "GEDEvent_v31_2.csv")):
        done = world.load("ucdp-ged", path)
        assert settled(done), done.text
    assert world.served()["places"] == before["places"]
    assert world.revision() <= number + 1


def test_the_order_of_rows_does_not_matter(empty: Any, ged: Any) -> None:
    rows = [
        MILLTOWN,
        MILLTOWN | {"id": "2", "adm_1": "NORD Province"},
        MILLTOWN | {"id": "3", "latitude": "40.52", "side_b": "BLUE Front"},
        MILLTOWN | {"id": "4", "where_coordinates": "Milltown", "adm_1": ""},
        MILLTOWN | {"id": "5", "where_prec": "4", "where_coordinates": "Nord province"},
    ]
    empty.load("ucdp-ged", ged(rows))
    before = empty.served()
    call_command("datasets", "remove", "ucdp-ged", stdout=StringIO())
    assert not empty.all("places")
    empty.load("ucdp-ged", ged(rows[::-1]))
    after = empty.served()
    for collection in ("places", "actors", "events"):
        assert after[collection] == before[collection]


def test_an_actor_without_a_number_is_known_by_its_name(world: Any, ged: Any) -> None:
    number = {"side_b": "Home Guard", "side_b_new_id": ""}
    world.load("ucdp-ged", ged([AZERBAIJAN | number]))
    world.load("ucdp-ged", ged([AZERBAIJAN | number]), "--dataset=other")
    one, other = world.get("events/ucdp-ged-1"), world.get("events/other-1")
    assert one["participants"] == other["participants"]
