"""A page by a brief walk or by gathering: the same answers, and each by the indexes made for it."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from api import walks
from events.plan import plan
from events.queries import EventParameters

pytestmark = pytest.mark.django_db

QUERIES = [
    "",
    "place=Aghdam",
    "place=azerbaijan,armenia,lachin",
    "place=azerbaijan&place_match=exact",
    "country=AZ&type=RETREAT",
    "type=RETREAT,ASSAULT/aerial",
    "root_type=CONSULT&certainty=confirmed",
    "actor=azerbaijan",
    "actor=azerbaijan,armenia",
    "actor=azerbaijan&actor_role=initiator",
    "actor=azerbaijan,armenia&actor_role=initiator&country=AZ",
    "actor=armenia&exclude_actor=azerbaijan",
    "actor=azerbaijan&place=Aghdam&type=RETREAT",
    "code=cameo:190",
    "code=cameo:190,ucdp:1&status=occurred",
    "agreement=azerbaijan-armenia-cease-fire-2020&actor=russia",
    "status=expected",
    "certainty=alleged,confirmed&exclude_place=baku",
    "date=2020-11",
    "date=2020-11-20/..",
    "date=1994&country=AZ",
    "date_from=1990&date_to=2020-11-15",
    "date=2020&date_match=certain",
    "deaths_min=1",
    "deaths_max=100",
    "bbox=46,39,47,41",
    "bbox=46,39,47,41&near=40,47&radius_km=30",
    "near=40,47&radius_km=60&actor=azerbaijan",
    "q=troops",
    "source=npr-2020-11-20&exclude_type=RETREAT",
    "updated_since=2020-01-01T00:00:00Z",
]
# What the terms of events tell, by themselves and beside what they do not.
BY_TERMS = [
    "country=AZ&q=troops&exclude_type=RETREAT",
    "place=aghdam&place_match=exact&status=occurred",
    "type=RETREAT,SUPPORT&certainty=reported,confirmed&dataset=aghdam-2020",
    "code=cameo:190&country=AZ",
    "deaths_min=1&country=AZ",
    "deaths_min=1000&deaths_max=99999&certainty=reported,confirmed",
    "deaths_min=0&actor=azerbaijan,armenia",
    "deaths_max=5000&actor=azerbaijan,armenia",
    "deaths_max=0&status=occurred",
    "bbox=46,39,47,41&actor=azerbaijan",
    "bbox=-180,-90,180,90&q=troops",
    "near=40,47&radius_km=60&certainty=reported,confirmed&date_from=1990",
    "place=azerbaijan&status=occurred&date=2020",
    "place=azerbaijan&status=occurred&date=1992&date_match=certain",
    "agreement=azerbaijan-armenia-cease-fire-2020&country=AZ",
    "country=AZ&certainty=reported,confirmed&source=npr-2020-11-20",
    "exclude_type=RETREAT&exclude_place=baku",
    "q=-troops&country=AZ",
    "country=AZ&exclude_dataset=aghdam-2020",
]
ORDERS = ["-date", "date", "-deaths", "title", "-updated_at"]


def crawl(get: Any, query: dict[str, Any]) -> list[str]:
    """Return the ids of a list, page by page to its end, having gone back to its beginning."""
    answer = get("/api/events", **query)
    forth: list[str] = [event["id"] for event in answer["results"]]
    last = answer
    while answer["next"]:
        last = answer = get("/api/events", **dict(parse_qsl(urlsplit(answer["next"]).query)))
        forth += [event["id"] for event in answer["results"]]
    back = [event["id"] for event in last["results"]]
    while last["previous"]:
        last = get("/api/events", **dict(parse_qsl(urlsplit(last["previous"]).query)))
        back = [event["id"] for event in last["results"]] + back
    assert back == forth
    return forth


@pytest.mark.parametrize(
    ("query", "farther", "orders"),
    [
        *((query, 1, ORDERS) for query in QUERIES),
        *((query, 1, ["-date", "date"]) for query in BY_TERMS),
        *((query, walks.FARTHER, ["-date"]) for query in [*QUERIES[::4], *BY_TERMS[::4]]),
    ],
)
def test_a_walk_that_is_too_short_changes_no_answer(
    get: Any, query: str, farther: int, orders: list[str], monkeypatch: Any
) -> None:
    for order in orders:
        asked = dict(parse_qsl(query)) | {"sort": order, "count": "none"}
        whole = get("/api/events", **asked, page_size=1000)["results"]
        expected = [event["id"] for event in whole]
        with monkeypatch.context() as patched:
            patched.setattr(walks, "WALKED", 1)
            patched.setattr(walks, "FOR_EACH", 1)
            patched.setattr(walks, "FARTHER", farther)
            # Of few events no time is too long to look at them all.
            patched.setattr("events.plan.SIZED", 0 if farther == 1 else walks.SIZED)
            for size in (1, 3):
                assert crawl(get, asked | {"page_size": size}) == expected
            by_number = [
                event["id"]
                for number in range(1, -(-len(expected) // 3) + 1)
                for event in get("/api/events", **asked, page_size=3, page=number)["results"]
            ]
            assert by_number == expected
            for size in (1, 1000):
                counted = get("/api/events", **asked | {"count": "exact", "page_size": size})
                assert counted["count"] == len(expected)


def keys_of(query: str) -> Any:
    return plan(EventParameters.read(QueryDict(query)))


@pytest.mark.parametrize(
    "query",
    ["country=AZ", "place=azerbaijan,armenia&status=expected", "actor=azerbaijan&deaths_min=1"],
)
def test_a_walk_that_is_long_enough_is_one_query(get: Any, query: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        get("/api/events", **dict(parse_qsl(query)), count="none")
    assert len([row for row in captured if "events_eventbody" in row["sql"]]) == 1


def planned(get: Any, query: str, forbidden: str) -> str:
    """Return the plan for the page of a query, if the database must do without what is `forbidden`."""
    with CaptureQueriesContext(connection) as captured:
        get("/api/events", **dict(parse_qsl(query)), count="none")
    (page,) = [row["sql"] for row in captured if "events_eventbody" in row["sql"]][-1:]
    with connection.cursor() as cursor:
        # Whatever tests before this one have left of dead rows and statistics, a plan is the same.
        cursor.execute(
            "REINDEX TABLE events_event; REINDEX TABLE events_eventterms; "
            "ANALYZE events_event, events_eventterms"
        )
        for node in ("seqscan", *forbidden.split()):
            cursor.execute(f"SET LOCAL enable_{node} = off")
        cursor.execute(f"EXPLAIN {page}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "events_event_date"),
        ("date_to=2020-11-20", "events_event_date"),
        ("country=AZ", "events_event_place_1"),
        ("place=aghdam", "events_event_place_2"),
        ("place=aghdam&place_match=exact", "events_event_place"),
        ("type=RETREAT/withdraw", "events_event_type"),
        ("root_type=RETREAT", "events_event_root_type"),
        ("agreement=azerbaijan-armenia-cease-fire-2020", "events_event_agreement"),
        ("actor=azerbaijan", "events_participation_actor"),
        ("code=cameo:190", "events_eventcode_code"),
        ("sort=-deaths", "events_event_most_deaths"),
        ("sort=deaths", "events_event_least_deaths"),
        ("sort=title", "events_event_title"),
        ("sort=-title", "events_event_title"),
        ("sort=updated_at", "events_event_updated"),
        ("sort=updated_at&updated_since=2020-11-20T00:00:00Z", "events_event_updated"),
        ("country=AZ&status=occurred", "events_event_place_1"),
        ("status=expected", "events_event_status"),
        ("certainty=alleged,confirmed", "events_event_certainty"),
        ("country=AZ&date_to=2020-11-20", "events_event_place_1"),
        ("actor=azerbaijan&status=expected", "events_participation_actor"),
        ("bbox=46,39,47,41", "events_event_date"),
        ("date=2020-11&sort=date", "events_event_lasting"),
    ],
)
def test_a_page_is_walked_in_the_order_of_an_index(get: Any, query: str, index: str) -> None:
    plan = planned(get, query, "bitmapscan sort incremental_sort hashjoin mergejoin hashagg")
    assert re.search(rf"using {index} ", plan), plan
    # With several walks, what they found is sorted.
    assert "lasting" in index or "Sort" not in plan.partition("stored")[2], plan


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("bbox=46,39,47,41", {"events_event_point", "events_event_pointless"}),
        ("near=40,47&radius_km=30", {"events_event_point", "events_event_pointless"}),
        ("deaths_min=30000", {"events_event_most_deaths", "events_event_deaths_low"}),
        ("date_from=2020-12-01", {"events_event_date", "events_event_lasting_end"}),
        ("status=expected", {"events_event_status"}),
        ("certainty=alleged", {"events_event_certainty"}),
        ("q=troops", {"events_event_search"}),
        ("id=azerbaijani-forces-enter-aghdam", {"events_event_public_id_unique"}),
        ("country=AZ&certainty=reported&q=troops", {"events_eventterms_terms"}),
        ("actor=azerbaijan&exclude_place=baku", {"events_eventterms_terms"}),
        ("deaths_max=9&deaths_min=1", {"events_eventterms_terms"}),
        ("near=40,47&radius_km=30&q=troops", {"events_eventterms_point"}),
    ],
)
def test_what_is_rare_is_gathered_by_its_indexes(
    get: Any, query: str, indexes: set[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr("api.keys.walk", lambda *_: None)
    plan = planned(get, query, "indexscan indexonlyscan sort")
    assert indexes <= set(re.findall(r"events_event\w*_\w+", plan)), plan


@pytest.mark.parametrize(
    ("query", "many", "by_terms"),
    [
        ("country=AZ&certainty=reported&date=2020-11", 10_000, False),
        ("country=AZ&certainty=reported&date=2020-11", 0, True),
        ("country=AZ&certainty=reported&date_to=2020-11", 10_000, False),
        ("country=AZ&certainty=reported&date_to=2020-11", 0, True),
        ("country=AZ&certainty=reported", 10_000, True),
        ("country=AZ&certainty=reported&sort=title", 0, False),
        ("country=AZ&sort=date", 0, False),
        # Too large for squares, which the row of terms makes up for.
        ("bbox=-170,-80,170,80&country=AZ&certainty=reported", 0, True),
    ],
)
def test_terms_are_for_what_no_time_or_order_finds_sooner(
    get: Any, query: str, many: int, by_terms: bool, monkeypatch: Any
) -> None:
    monkeypatch.setattr("api.keys.walk", lambda *_: None)
    monkeypatch.setattr("events.plan.SIZED", many)
    with CaptureQueriesContext(connection) as captured:
        get("/api/events", **dict(parse_qsl(query)), count="none")
    (page,) = [row["sql"] for row in captured if "events_eventbody" in row["sql"]][-1:]
    assert ("events_eventterms" in page) is by_terms
    # Of the terms a row tells all that is asked.
    assert ('"events_event"' in page) is not by_terms


@pytest.mark.parametrize(
    "query",
    [
        "place=aghdam&exclude_place=azerbaijan",
        "country=AZ&exclude_place=azerbaijan",
        "root_type=RETREAT&exclude_type=RETREAT",
        "place=aghdam,baku&exclude_place=baku,aghdam",
        "actor=armenia&exclude_actor=azerbaijan,armenia",
        "type=RETREAT/withdraw&exclude_type=RETREAT",
        "dataset=aghdam-2020&exclude_dataset=aghdam-2020",
    ],
)
def test_what_is_asked_for_and_left_out_is_not_looked_for(get: Any, query: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        answer = get("/api/events", **dict(parse_qsl(query)))
    assert (answer["count"], answer["count_relation"], answer["results"]) == (0, "exact", [])
    assert not any("eventterms" in row["sql"] for row in captured)
    # A walk, and no more.
    assert sum("events_eventbody" in row["sql"] for row in captured) == 1


@pytest.mark.parametrize(
    "query",
    [
        "place=azerbaijan&exclude_place=aghdam",
        "place=aghdam,baku&exclude_place=aghdam",
        "actor=armenia,azerbaijan&exclude_actor=armenia",
        "type=RETREAT&exclude_type=RETREAT/ceasefire",
    ],
)
def test_what_is_left_out_in_part_is(get: Any, query: str, monkeypatch: Any) -> None:
    walked = get("/api/events", **dict(parse_qsl(query)))["results"]
    monkeypatch.setattr("api.keys.walk", lambda *_: None)
    assert get("/api/events", **dict(parse_qsl(query)))["results"] == walked
