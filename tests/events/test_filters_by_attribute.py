"""Filters of /api/events by what an event is and how it is known, on the article's records."""

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from events.models import Event, EventCitation, EventCode
from places.models import Place, PlaceName
from sources.models import Document

ENTRY = "azerbaijani-forces-enter-aghdam"
BAKU = "celebrations-in-baku"


# Ids


def test_events_by_id(found: Any) -> None:
    assert found(id=f"{BAKU},{ENTRY}") == found(id=[ENTRY, BAKU]) == found(id=f"{ENTRY},{BAKU}")
    assert set(found(id=f"{BAKU},{ENTRY}")) == {BAKU, ENTRY}
    assert found(id=f"{BAKU},there-is-none") == [BAKU]


@pytest.mark.parametrize("value", ["A-B", "-a", "a--b", "a b", "a_b", "é", "'", "1;2"])
def test_what_is_no_id_is_refused(refused: Any, value: str) -> None:
    error = refused(id=f"{BAKU},{value}")
    assert (error["parameter"], error["code"], error["value"]) == ("id", "not_an_id", value)


def test_many_ids_may_stand_in_one_parameter(found: Any, refused: Any) -> None:
    assert found(id=",".join([*(f"there-is-no-event-{n}" for n in range(99)), BAKU])) == [BAKU]
    assert refused(id=",".join(f"a-{n}" for n in range(101)))["code"] == "too_many"
    assert refused(id="a" * 201)["code"] == "too_long"


def test_an_id_in_capitals_is_suggested_in_small_letters(refused: Any) -> None:
    assert refused(id=BAKU.upper())["suggestion"] == BAKU


# Roles


def test_the_role_is_of_the_same_participation_as_the_actor(found: Any) -> None:
    # The army initiated it; Azerbaijan took part.
    assert ENTRY in found(actor="Azerbaijan", actor_role="participant")
    assert ENTRY not in found(actor="Azerbaijan", actor_role="initiator")
    assert ENTRY in found(actor="azerbaijan-army", actor_role="initiator")
    assert ENTRY not in found(actor="azerbaijan-army", actor_role="participant")
    assert found(actor="Russia", actor_role="signatory,target") == []


@pytest.mark.parametrize("sort", ["-date", "title"])
def test_roles_are_any_of_those_asked_for(found: Any, sort: str) -> None:
    either = {
        *found(actor="Azerbaijan", actor_role="signatory"),
        *found(actor="Azerbaijan", actor_role="target"),
    }
    both = found(actor="Azerbaijan", actor_role="signatory,target", sort=sort)
    assert len(both) == len(either) == len(set(both))
    assert set(both) == either


def test_a_role_says_nothing_without_an_actor(refused: Any) -> None:
    error = refused(actor_role="target")
    assert (error["parameter"], error["code"]) == ("actor_role", "needs_another")
    error = refused(actor="Azerbaijan", actor_role="initiater")
    assert (error["code"], error["suggestion"]) == ("unknown_value", "initiator")
    assert "mediator" in error["allowed"]


# Types and codes


def test_a_root_type_is_no_mode(found: Any, refused: Any) -> None:
    assert found(root_type="RETREAT") == found(type="RETREAT") != []
    error = refused(root_type="RETREAT/withdraw")
    assert error["code"] == "unknown_name"
    assert "RETREAT" in error["allowed"]
    assert not any("/" in code for code in error["allowed"])


def test_events_by_their_code_in_another_scheme(found: Any, get: Any) -> None:
    def coded(*codes: tuple[str, str]) -> set[str]:
        return {
            event["id"]
            for event in get("/api/events", page_size=1000)["results"]
            if any((code["scheme"], code["code"]) in codes for code in event["codes"])
        }

    assert set(found(code="cameo:192")) == coded(("cameo", "192"))
    assert set(found(code="cameo:192,acled:Protests")) == coded(
        ("cameo", "192"), ("acled", "Protests")
    )
    assert found(code="acled:Strategic developments/Agreement") == [
        "azerbaijan-and-armenia-sign-cease-fire"
    ]
    # As text: leading zeros count, and so does the scheme.
    assert found(code="cameo:51") == []
    assert found(code="cameo:051") != []
    assert found(code="acled:192") == []


def test_schemes_that_there_are_not_are_told_with_those_that_there_are(get: Any) -> None:
    codes = ",".join(f"scheme{number}:1" for number in range(100))
    errors = get("/api/events", 400, code=codes)["errors"]
    known = sorted(set(EventCode.objects.values_list("scheme", flat=True)))
    assert len(errors) == 20
    assert {error["code"] for error in errors} == {"unknown_scheme"}
    assert all(sorted(error["allowed"]) == known for error in errors)


def test_an_event_with_two_of_the_codes_is_found_once(found: Any) -> None:
    ids = found(code="cameo:192,cameo:0874")
    assert ENTRY in ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("value", ["190", "cameo:", ":190", ":", "cameo:190,193"])
def test_a_code_needs_its_scheme(refused: Any, value: str) -> None:
    error = refused(code=value)
    assert (error["parameter"], error["code"]) == ("code", "not_a_code")


def test_a_scheme_that_is_not_known_is_refused(refused: Any) -> None:
    error = refused(code="cemeo:190")
    assert (error["code"], error["suggestion"]) == ("unknown_scheme", "cameo:190")
    assert error["allowed"] == sorted({row.scheme for row in EventCode.objects.all()})


# Status, certainty


def test_status_and_certainty(get: Any) -> None:
    for name, value in (("status", "expected"), ("certainty", "alleged"), ("status", "failed")):
        answer = get("/api/events", **{name: value})["results"]
        assert answer
        assert {event[name] for event in answer} == {value}


# Dates that are certain


@pytest.mark.parametrize(
    ("query", "possible", "certain"),
    [
        ({"date": "2020-11"}, "residents-flee-aghdam", ENTRY),
        ({"date": "2020-11"}, "azerbaijani-forces-expected-in-lachin", "protests-in-armenia"),
        # Of what goes on the end is not known.
        ({"date_from": "1990-01-01"}, "stalemate-over-nagorno-karabakh", ENTRY),
        ({"date_to": "1995-01-01"}, "first-war-over-nagorno-karabakh", None),
        ({"date_to": "2020-10-15"}, "trump-hails-cease-fire", "turkey-encourages-azerbaijan"),
    ],
)
def test_a_certain_date_is_known_at_both_ends_and_inside(
    found: Any, query: dict[str, str], possible: str, certain: str | None
) -> None:
    maybe, surely = found(**query), found(**query, date_match="certain")
    assert set(surely) < set(maybe)
    assert possible in maybe
    assert possible not in surely
    assert certain is None or certain in surely
    assert found(**query, date_match="possible") == maybe


def test_times_are_bounded_to_the_day(get: Any, found: Any) -> None:
    """Each event on the very day on which it began or ended, and on those before and after."""
    dates = {e["id"]: e["date"] for e in get("/api/events", page_size=1000)["results"]}
    times = {id_: (d["start"], d["end"]) for id_, d in dates.items() if d["start"] or d["end"]}
    bounds = {day for ends in times.values() for day in ends if day}
    for bound in bounds:
        for days in (-1, 0, 1):
            day = str(date.fromisoformat(bound) + timedelta(days=days))
            for query, first, last in (
                ({"date_from": day}, day, "9999-12-31"),
                ({"date_to": day}, "0001-01-01", day),
                ({"date": day}, day, day),
            ):
                maybe = {
                    id_
                    for id_, (start, end) in times.items()
                    if (not start or start <= last) and (not end or first <= end)
                }
                surely = {
                    id_
                    for id_, (start, end) in times.items()
                    if start and end and first <= start and end <= last
                }
                assert set(found(**query)) == maybe, query
                assert set(found(**query, date_match="certain")) == surely, query


def test_how_dates_match_says_nothing_without_one(refused: Any) -> None:
    error = refused(date_match="certain")
    assert (error["parameter"], error["code"]) == ("date_match", "needs_another")
    assert "`date` or `date_from` or `date_to`" in error["detail"]


# Provisions, sources


def test_events_that_carried_out_or_broke_a_provision(found: Any) -> None:
    assert found(fulfils="hand-over-of-aghdam") == [ENTRY]
    assert found(fulfils="hand-over-of-lachin") == []
    assert found(breaches="hand-over-of-aghdam") == []
    event = Event.objects.get(public_id=BAKU)
    event.breaches.set(Event.objects.get(public_id=ENTRY).fulfils.all())
    assert found(breaches="Armenia gives up the district of AGHDAM to Azerbaijan.") == [BAKU]


def test_a_provision_that_is_not_known_is_refused(refused: Any) -> None:
    error = refused(fulfils="hand-over-of-agdam")
    assert (error["code"], error["suggestion"]) == ("unknown_name", "hand-over-of-aghdam")


def test_events_by_source(get: Any, found: Any, refused: Any) -> None:
    title = get("/api/sources/npr-2020-11-20")["title"]
    everything = found()
    for asked in ("npr-2020-11-20", "NPR-2020-11-20", title, title.upper()):
        assert found(source=asked) == everything
    (match,) = get("/api/events", source=title)["resolved"]["source"]
    assert (match["id"], match["matched"]) == ("npr-2020-11-20", title)
    assert found(source="geonames-az") == []
    # Whichever of its sources it is.
    EventCitation.objects.create(
        event=Event.objects.get(public_id=BAKU),
        document=Document.objects.get(public_id="geonames-az"),
        position=99,
        supports=["place"],
    )
    assert found(source="geonames-az") == [BAKU]
    assert refused(source="npr-2020-11-21")["suggestion"] == "npr-2020-11-20"


# Changes


def test_events_that_changed_since_a_moment(get: Any, found: Any) -> None:
    moments = {e["id"]: e["updated_at"] for e in get("/api/events", page_size=1000)["results"]}
    since = max(moments.values())
    # The moment itself is inside, so that nothing of it can be missed.
    last = {id_ for id_, moment in moments.items() if moment == since}
    assert last <= set(found(updated_since=since))
    assert found(updated_since="2999-01-01T00:00:00Z") == []
    assert len(found(updated_since="0001-01-01T00:00:00Z")) == len(moments)


def test_a_moment_is_told_to_the_microsecond(found: Any) -> None:
    event = Event.objects.get(public_id=BAKU)
    event.save()
    event.refresh_from_db()
    moment = event.updated_at.replace(tzinfo=None)
    assert BAKU in found(updated_since=f"{moment.isoformat(timespec='microseconds')}Z")
    after = moment + timedelta(microseconds=1)
    assert BAKU not in found(updated_since=f"{after.isoformat(timespec='microseconds')}Z")


def test_an_offset_is_taken_into_account(found: Any) -> None:
    last = Event.objects.latest("updated_at").updated_at.astimezone(UTC).replace(microsecond=0)
    digits = f"{last:%Y-%m-%dT%H:%M:%S}"
    assert found(updated_since=f"{digits}Z") == found(updated_since=f"{digits}+00:00") != []
    # The same digits an hour further west are an hour later.
    assert found(updated_since=f"{digits}-01:00") == []
    east = (last + timedelta(hours=4)).isoformat().replace("+00:00", "+04:00")
    assert found(updated_since=east) == found(updated_since=f"{digits}Z")


@pytest.mark.parametrize(
    "value",
    ["2020-11-20", "2020-11-20T08:00:00", "2024-01-01T00:00:00+99:99", "infinity",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-01-01T00:00:00[Europe/Paris]"],
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(refused: Any, value: str) -> None:
    error = refused(updated_since=value)
    assert (error["parameter"], error["code"]) == ("updated_since", "not_a_moment")


def test_a_plus_that_became_a_space_is_told(refused: Any) -> None:
    assert "%2B" in refused(updated_since="2020-11-20T12:00:00 04:00")["detail"]


# Names that mean several


@pytest.mark.parametrize("name", ["place", "exclude_place"])
def test_a_town_and_a_district_of_one_name_are_both_meant(get: Any, found: Any, name: str) -> None:
    district = Place.objects.get(public_id="aghdam")
    town = Place.objects.create(
        public_id="aghdam-town", name="Ağdam", kind="settlement", parent=district
    )
    PlaceName.objects.create(place=town, name="Ağdam")
    Event.objects.filter(public_id=BAKU).update(place=town)
    for asked in ("Aghdam", "Агдам", "AĞDAM"):
        matches = get("/api/events", **{name: asked})["resolved"][name]
        assert "aghdam" in {match["id"] for match in matches}
    both = {"aghdam", "aghdam-town"}
    matches = get("/api/events", **{name: "Ağdam"})["resolved"][name]
    assert {match["id"] for match in matches} == both
    assert ({BAKU, ENTRY} <= set(found(**{name: "Ağdam"}))) is (name == "place")
    # Their ids tell them apart.
    if name == "place":
        assert found(place="aghdam-town") == [BAKU]


# What holds for the plan


def test_an_actor_in_a_role_is_walked_in_the_index_of_participations(
    get: Any, django_assert_num_queries: Any
) -> None:
    # The state, the name, what is withheld, the page.
    with django_assert_num_queries(4) as captured:
        get("/api/events", actor="Azerbaijan", actor_role="participant", status="occurred")
    keys = captured.captured_queries[3]["sql"].partition(") page CROSS JOIN")[0]
    assert 'FROM "events_participation"' in keys
    assert keys.count("JOIN") == 1
