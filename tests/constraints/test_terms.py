"""What events are found by follows from them, whatever plain SQL changes."""

import math
from hashlib import md5
from typing import Any

import pytest
from django.db import connection

from api.stored import BEGIN_BULK_LOAD
from events.models import Event, EventTerms
from tests.constraints.rows import event, place
from tests.constraints.test_bodies import CHANGES, ENTRY, LATE, PROTESTS, WAR, run

pytestmark = pytest.mark.django_db

AWKWARD = {
    "the most deaths": f"UPDATE events_event SET deaths_best = 2147483647 WHERE id = {WAR}",
    "none": f"UPDATE events_event SET deaths_low = 0, deaths_best = NULL WHERE id = {WAR}",
    "the corner of all squares": f"""UPDATE events_event SET latitude = 90, longitude = 180
        WHERE id = {WAR}""",
    "the other": f"UPDATE events_event SET latitude = -90, longitude = -180 WHERE id = {WAR}",
    "codes that read alike": f"""INSERT INTO events_eventcode (event_id, scheme, code)
        VALUES ({PROTESTS}, 'a:b', 'c'), ({PROTESTS}, 'a', 'b:c'), ({PROTESTS}, 'Ağ', '😀''\\')""",
    "a place on the fourth level": f"""UPDATE places_place SET parent_id = {place("nagorno-karabakh")}
        WHERE public_id = 'aghdam'""",
}


def meant() -> dict[int, tuple[Any, ...]]:
    """Return when and where events were and what they are found by, put together here."""
    rows = Event.objects.select_related("place").prefetch_related("participations", "codes")
    return {row.pk: _meant(row) for row in rows}


def _meant(row: Any) -> tuple[Any, ...]:
    levels = (row.place_level_1, row.place_level_2, row.place_level_3, row.place_level_4)
    latitude, longitude = row.latitude, row.longitude
    if latitude is None and row.place:
        latitude, longitude = row.place.latitude, row.place.longitude
    least = row.deaths_low if row.deaths_best is None else row.deaths_best
    most = row.deaths_high if row.deaths_best is None else row.deaths_best
    marks = {f"=p{key}" for key in levels if key}
    marks |= {f"=t{row.type_id}", f"=t{row.root_type_id}", f"=d{row.dataset_id}"}
    marks |= {f"=s{row.status}", f"=y{row.certainty}"}
    marks |= {f"=g{row.agreement_id}"} if row.agreement_id else set()
    marks |= {f"=a{part.actor_id}" for part in row.participations.all()}
    marks |= {"=c" + digest(code.scheme, code.code) for code in row.codes.all()}
    marks |= {f"=l{n}" for n in range(digits(least) + 1)} if least is not None else set()
    marks |= {f"=m{digits(most)}"} if most is not None else set()
    if latitude is not None:
        for size in (1, 3, 9, 27):
            across = math.floor((latitude + 90) / size), math.floor((longitude + 180) / size)
            marks.add("=q{}:{}:{}".format(size, *across))
    lasts = not (row.start_date and row.end_date) or (row.end_date - row.start_date).days > 31
    marks |= {"=long"} if lasts else set()
    return row.sort_date, row.start_date, row.end_date, latitude, longitude, marks


def digits(number: int) -> int:
    return len(str(number)) if number else 0


def digest(scheme: str, code: str) -> str:
    return md5(f"{len(scheme)}:{scheme}{code}".encode(), usedforsecurity=False).hexdigest()[:16]


def kept() -> dict[int, tuple[Any, ...]]:
    """Return the same as the database keeps it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id, tsvector_to_array(terms) FROM events_eventterms")
        terms = {key: set(found) for key, found in cursor.fetchall()}
        # The words are those of the event, with the places at which they stand.
        cursor.execute("""SELECT count(*) FROM events_event JOIN events_eventterms ON event_id = id
            WHERE ts_delete(terms, ARRAY(SELECT t FROM unnest(tsvector_to_array(terms)) t
                    WHERE t ^@ '=')) <> search""")
        assert cursor.fetchone() == (0,)
    columns = EventTerms.objects.values_list(
        "pk", "sort_date", "start_date", "end_date", "latitude", "longitude"
    )
    return {
        key: (*values, {term for term in terms[key] if term[0] == "="}) for key, *values in columns
    }


@pytest.mark.parametrize("table", CHANGES)
def test_terms_follow(table: str) -> None:
    for statement in CHANGES[table]:
        run(statement)
        assert kept() == meant(), statement


@pytest.mark.parametrize("change", AWKWARD)
def test_terms_of_what_is_awkward(change: str) -> None:
    before = meant()
    run(AWKWARD[change])
    assert kept() == meant() != before


@pytest.mark.parametrize("table", LATE)
def test_terms_follow_what_comes_late(table: str) -> None:
    run(LATE[table])
    assert kept() == meant()


def test_a_bulk_load_writes_terms_at_its_end() -> None:
    before = kept()
    run(BEGIN_BULK_LOAD)
    run("DELETE FROM events_participation")
    assert kept() == before
    run(f"SELECT refresh_events_eventbody(ARRAY[{ENTRY}])")
    assert len([key for key in before if kept()[key] != before[key]]) == 1
    run("SELECT refresh_events_eventbody(ARRAY(SELECT id FROM events_event))")
    assert kept() == meant() != before


def test_terms_that_stay_as_they_are_are_not_written() -> None:
    run("UPDATE events_eventterms SET sort_date = sort_date")
    moved = f"SELECT ctid::text FROM events_eventterms WHERE event_id = {WAR}"
    with connection.cursor() as cursor:
        cursor.execute(moved)
        before = cursor.fetchone()
        # A name is part of the body alone.
        cursor.execute("UPDATE actors_actor SET name = name || ' (new)'")
        cursor.execute(moved)
        assert cursor.fetchone() == before


def test_terms_go_with_their_event() -> None:
    """As in the admin, and by plain SQL."""
    Event.objects.get(public_id="azerbaijani-forces-expected-in-lachin").delete()
    gone = event("celebrations-in-baku")
    for table in ("eventcode", "participation", "eventcitation", "eventlink"):
        run(f"DELETE FROM events_{table} WHERE event_id = {gone}")
    run(f"DELETE FROM events_event WHERE id = {gone}")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert kept() == meant()
    assert len(kept()) == 27
