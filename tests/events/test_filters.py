"""The filters of /api/events on the article's records."""

from typing import Any
from urllib.parse import quote

import pytest

from events.models import Event
from places.models import Place, PlaceName
from sources.models import Dataset, Release

ENTRY = "azerbaijani-forces-enter-aghdam"


@pytest.mark.parametrize(
    "spelling",
    ["Aghdam", "aghdam", "AGHDAM", "Ağdam", "Agdam", "agdam", " Aghdam ", "Агдам", "Աղդամ", "Akna"],
)
@pytest.mark.parametrize("path", ["/api/events", "/api/events/"])
def test_the_canonical_request_in_any_spelling(
    client: Any, db: None, spelling: str, path: str
) -> None:
    response = client.get(f"{path}?place={quote(spelling)}")
    assert response.status_code == 200
    answer = response.json()
    entry = answer["results"][0]
    assert entry["id"] == ENTRY
    assert entry["date"] == {
        "start": "2020-11-20",
        "end": "2020-11-20",
        "precision": "day",
        "edtf": "2020-11-20",
    }
    assert {"azerbaijan-army", "armenia"} <= {p["actor"]["id"] for p in entry["participants"]}
    assert [provision["id"] for provision in entry["fulfils"]] == ["hand-over-of-aghdam"]
    assert entry["sources"][0]["locator"]["paragraph"] == 3
    assert [match["id"] for match in answer["resolved"]["place"]] == ["aghdam"]
    assert all(event["place"]["id"] == "aghdam" for event in answer["results"])


def test_a_place_covers_what_lies_inside_it(found: Any) -> None:
    assert ENTRY in found(place="Azerbaijan")
    assert set(found(place="Aghdam")) < set(found(place="Azerbaijan"))
    assert ENTRY not in found(place="Azerbaijan", place_match="exact")
    assert ENTRY in found(place="Aghdam", place_match="exact")


def test_the_ceded_districts_lie_around_nagorno_karabakh_not_inside(found: Any) -> None:
    inside = found(place="Nagorno-Karabakh")
    assert "first-war-over-nagorno-karabakh" in inside
    assert ENTRY not in inside


def test_several_places_mean_any_of_them(found: Any) -> None:
    either = set(found(place="Aghdam")) | set(found(place="Baku"))
    assert set(found(place="Aghdam,Baku")) == either
    assert set(found(place=["Aghdam", "Baku"])) == either


@pytest.mark.parametrize(
    ("asked", "suggestion"), [("Agdham", "Aghdam"), ("Lachn", "Lachin"), ("Bakuu", "Baku")]
)
def test_a_place_that_is_not_known_is_refused_with_a_suggestion(
    get: Any, asked: str, suggestion: str
) -> None:
    (error,) = get("/api/events", 400, place=asked)["errors"]
    assert (error["parameter"], error["value"]) == ("place", asked)
    assert (error["code"], error["suggestion"]) == ("unknown_name", suggestion)


def test_each_name_that_is_not_known_is_told(get: Any) -> None:
    for asked in (["Nowhere", "Aghdam", "Bakuu"], "Nowhere,Aghdam,Bakuu"):
        errors = get("/api/events", 400, place=asked)["errors"]
        assert [(e["value"], e["suggestion"]) for e in errors] == [
            ("Nowhere", None),
            ("Bakuu", "Baku"),
        ]


def test_ids_are_found_in_any_case_and_suggested(get: Any, found: Any) -> None:
    assert found(actor="RIOTERS-IN-BAKU") == found(actor="rioters-in-baku") != []
    (error,) = get("/api/events", 400, actor="rioters-in-bakuu")["errors"]
    assert error["suggestion"] == get("/api/actors/rioters-in-baku")["name"]


def test_what_matched_is_the_name_that_was_asked_for_where_it_is_one(get: Any) -> None:
    for name in ("Agdam", "Ağdam", "Агдам", "Աղդամ"):
        (match,) = get("/api/events", place=name)["resolved"]["place"]
        assert match["matched"] == name


@pytest.mark.parametrize(
    ("asked", "matched"),
    [
        # But for the case as it is written.
        ("AGHDAM", "Aghdam"),
        ("AĞDAM", "Ağdam"),
        ("агдам", "Агдам"),
        # As none is written: its own name or else the first.
        ("Ághdám", "Aghdam"),
        ("Ágdám", "Ag'dam"),
    ],
)
def test_what_matched_is_the_name_that_is_most_like_it(get: Any, asked: str, matched: str) -> None:
    PlaceName.objects.create(place=Place.objects.get(public_id="aghdam"), name="A-ghdam")
    (match,) = get("/api/events", place=asked)["resolved"]["place"]
    assert match["matched"] == matched


def test_place_match_says_nothing_without_a_place(get: Any) -> None:
    (error,) = get("/api/events", 400, place_match="exact")["errors"]
    assert (error["parameter"], error["code"]) == ("place_match", "needs_another")


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ({"date_from": "2020-12-01"}, {"date_to": "2020-01-01"}),
        ({"deaths_min": 1}, {"deaths_max": 0}),
    ],
)
def test_what_ends_before_it_begins_is_refused(
    get: Any, begin: dict[str, Any], end: dict[str, Any]
) -> None:
    (error,) = get("/api/events", 400, **begin, **end)["errors"]
    assert (error["parameter"], error["code"]) == (*end, "out_of_order")


def test_a_stretch_may_be_one_number(get: Any) -> None:
    assert get("/api/events", deaths_min=0, deaths_max=0)["count"] == 0


def test_what_began_nobody_knows_when_comes_before_all(get: Any) -> None:
    starts = [e["date"]["start"] for e in get("/api/events", sort="date")["results"]]
    known = [start for start in starts if start]
    assert starts == [None] * (len(starts) - len(known)) + sorted(known)


def test_plcae_is_place(get: Any) -> None:
    (error,) = get("/api/events", 400, plcae="Aghdam")["errors"]
    assert (error["code"], error["suggestion"]) == ("unknown_parameter", "place")


def test_an_actor_is_found_by_any_name_and_once_an_event(found: Any) -> None:
    by_name = found(actor="Azerbaijan")
    assert by_name == found(actor="azerbaijan")
    assert len(set(by_name)) == len(by_name)
    assert ENTRY in by_name
    assert "trump-hails-cease-fire" in found(actor="President Trump")


def test_an_actor_and_other_filters_together(found: Any) -> None:
    both = found(actor="Azerbaijan", place="Azerbaijan", date="2020-11")
    apart = (
        set(found(actor="Azerbaijan")) & set(found(place="Azerbaijan")) & set(found(date="2020-11"))
    )
    assert set(both) == apart
    assert both == [id_ for id_ in found(actor="Azerbaijan") if id_ in apart]


@pytest.mark.parametrize("sort", ["title", "-deaths", "updated_at", "date"])
def test_the_events_of_an_actor_in_any_order(found: Any, sort: str) -> None:
    mine = set(found(actor="Azerbaijan,Armenia"))
    ordered = [id_ for id_ in found(sort=sort) if id_ in mine]
    assert found(actor="Azerbaijan,Armenia", sort=sort) == ordered


def test_a_type_covers_its_modes(get: Any, found: Any) -> None:
    for asked in ("RETREAT", "retreat", "Retreat"):
        answer = get("/api/events", type=asked)["results"]
        assert {event["type"]["root"] for event in answer} == {"RETREAT"}
        assert {"RETREAT/withdraw", "RETREAT/ceasefire"} <= {e["type"]["code"] for e in answer}
    assert found(type="RETREAT/withdraw") == found(type="retreat-withdraw")
    assert set(found(type="RETREAT/withdraw")) < set(found(type="RETREAT"))
    assert set(found(type="RETREAT/withdraw,PROTEST")) == {
        *found(type="RETREAT/withdraw"),
        *found(type="PROTEST"),
    }


def test_an_unknown_type_is_refused_with_all_that_are_known(get: Any) -> None:
    (error,) = get("/api/events", 400, type="RETREET")["errors"]
    assert error["suggestion"] == "RETREAT"
    assert "RETREAT/withdraw" in error["allowed"]


@pytest.mark.parametrize(
    ("date", "inside", "outside"),
    [
        ("2020-11-20", ENTRY, "protests-in-armenia"),
        ("2020-11", ENTRY, "trump-hails-cease-fire"),
        ("2020-10", "trump-hails-cease-fire", ENTRY),
        ("2020", ENTRY, "first-war-over-nagorno-karabakh"),
        ("2020-09/2020-10", "azerbaijan-launches-offensive", ENTRY),
        ("2020-11-20/..", "azerbaijani-forces-expected-in-lachin", "protests-in-armenia"),
        ("../1994", "first-war-over-nagorno-karabakh", "azerbaijan-launches-offensive"),
        # What goes on and what began nobody knows when overlap any day on their open side.
        ("2010", "stalemate-over-nagorno-karabakh", ENTRY),
        ("1988-02-20", "first-war-over-nagorno-karabakh", "stalemate-over-nagorno-karabakh"),
        # What has no date at all is found at no date.
        ("../9999", ENTRY, "anti-armenian-riots-in-baku"),
    ],
)
def test_a_date_finds_what_overlaps_it(found: Any, date: str, inside: str, outside: str) -> None:
    ids = found(date=date)
    assert inside in ids
    assert outside not in ids


def test_from_and_to_bound_the_time(found: Any) -> None:
    assert set(found(date_from="2020-11-01", date_to="2020-11-30")) == set(found(date="2020-11"))
    assert set(found(date_from="2020-11-20")) == set(found(date="2020-11-20/.."))
    assert set(found(date_to="1994-12-31")) == set(found(date="../1994"))


@pytest.mark.parametrize(
    "date",
    [
        "2020-13", "2020-02-30", "0000", "0000-01-01", "10000-01-01", "20-11-2020", "01/02/2024",
        "2020-1-1", "infinity", "../..", "/", "2020-12/2020-11", "2020-11-20T00:00:00", "٢٠٢٠",
        "2020-11-20/2020-11-21/2020-11-22", "today",
    ],
)  # fmt: skip
def test_a_date_that_is_none_is_refused(get: Any, date: str) -> None:
    (error,) = get("/api/events", 400, date=date)["errors"]
    assert (error["parameter"], error["code"]) == ("date", "not_a_date")
    for name in ("date_from", "date_to"):
        (error,) = get("/api/events", 400, **{name: date})["errors"]
        assert (error["parameter"], error["code"]) == (name, "not_a_date")


def test_events_about_an_agreement(found: Any) -> None:
    ids = found(agreement="azerbaijan-armenia-cease-fire-2020")
    assert ENTRY in ids
    assert "trump-hails-cease-fire" not in ids
    by_title = "cease-fire agreement between azerbaijan and armenia, brokered by russia"
    assert found(agreement=by_title) == ids


def test_a_month_or_year_bounds_as_its_first_or_last_day(found: Any) -> None:
    for first, last in (("2020-11", "2020-11"), ("2020", "2020"), ("2020-09", "2020-10")):
        assert set(found(date_from=first, date_to=last)) == set(found(date=f"{first}/{last}"))
    assert found(date_to="2020-11") == found(date_to="2020-11-30") != found(date_to="2020-11-01")


def test_words_in_title_and_summary(found: Any) -> None:
    assert "celebrations-in-baku" in found(q="celebrating crowds")
    assert found(q='"cease-fire" -trump') != found(q='"cease-fire"')
    assert set(found(q="sauna or protesters")) == {*found(q="sauna"), *found(q="protesters")}
    assert found(q="xylophone") == []


@pytest.mark.parametrize("text", ['"troops', "'; SELECT pg_sleep(10)--", "b & | ! c", "-Baku"])
def test_any_words_can_be_searched_for(get: Any, text: str) -> None:
    assert get("/api/events", q=text)["count_relation"] == "exact"


@pytest.mark.parametrize(
    "text", ["the", "of the", "-", '""', "%", "\\", '"a', "((((", ":*", "<->", "🙂"]
)
def test_what_holds_no_word_is_refused(get: Any, text: str) -> None:
    for path in ("/api/events", "/api/sources"):
        (error,) = get(path, 400, q=text)["errors"]
        assert (error["parameter"], error["code"]) == ("q", "nothing_to_search")


@pytest.mark.parametrize("nots", ["-" * 33, "(-" * 40, "- " * 35, "-!" * 40, "-|&" * 30])
def test_words_that_are_not_not_and_so_on_are_refused(refused: Any, get: Any, nots: str) -> None:
    """PostgreSQL fails at them."""
    error = refused(q=f"{nots}troops")
    assert (error["parameter"], error["code"]) == ("q", "nothing_to_search")
    # So many words that are each left out are not.
    assert get("/api/events", q="troops " + " ".join(f"-word{n}" for n in range(20)))["results"]


def test_unknown_figures_come_last_in_either_order(get: Any) -> None:
    for sort in ("deaths", "-deaths"):
        best = [event["deaths"]["best"] for event in get("/api/events", sort=sort)["results"]]
        assert best[0] == 30000
        assert best[1:] == [None] * (len(best) - 1)


def test_what_is_expected_is_not_told_as_having_happened(get: Any) -> None:
    for district in ("Lachin", "Kelbajar"):
        (event,) = get("/api/events", place=district)["results"]
        assert event["status"] == "expected"
        assert event["fulfils"] == []
        assert (event["date"]["start"], event["date"]["end"]) == ("2020-11-20", "2020-12-04")


# Countries


@pytest.mark.parametrize("asked", ["AZ", "az", "AZE", "Azerbaijan", "azerbaijan", "AZERBAIJAN"])
def test_a_country_is_known_by_code_id_and_name(get: Any, found: Any, asked: str) -> None:
    assert found(country=asked) == found(place="Azerbaijan") != []
    assert [match["id"] for match in get("/api/events", country=asked)["resolved"]["country"]] == [
        "azerbaijan"
    ]


def test_several_countries_mean_any_of_them(found: Any) -> None:
    either = {*found(country="AZ"), *found(country="AM")}
    assert set(found(country="AZ,AM")) == either
    assert len(either) > len(found(country="AZ"))


def test_a_country_and_a_place_both_hold(found: Any) -> None:
    assert found(country="AZ", place="Aghdam") == found(place="Aghdam")
    assert found(country="AM", place="Aghdam") == []


def test_a_territory_counts_as_a_country(found: Any) -> None:
    Place.objects.filter(public_id="nagorno-karabakh").update(kind="territory", parent=None)
    assert found(country="Nagorno-Karabakh") == found(place="Nagorno-Karabakh") != []


@pytest.mark.parametrize("asked", ["Aghdam", "aghdam", "Baku", "XX", "Azerbaijani"])
def test_a_place_that_is_no_country_is_refused(get: Any, asked: str) -> None:
    (error,) = get("/api/events", 400, country=asked)["errors"]
    assert (error["parameter"], error["value"], error["code"]) == ("country", asked, "unknown_name")
    assert error["detail"].startswith(f"No country is known as “{asked}”.")
    assert error["suggestion"] != "Aghdam"


def test_a_country_that_is_misspelt_is_suggested(get: Any) -> None:
    (error,) = get("/api/events", 400, country="Azerbajan")["errors"]
    assert error["suggestion"] == "Azerbaijan"
    assert error["detail"].endswith("Did you mean “Azerbaijan”?")


# Datasets


def test_events_of_a_dataset(get: Any, found: Any) -> None:
    everything = found()
    for asked in ("aghdam-2020", "Aghdam, November 2020", "AGHDAM-2020"):
        assert found(dataset=asked) == everything
    other = Dataset.objects.create(
        public_id="other",
        name="Other",
        description="-",
        licence="CC0-1.0",
        citation="-",
        redistributable=True,
    )
    assert found(dataset="other") == []
    release = Release.objects.create(dataset=other, version="1", checksum="0" * 64)
    Event.objects.filter(public_id=ENTRY).update(dataset=other, release=release)
    assert found(dataset="Other") == [ENTRY]
    assert ENTRY not in found(dataset="aghdam-2020")
    assert found(dataset="other,aghdam-2020") == everything
    event = get(f"/api/events/{ENTRY}")
    assert (event["dataset"]["id"], event["release"]) == ("other", "1")


def test_a_dataset_that_is_not_known_is_refused(get: Any) -> None:
    (error,) = get("/api/events", 400, dataset="aghdam-2021")["errors"]
    assert (error["code"], error["suggestion"]) == ("unknown_name", "aghdam-2020")
    assert error["detail"].startswith("No dataset is known as “aghdam-2021”.")
