"""Suggestions as somebody types: /api/places?q= and /api/actors?q=."""

from itertools import islice, pairwise
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Actor, ActorName
from events.models import Event, Participation
from events.uses import count_uses
from places.models import Place, PlaceName

# Name, other names, events in it.
PLACES: list[tuple[str, list[str], int]] = [
    ("Quba", ["Kuba"], 1),
    ("Qubadlı", [], 2),
    ("Qubatlinka", [], 0),
    ("Old Quba", [], 5),
    ("Sisian", ["Qubania"], 4),
    ("Tartar", ["Quba"], 0),
]


def named(collection: str) -> None:
    """Add records of these names, and the events that name them."""
    model: Any = Place if collection == "places" else Actor
    names: Any = PlaceName if collection == "places" else ActorName
    record = "place" if collection == "places" else "actor"
    kind = "settlement" if collection == "places" else "armed-group"
    events = iter(Event.objects.exclude(place=None).order_by("pk"))
    for number, (name, others, uses) in enumerate(PLACES):
        one = model.objects.create(public_id=f"typed-{number}", name=name, kind=kind)
        for text in {name, *others}:
            names.objects.create(**{record: one}, name=text)
        for event in islice(events, uses):
            if collection == "places":
                Event.objects.filter(pk=event.pk).update(place=one)
            else:
                Participation.objects.create(event=event, actor=one, role="observer", position=99)
    with connection.cursor() as cursor:
        count_uses(cursor)


@pytest.mark.parametrize("collection", ["places", "actors"])
def test_a_name_that_begins_so_comes_first_and_what_is_much_used_before_the_rest(
    get: Any, collection: str
) -> None:
    named(collection)
    found = [record["name"] for record in get(f"/api/{collection}", q="quba")["results"]]
    # Itself; beginning so by any name, what is used most first; by another name; in the middle.
    assert found == ["Quba", "Sisian", "Qubadlı", "Qubatlinka", "Tartar", "Old Quba"]
    assert found == [record["name"] for record in get(f"/api/{collection}", q="QÛBÁ")["results"]]


@pytest.mark.parametrize("collection", ["places", "actors"])
def test_another_order_can_be_asked_for(get: Any, collection: str) -> None:
    named(collection)
    for sort in ("name", "-name", "id"):
        found = get(f"/api/{collection}", q="quba", sort=sort)["results"]
        key = sort.removeprefix("-")
        expected = sorted((one[key] for one in found), reverse=sort.startswith("-"))
        assert [one[key] for one in found] == expected


@pytest.mark.parametrize("collection", ["places", "actors"])
@pytest.mark.parametrize("suffix", ["ndjson", "csv"])
def test_a_file_has_the_order_of_the_list(
    client: Any, get: Any, collection: str, suffix: str
) -> None:
    named(collection)
    listed = [record["id"] for record in get(f"/api/{collection}", q="quba")["results"]]
    text = client.get(f"/api/{collection}.{suffix}?q=quba").getvalue().decode()
    lines = text.splitlines()[suffix == "csv" :]
    assert [next(id_ for id_ in listed if f'"{id_}"' in line) for line in lines] == listed


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_pages_of_suggestions_join_up_both_ways(client: Any, get: Any, size: int) -> None:
    named("places")
    whole = [place["id"] for place in get("/api/places", q="quba")["results"]]
    page, pages = get("/api/places", q="quba", page_size=size), []
    while True:
        pages.append(page)
        if not page["next"]:
            break
        page = client.get(page["next"]).json()
    assert [place["id"] for page in pages for place in page["results"]] == whole
    assert {page["count"] for page in pages} == {len(whole)}
    for before, after in pairwise(pages):
        assert client.get(after["previous"]).json()["results"] == before["results"]


def test_what_begins_so_is_found_by_an_index(get: Any, db: None) -> None:
    named("places")
    with CaptureQueriesContext(connection) as captured:
        get("/api/places", q="quba", page_size=2, count="none")
    first = next(
        q["sql"]
        for q in captured.captured_queries
        if "irrelevance" in q["sql"] or "LIKE" in q["sql"]
    )
    assert "'quba%'" in first
    assert "'%quba%'" not in first
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {first}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "places_placename_key" in plan
    assert "Index Cond" in plan


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("qaraba", {"Qarabağlar"}),
        ("arab", {"Qarabağlar"}),
        ("ba", {"Qarabağlar"}),
        ("dağ lıq", {"Dağlıq Şəhər"}),
        ("lıq şəh", {"Dağlıq Şəhər"}),
        ("100% arab", set()),
        ("barab", set()),
        ("arabarab", set()),
    ],
)
def test_a_name_is_found_by_what_it_holds(get: Any, text: str, finds: set[str]) -> None:
    for number, name in enumerate(("Qarabağlar", "Dağlıq Şəhər"), 1):
        place = Place.objects.create(public_id=f"held-{number}", name=name, kind="settlement")
        PlaceName.objects.create(place=place, name=name)
    found = {place["name"] for place in get("/api/places", q=text)["results"]}
    assert {name for name in found if name in ("Qarabağlar", "Dağlıq Şəhər")} == finds


@pytest.mark.parametrize("collection", ["places", "actors"])
def test_what_a_name_holds_is_found_by_an_index(get: Any, db: None, collection: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        get(f"/api/{collection}", q="rabakh")
    *_, held = (q["sql"] for q in captured.captured_queries if "'%rabakh%'" in q["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {held}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"{collection}_{collection[:-1]}name_grams" in plan


def test_withheld_events_do_not_make_popular(get: Any) -> None:
    named("places")
    assert get("/api/places", q="qubad")["results"][0]["name"] == "Qubadlı"
    place = Place.objects.get(public_id="typed-1")
    assert place.use.events == 2
    call_command("datasets", "withhold", "aghdam-2020")
    assert not hasattr(Place.objects.get(public_id="typed-1"), "use")
    call_command("datasets", "serve", "aghdam-2020")
    assert Place.objects.get(public_id="typed-1").use.events == 2


def test_events_inside_a_place_count_for_it(db: None) -> None:
    with connection.cursor() as cursor:
        count_uses(cursor)
    uses = {place.public_id: place.use.events for place in Place.objects.filter(use__events__gt=0)}
    inside = Event.objects.filter(place__level_1__public_id="azerbaijan").count()
    assert uses["azerbaijan"] == inside > uses["aghdam"] == 4


def test_of_equals_what_lies_in_nothing_comes_first(get: Any, db: None) -> None:
    country = Place.objects.create(public_id="typed-land", name="Zuland", kind="country")
    for public_id, name in (("typed-zu", "Zu"), ("typed-zum", "Zum")):
        Place.objects.create(public_id=public_id, name=name, kind="settlement", parent=country)
    for place in Place.objects.filter(public_id__startswith="typed-"):
        PlaceName.objects.get_or_create(place=place, name=place.name)
    found = [place["name"] for place in get("/api/places", q="zu")["results"]]
    # The name itself before all; then the country, though its name is longer.
    assert found == ["Zu", "Zuland", "Zum"]
