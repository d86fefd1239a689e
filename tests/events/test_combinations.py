"""Filters of events together: any two find what both find, whichever index is walked."""

from itertools import combinations
from typing import Any

import pytest

from api.parameters import Parameter
from events.queries import EventParameters

BAKU = "celebrations-in-baku"

# Filters with what they need, and more than one value of those that meet in special ways.
QUERIES: list[dict[str, str]] = [
    {"id": f"azerbaijani-forces-enter-aghdam,{BAKU},turkey-encourages-azerbaijan"},
    {"place": "Azerbaijan"},
    {"place": "Aghdam", "place_match": "exact"},
    {"country": "AZ"},
    {"actor": "Azerbaijan,Armenia"},
    {"actor": "Azerbaijan", "actor_role": "participant,affected"},
    {"type": "RETREAT/withdraw,SUPPORT"},
    {"root_type": "RETREAT"},
    {"code": "cameo:192,cameo:190"},
    {"status": "expected,ongoing"},
    {"certainty": "reported,alleged"},
    {"date": "2020-11"},
    {"date_from": "2020-11-01", "date_match": "certain"},
    {"date_to": "2020-11-30"},
    {"deaths_min": "1"},
    {"dataset": "aghdam-2020"},
    {"agreement": "azerbaijan-armenia-cease-fire-2020"},
    {"fulfils": "hand-over-of-aghdam"},
    {"source": "npr-2020-11-20"},
    {"bbox": "46,39,47,41"},
    {"near": "39.99,46.93", "radius_km": "100"},
    {"deaths_max": "30000"},
    {"updated_since": "2020-11-20T00:00:00Z"},
    {"q": "troops or forces or crowds"},
    {"exclude_place": "Nagorno-Karabakh,Aghdam"},
    {"exclude_actor": "Armenia"},
    {"exclude_type": "SUPPORT,RETREAT/withdraw"},
]


@pytest.fixture
def found(get: Any) -> Any:
    """Return a function that gives the ids that a query finds."""

    def found(**query: str) -> list[str]:
        answer = get("/api/events", page_size=1000, **query)
        ids = [event["id"] for event in answer["results"]]
        assert answer["count"] == len(ids) == len(set(ids))
        return ids

    return found


def test_every_filter_is_among_them() -> None:
    filters = {
        name
        for name, parameter in EventParameters().fields.items()
        if isinstance(parameter, Parameter) and name not in SHARED
    }
    # Of these the article has no example.
    assert filters - {"breaches", "exclude_dataset"} == {
        name for query in QUERIES for name in query
    }


SHARED = ("sort", "page", "page_size", "cursor", "count")


@pytest.mark.parametrize(
    ("sort", "gathered"), [("-date", False), ("title", False), ("-date", True)]
)
def test_any_two_filters_find_what_both_find(
    found: Any, sort: str, gathered: bool, monkeypatch: Any
) -> None:
    if gathered:
        monkeypatch.setattr("api.keys.walk", lambda *_: None)
        monkeypatch.setattr("events.plan.SIZED", 0)
    whole = found(sort=sort)
    singles = [set(found(**query)) for query in QUERIES]
    assert all(singles)
    for (one, of_one), (other, of_other) in combinations(zip(QUERIES, singles, strict=True), 2):
        # Two queries that share a parameter cannot be put together.
        if one.keys().isdisjoint(other.keys()) and not _meet(one, other):
            both = [id_ for id_ in whole if id_ in of_one & of_other]
            assert found(**one, **other, sort=sort) == both, (one, other)


def _meet(one: dict[str, str], other: dict[str, str]) -> bool:
    """`date_match` says how all dates are meant."""
    dates = {"date", "date_from", "date_to"}
    return any("date_match" in q for q in (one, other)) and all(
        not dates.isdisjoint(q) for q in (one, other)
    )


@pytest.mark.parametrize("with_actor", [{}, {"actor": "Azerbaijan,Armenia"}], ids=["all", "actor"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("place", "Aghdam"),
        ("place", "Azerbaijan,Armenia"),
        ("actor", "Russia"),
        ("type", "RETREAT"),
        ("type", "RETREAT/ceasefire,SUPPORT"),
        ("dataset", "aghdam-2020"),
    ],
)
def test_what_is_excluded_is_what_the_filter_finds(
    found: Any, with_actor: dict[str, str], name: str, value: str
) -> None:
    everything, chosen = found(**with_actor), found(**{name: value})
    left = found(**with_actor, **{f"exclude_{name}": value})
    assert left == [id_ for id_ in everything if id_ not in chosen]
    assert left != everything


def test_what_has_no_place_or_type_of_its_own_is_not_excluded(found: Any, get: Any) -> None:
    nowhere = {
        event["id"]
        for event in get("/api/events", page_size=1000)["results"]
        if event["place"] is None
    }
    assert nowhere
    for query in ({}, {"actor": "Azerbaijan"}):
        left = set(found(exclude_place="Azerbaijan,Armenia", **query))
        assert left == nowhere & set(found(**query)) != set()


def test_an_excluded_actor_is_excluded_in_any_role(found: Any) -> None:
    query = {"actor": "Azerbaijan", "actor_role": "participant", "exclude_actor": "Azerbaijan"}
    assert found(**query) == []


def test_excluded_names_are_told(get: Any) -> None:
    resolved = get("/api/events", exclude_place="Agdam", exclude_type="protest")["resolved"]
    assert [match["id"] for match in resolved["exclude_place"]] == ["aghdam"]
    assert [match["id"] for match in resolved["exclude_type"]] == ["protest"]
    (error,) = get("/api/events", 400, exclude_actor="Azerbaijn")["errors"]
    assert (error["parameter"], error["suggestion"]) == ("exclude_actor", "Azerbaijan")


def test_pages_of_combined_filters_join_up(get: Any, client: Any, found: Any) -> None:
    query = {
        "actor": "Azerbaijan",
        "actor_role": "participant,initiator",
        "exclude_type": "SUPPORT",
        "bbox": "40,35,55,45",
    }
    whole = found(**query)
    assert len(whole) > 2
    page, seen = get("/api/events", page_size=1, **query), []
    while True:
        seen += [event["id"] for event in page["results"]]
        if not page["next"]:
            break
        page = client.get(page["next"]).json()
    assert seen == whole
