"""Datasets that may not be passed on: nothing of them shows, unless the operator says so."""

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent / "samples"
ACLED = SAMPLES / "acled.csv"
WORDS = ("acled", "beland", "sampletown", "watch of the north", "sample times", "example news")


def shown(world: Any) -> str:
    served = world.served()
    # The vocabulary has ACLED's names of types, which are the project's own file.
    del served["event-types"]
    return json.dumps(served).lower()


def test_nothing_of_it_shows(world: Any) -> None:
    before = world.served()
    done = world.load("acled", ACLED, "--release=1")
    assert done.of_kind("events")[0] == 7
    assert world.served() == before
    world.get("events/acled-zzz1", 404)
    world.get("datasets/acled", 404)
    # What is not known is answered in the same way.
    for name, value in (("dataset", "acled"), ("place", "Beland"), ("actor", "Watch of the North")):
        known, unknown = (
            json.dumps(world.get("events", 400, **{name: text})["errors"])
            .replace(text, "…")
            .replace(quote_plus(text), "…")
            for text in (value, "Nothing at All")
        )
        assert known == unknown
    (error,) = world.get("events", 400, place="Belandd")["errors"]
    assert error["suggestion"] is None


def test_no_trace_of_it_is_added_to_what_is_public(world: Any) -> None:
    tables = ("places_placename", "places_placecode", "actors_actorname", "actors_actorcode")
    query = """SELECT t.* FROM {table} t JOIN {owner} o ON o.id = t.{link}
        LEFT JOIN sources_dataset d ON d.id = o.dataset_id
        WHERE d.redistributable IS NOT false ORDER BY t.id"""

    def public() -> list[Any]:
        found = []
        for table in tables:
            app, _, rest = table.partition("_")
            link = rest.removesuffix("name").removesuffix("code")
            found += world.sql(query.format(table=table, owner=f"{app}_{link}", link=f"{link}_id"))
        return [*found, *world.sql("SELECT * FROM places_place WHERE dataset_id = 1 ORDER BY id")]

    before = public()
    world.load("acled", ACLED, "--release=1")
    assert public() == before


def test_what_it_had_and_lost_was_never_there(world: Any) -> None:
    world.load("acled", ACLED, "--release=1")
    call_command("datasets", "remove", "acled", stdout=io.StringIO())
    world.get("events/acled-zzz7", 404)
    assert not world.sql("SELECT FROM places_place WHERE public_id LIKE 'acled%%'")


def test_it_shows_where_the_operator_says_so(world: Any) -> None:
    world.load("acled", ACLED, "--release=1", "--serve")
    assert len(world.all("events", dataset="acled")) == 7
    assert "sampletown" in shown(world)
    # Until it is said again.
    world.load("acled", ACLED, "--release=1")
    assert len(world.all("events", dataset="acled")) == 7


@pytest.mark.parametrize("first", ["acled", "ucdp-ged"])
def test_a_public_dataset_shows_its_own_countries_whoever_came_first(
    empty: Any, ged: Any, first: str
) -> None:
    """Both speak of Armenia; what the public one says of it is to be seen."""
    armenia = {"country": "Armenia", "country_id": "371", "side_a": "Government of Armenia"}
    path = ged([armenia | {"where_coordinates": "Milltown town"}])
    loads = [("acled", ACLED), ("ucdp-ged", path)]
    for reader, file in loads if first == "acled" else loads[::-1]:
        empty.load(reader, file, "--release=1")
    (event,) = empty.all("events").values()
    for url in (event["place"]["url"], *(item["actor"]["url"] for item in event["participants"])):
        empty.get(url.partition("/api/")[2])
    assert "armenia" in empty.all("places")
    assert set(empty.all("events", place="Armenia")) == {"ucdp-ged-1"}
    assert set(empty.all("events", country="AM")) == {"ucdp-ged-1"}
    assert not any(word in shown(empty) for word in WORDS)
