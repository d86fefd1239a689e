"""Filters of /api/events by role, code, area, change and evidence, on the article's records."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from events.models import Event, EventCode
from places.models import Place, PlaceName

ENTRY = "azerbaijani-forces-enter-aghdam"
BAKU = "celebrations-in-baku"
# In Baku are the celebrations and the riots; the riots have no date.
RIOTS = "anti-armenian-riots-in-baku"


@pytest.fixture
def found(get: Any) -> Any:
    """Return a function that gives the ids that a query finds."""

    def found(**query: Any) -> list[str]:
        return [event["id"] for event in get("/api/events", page_size=1000, **query)["results"]]

    return found


@pytest.fixture
def refused(get: Any) -> Any:
    """Return a function that gives the one error of a query."""

    def refused(**query: Any) -> Any:
        (error,) = get("/api/events", 400, **query)["errors"]
        return error

    return refused


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
    assert refused(id="a" * 201)["code"] == "not_an_id"


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
    assert refused(source="npr-2020-11-21")["suggestion"] == "npr-2020-11-20"


# Areas. Aghdam lies at 39.99, 46.93; Baku at 40.38, 49.89.


@pytest.fixture
def moved(db: None) -> Any:
    """Return a function that gives the celebrations in Baku coordinates of their own."""

    def moved(latitude: float, longitude: float) -> None:
        Event.objects.filter(public_id=BAKU).update(latitude=latitude, longitude=longitude)

    return moved


def test_a_box_holds_events_by_their_place(found: Any) -> None:
    assert set(found(bbox="49,40,50,41")) == {BAKU, RIOTS}
    assert set(found(bbox="46.9,39.9,47,40")) == set(found(place="Aghdam"))
    assert found(bbox="0,0,1,1") == []
    # Edges are inside.
    baku = Place.objects.get(public_id="baku")
    assert BAKU in found(bbox=f"{baku.longitude},{baku.latitude},{baku.longitude},{baku.latitude}")


@pytest.mark.parametrize("query", [{}, {"actor": "crowds-in-baku"}], ids=["all", "actor"])
def test_coordinates_of_the_event_go_before_those_of_its_place(
    found: Any, moved: Any, query: dict[str, str]
) -> None:
    moved(10, 20)
    for area in ({"bbox": "19,9,21,11"}, {"near": "10,20", "radius_km": "1"}):
        assert found(**area, **query) == [BAKU]
    for area in ({"bbox": "49,40,50,41"}, {"near": "40.38,49.89", "radius_km": "50"}):
        assert BAKU not in found(**area, **query)


def test_a_box_may_cross_the_antimeridian(found: Any, moved: Any) -> None:
    for longitude in (179.5, -179.5, 180, -180):
        moved(-18, longitude)
        assert found(bbox="179,-19,-179,-17") == [BAKU]
    moved(-18, 178)
    assert found(bbox="179,-19,-179,-17") == []


def test_a_circle_holds_what_is_near(found: Any, moved: Any) -> None:
    # A degree of latitude has 111.2 km.
    moved(1, 0)
    assert found(near="0,0", radius_km="111.1") == []
    assert found(near="0,0", radius_km="111.2") == [BAKU]
    moved(0, -179.9)
    assert found(near="0,179.9", radius_km="23") == [BAKU]
    moved(89.9, -90)
    assert found(near="89.9,90", radius_km="23") == [BAKU]


def test_a_great_part_of_the_earth_can_be_asked_for(found: Any, get: Any) -> None:
    placed = {
        event["id"]
        for event in get("/api/events", page_size=1000)["results"]
        if event["place"] and event["place"]["latitude"] is not None
    }
    assert set(found(bbox="-180,-90,180,90")) == placed
    assert set(found(near="0,0", radius_km="20000")) == placed
    many = [Place(public_id=f"s-{n}", name="s", kind="site", latitude=5, longitude=5)
            for n in range(1001)]  # fmt: skip
    Place.objects.bulk_create(many)
    assert set(found(bbox="-180,-90,180,90")) == placed


@pytest.mark.parametrize(
    ("bbox", "suggestion"),
    [
        ("-180,-90,180", None),
        ("nan,nan,nan,nan", None),
        ("1,2,3,4,5,6", None),
        ("1,2,3,x", None),
        ("1,2,,4", None),
        ("1;2;3;4", None),
        ("1e1,2,3,4", None),
        ("٤٤,38,50,41", None),
        ("181,0,182,1", None),
        ("40,181,41,182", None),
        ("44,42,50,38", "44,38,50,42"),
        # South, west, north, east.
        ("38.8,144.7,41.9,150.4", "144.7,38.8,150.4,41.9"),
        ("0,95,10,98", "95,0,98,10"),
        ("0,0,0,91", "0,0,91,0"),
    ],
)
def test_a_box_that_is_none_is_refused(refused: Any, bbox: str, suggestion: str | None) -> None:
    error = refused(bbox=bbox)
    assert (error["parameter"], error["code"]) == ("bbox", "not_a_box")
    assert "west,south,east,north" in error["detail"]
    assert error["suggestion"] == suggestion


@pytest.mark.parametrize(
    ("near", "suggestion"),
    [
        ("40", None),
        ("40,50,60", None),
        ("146.93,39.99", "39.99,146.93"),
        ("91,0", "0,91"),
        ("0,181", None),
        ("nan,0", None),
        ("40°N,50°E", None),
    ],
)
def test_a_point_that_is_none_is_refused(refused: Any, near: str, suggestion: str | None) -> None:
    error = refused(near=near, radius_km="10")
    assert (error["parameter"], error["code"]) == ("near", "not_a_point")
    assert error["suggestion"] == suggestion


@pytest.mark.parametrize(
    "value", ["0", "-1", "20000.1", "99999999", "1e3", "inf", "nan", "0.0", "١٠"]
)
def test_a_distance_that_is_none_is_refused(refused: Any, value: str) -> None:
    error = refused(near="40,47", radius_km=value)
    assert (error["parameter"], error["code"]) == ("radius_km", "out_of_range")


@pytest.mark.parametrize("query", [{"near": "40,47"}, {"radius_km": "5"}], ids=str)
def test_a_circle_has_a_centre_and_a_radius(refused: Any, query: dict[str, str]) -> None:
    error = refused(**query)
    assert (error["parameter"], error["code"]) == (*query, "needs_another")


def test_an_area_is_one_query_more(get: Any, django_assert_num_queries: Any) -> None:
    for query in ({"bbox": "46,39,47,41"}, {"near": "40,47", "radius_km": "50"}):
        with django_assert_num_queries(5):
            get("/api/events", **query)


# Changes


def test_events_that_changed_since_a_moment(get: Any, found: Any) -> None:
    moments = {e["id"]: e["updated_at"] for e in get("/api/events", page_size=1000)["results"]}
    since = max(moments.values())
    # The moment itself is inside, so that nothing of it can be missed.
    last = {id_ for id_, moment in moments.items() if moment == since}
    assert last <= set(found(updated_since=since))
    assert found(updated_since="2999-01-01T00:00:00Z") == []
    assert len(found(updated_since="0001-01-01T00:00:00Z")) == len(moments)


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


# Relevance


@pytest.fixture
def ranked(db: None) -> None:
    """Let three events hold the same word, one more than the others."""
    for number, id_ in enumerate([BAKU, ENTRY, RIOTS, "protests-in-armenia"]):
        words = "xylophone " * (number % 3 + 1)
        Event.objects.filter(public_id=id_).update(title=words, summary=None)


def test_relevance_puts_the_best_first(found: Any, ranked: None) -> None:
    ids = found(q="xylophone", sort="relevance")
    assert ids[0] == RIOTS
    assert ids[1] == ENTRY
    # Equals keep the order in which they were recorded.
    equals = Event.objects.filter(public_id__in=[BAKU, "protests-in-armenia"]).order_by("pk")
    assert ids[2:] == [event.public_id for event in equals]


@pytest.mark.parametrize("query", [{}, {"actor": "Azerbaijan,Armenia"}], ids=["all", "actor"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_by_relevance_join_up(
    client: Any, get: Any, found: Any, query: dict[str, str], size: int
) -> None:
    query = {"q": "troops or forces or aghdam or azerbaijan", "sort": "relevance", **query}
    whole = found(**query)
    assert set(whole) == set(found(**{**query, "sort": "-date"}))
    assert len(whole) > 5
    page, seen = get("/api/events", page_size=size, **query), []
    back = None
    while True:
        seen += [event["id"] for event in page["results"]]
        if not page["next"]:
            break
        back, page = page, client.get(page["next"]).json()
    assert seen == whole
    assert client.get(page["previous"]).json()["results"] == back["results"]


def test_relevance_says_nothing_without_words(refused: Any) -> None:
    error = refused(sort="relevance")
    assert (error["parameter"], error["code"]) == ("sort", "needs_another")
    assert "`q`" in error["detail"]


def test_relevance_has_one_direction(refused: Any) -> None:
    error = refused(sort="-relevance", q="troops")
    assert (error["code"], error["suggestion"]) == ("unknown_value", "relevance")


def test_too_many_to_be_ranked_are_refused(monkeypatch: Any, refused: Any, found: Any) -> None:
    many = len(found(q="troops or forces"))
    monkeypatch.setattr("events.queries.RANKED", many - 1)
    error = refused(q="troops or forces", sort="relevance")
    assert (error["parameter"], error["code"]) == ("sort", "too_many")
    monkeypatch.setattr("events.queries.RANKED", many)
    assert len(found(q="troops or forces", sort="relevance")) == many


@pytest.mark.parametrize("text", ["-troops", "the", "🙂", '"', "a or -b"])
def test_any_words_can_be_ranked_by(get: Any, text: str) -> None:
    assert get("/api/events", q=text, sort="relevance")["count_relation"] == "exact"


# What holds for the plan


def test_an_actor_in_a_role_is_walked_in_the_index_of_participations(
    get: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6) as captured:
        get("/api/events", actor="Azerbaijan", actor_role="participant", status="expected")
    keys = captured.captured_queries[3]["sql"]
    assert 'FROM "events_participation"' in keys
    assert keys.count("JOIN") == 1
