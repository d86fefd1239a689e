"""/api/events/summary, against sums of the list that are worked out in another way."""

import csv
import io
import re
from collections import defaultdict
from itertools import combinations, product
from typing import Any
from urllib.parse import unquote

import pytest

from api import summaries
from events.queries import EventParameters
from events.summaries import FIGURES, GROUPINGS, EventSummaryParameters
from places.models import Place
from sources.models import Dataset
from tests.contract.test_lists import FINDS_NOTHING
from tests.contract.test_openapi import check
from tests.contract.withheld import withheld_dataset
from tests.events.conftest import MORE

PATH = "/api/events/summary"
TIMES = {"year": 4, "month": 7, "day": 10}
BOUNDS = ("low", "best", "high")
PAIRS = [",".join(pair) for pair in combinations(GROUPINGS, 2)]
FILTERS: list[dict[str, Any]] = [
    {},
    {"country": "AZ"},
    {"place": "Aghdam,Nagorno-Karabakh"},
    {"actor": "Azerbaijan"},
    {"date": "2020-11"},
    {"type": "ASSAULT,RETREAT", "date_from": "2000-01-01"},
    {"deaths_min": 1},
    {"q": "troops or cease-fire", "dataset": "aghdam-2020"},
]


def listed(get: Any, **query: Any) -> list[dict[str, Any]]:
    """Return all events that a query finds, page by page."""
    page = get("/api/events", page_size=10, **query)
    events = page["results"]
    while page["next"]:
        cursor = unquote(page["next"].partition("cursor=")[2])
        page = get("/api/events", page_size=10, **query, cursor=cursor)
        events += page["results"]
    return events


def outermost(get: Any, place: Any) -> str | None:
    if place is None:
        return None
    whole = get(place["url"])
    first = (whole["ancestors"] or [whole])[0]
    return first["id"] if first["kind"] in ("country", "territory") else None


def keys_of(get: Any, event: dict[str, Any], word: str) -> set[str | None]:
    """Return the keys of the groups that an event is in."""
    match word:
        case "year" | "month" | "day":
            return {event["date"]["start"] and event["date"]["start"][: TIMES[word]]}
        case "type":
            return {event["type"]["code"]}
        case "root_type":
            return {event["type"]["root"]}
        case "country":
            return {outermost(get, event["place"])}
        case "place":
            return {event["place"] and event["place"]["id"]}
        case "actor":
            return {part["actor"]["id"] for part in event["participants"]} or {None}
        case "dataset":
            return {event["dataset"]["id"]}
    return {event[word]}


def summed(events: list[dict[str, Any]], words: list[str]) -> dict[str, Any]:
    """Return the measures of `events`, which are in one group."""
    length = max((TIMES.get(word, 0) for word in words), default=0)
    result: dict[str, Any] = {"count": len(events), "beyond": None}
    if length:
        spans = [(event["date"]["start"], event["date"]["end"]) for event in events]
        within = [
            span for span in spans if None not in span and len({d[:length] for d in span}) == 1
        ]
        result["beyond"] = len(spans) - len(within)
    for figure in FIGURES:
        stated = {
            bound: [event[figure][bound] for event in events if event[figure][bound] is not None]
            for bound in BOUNDS
        }
        sums = {bound: sum(values) if values else None for bound, values in stated.items()}
        result[figure] = sums | {f"{bound}_known": len(values) for bound, values in stated.items()}
    return result


def key_of(group: dict[str, Any], word: str) -> Any:
    value = group[word]
    return value.get("id", value.get("code")) if isinstance(value, dict) else value


def measures(group: dict[str, Any]) -> dict[str, Any]:
    return {name: group[name] for name in ("count", "beyond", *FIGURES)}


@pytest.mark.parametrize("query", FILTERS, ids=str)
def test_groups_are_those_of_the_list(get: Any, more: None, query: dict[str, Any]) -> None:
    events = listed(get, **query)
    assert events
    keys = [{word: keys_of(get, event, word) for word in GROUPINGS} for event in events]
    resolved = get("/api/events", **query)["resolved"]
    for by in [*GROUPINGS, *PAIRS]:
        words = by.split(",")
        expected = defaultdict(list)
        for event, its in zip(events, keys, strict=True):
            for key in product(*(its[word] for word in words)):
                expected[key].append(event)
        answer = get(PATH, by=by, **query)
        found = {tuple(key_of(g, word) for word in words): measures(g) for g in answer["groups"]}
        assert found == {key: summed(events, words) for key, events in expected.items()}, by
        assert measures(answer) == summed(events, words)
        assert answer["by"] == words
        assert answer["group_count"] == len(answer["groups"]) == len(found)
        assert answer["groups_overlap"] is ("actor" in words)
        assert answer["resolved"] == resolved
        check(PATH, 200, "application/json", answer)


@pytest.mark.parametrize("by", [word for word in GROUPINGS if word != "actor"])
def test_groups_that_do_not_overlap_add_up_to_the_whole(get: Any, more: None, by: str) -> None:
    answer = get(PATH, by=by)
    assert sum(group["count"] for group in answer["groups"]) == answer["count"]
    for figure in FIGURES:
        for name, whole in answer[figure].items():
            assert sum(group[figure][name] or 0 for group in answer["groups"]) == (whole or 0)


def test_an_actor_counts_once_in_whatever_roles_and_groups_overlap(get: Any, more: None) -> None:
    answer = get(PATH, by="actor", dataset="more")
    counts = {group["actor"] and group["actor"]["id"]: group for group in answer["groups"]}
    assert counts["armenia"]["count"] == 3
    assert counts["armenia"]["deaths"]["best"] == 2
    assert counts["azerbaijan"]["count"] == 2
    assert counts[None]["count"] == 2
    assert sum(group["count"] for group in answer["groups"]) > answer["count"] == len(MORE)
    assert answer["groups_overlap"] is True
    assert answer["groups"][-1]["actor"] is None or counts[None]["count"] > 1


def test_unknown_is_null_and_zero_is_zero(get: Any, more: None) -> None:
    answer = get(PATH, by="day", dataset="more")
    deaths = {group["day"]: group["deaths"] for group in answer["groups"]}
    nothing = {"low": None, "low_known": 0}
    assert deaths["2020-01-01"] | nothing == {
        **nothing,
        "best": 0,
        "best_known": 1,
        "high": 0,
        "high_known": 1,
    }
    assert deaths["2020-01-01"]["low"] == 0
    # A best figure alone says nothing of the others, nor they of it.
    assert deaths["2020-01-31"] == nothing | {
        "best": 5,
        "best_known": 1,
        "high": None,
        "high_known": 0,
    }
    assert (deaths["2020-02-29"]["best"], deaths["2020-02-29"]["low"]) == (None, 4)
    assert answer["deaths"] == {
        "low": 6,
        "best": 8,
        "high": 20,
        "low_known": 4,
        "best_known": 4,
        "high_known": 5,
    }
    assert answer["displaced"]["best"] == 800


def test_an_event_stands_in_the_group_of_its_first_day(get: Any, more: None) -> None:
    def beyond(by: str) -> dict[str, tuple[int, int]]:
        groups = get(PATH, by=by, dataset="more")["groups"]
        return {group[by]: (group["count"], group["beyond"]) for group in groups}

    assert beyond("year") == {"0033": (1, 0), "2019": (1, 1), "2020": (3, 1), None: (1, 1)}
    assert beyond("month") == {
        "0033-04": (1, 0),
        "2019-12": (1, 1),
        "2020-01": (2, 1),
        "2020-02": (1, 1),
        None: (1, 1),
    }
    assert beyond("day")["2020-01-01"] == (1, 1)
    assert beyond("day")["0033-04-03"] == (1, 0)


def test_groups_come_in_the_order_of_time_or_the_largest_first(get: Any, more: None) -> None:
    months = [group["month"] for group in get(PATH, by="month")["groups"]]
    assert months == [*sorted(filter(None, months)), None]
    counts = [group["count"] for group in get(PATH, by="type")["groups"]]
    assert counts == sorted(counts, reverse=True)
    for by in ("year,status", "status,year"):
        groups = get(PATH, by=by)["groups"]
        order = [(group["year"] or "unknown", -group["count"]) for group in groups]
        assert order == sorted(order)
        assert list(groups[0])[:2] == by.split(",")


def test_a_country_is_what_the_filter_takes_for_one(get: Any, more: None) -> None:
    for group in get(PATH, by="country")["groups"]:
        if group["country"]:
            found = get("/api/events", country=group["country"]["id"])
            assert found["count"] == group["count"]
    ids = {key_of(group, "country") for group in get(PATH, by="country", dataset="more")["groups"]}
    assert ids == {"azerbaijan", "old-union", None}


def test_nothing_found_is_no_group(get: Any) -> None:
    answer = get(PATH, by="month", deaths_min=1_000_000)
    assert (answer["count"], answer["beyond"], answer["group_count"]) == (0, 0, 0)
    assert answer["groups"] == []
    assert answer["deaths"] == summed([], [])["deaths"]


# ---- How many groups ----


@pytest.mark.parametrize("by", ["type", "month", "actor", "type,month"])
def test_a_limit_shows_the_first_groups_and_says_how_many_there_are(get: Any, by: str) -> None:
    whole, first = get(PATH, by=by), get(PATH, by=by, limit=2)
    assert first["groups"] == whole["groups"][:2]
    assert {**first, "groups": None} == {**whole, "groups": None}
    assert get(PATH, by=by, limit=summaries.MAX_GROUPS) == whole


def test_groups_are_refused_rather_than_cut(get: Any, monkeypatch: Any) -> None:
    count = get(PATH, by="month")["group_count"]
    monkeypatch.setattr(summaries, "MAX_GROUPS", count - 1)
    (error,) = get(PATH, 400, by="month")["errors"]
    assert (error["parameter"], error["value"]) == ("by", "month")
    assert f"There are {count} groups" in error["detail"]
    assert "limit" in error["detail"]
    assert len(get(PATH, by="month", limit=count - 1)["groups"]) == count - 1
    monkeypatch.setattr(summaries, "MAX_GROUPS", count)
    assert len(get(PATH, by="month")["groups"]) == count


# ---- What it takes ----


def test_it_takes_every_filter_of_the_list_and_nothing_of_its_pages() -> None:
    of_list, ours = (set(one().fields) for one in (EventParameters, EventSummaryParameters))
    assert of_list - ours == {"page_size", "cursor", "page", "count", "sort"}
    assert ours - of_list == {"by", "limit", "format"}


def test_every_filter_has_an_example_that_is_summed_up(get: Any) -> None:
    for name, parameter in EventSummaryParameters().fields.items():
        if parameter.example is not None and name not in ("by", "format"):
            fields = EventSummaryParameters().fields
            needed = {other: fields[other].example for other in parameter.needs[:1]}
            query = {name: parameter.example, **needed}
            answer = get(PATH, by="month", **query)
            assert bool(answer["groups"]) == (("events", name) not in FINDS_NOTHING), name
            if name in EventParameters().fields:
                assert answer["count"] == get("/api/events", count="exact", **query)["count"]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("", "by", "missing"),
        ("place=Aghdam", "by", "missing"),
        ("by=", "by", "blank"),
        ("by=,", "by", "blank"),
        ("by=week", "by", "unknown_value"),
        ("by=Year", "by", "unknown_value"),
        ("by=year,kind", "by", "unknown_value"),
        ("by=year,year", "by", "repeated"),
        ("by=year&by=year", "by", "repeated"),
        ("by=year,type,place", "by", "too_many"),
        ("by=year&by=type&by=place", "by", "too_many"),
        ("by=year%00", "by", "control_character"),
        ("by=year&limit=0", "limit", "out_of_range"),
        ("by=year&limit=20001", "limit", "out_of_range"),
        ("by=year&limit=1&limit=2", "limit", "repeated"),
        ("by=year&format=xml", "format", "unknown_value"),
        ("by=year&format=csv&format=json", "format", "repeated"),
        ("by=year&page_size=5", "page_size", "unknown_parameter"),
        ("by=year&sort=date", "sort", "unknown_parameter"),
        ("by=year&cursor=x", "cursor", "unknown_parameter"),
        ("by=year&count=exact", "count", "unknown_parameter"),
        ("by=year&place=Agdham", "place", "unknown_name"),
        ("by=year&date=2020-13", "date", "not_a_date"),
        ("by=year&date_from=2021-01-01&date_to=2020-01-01", "date_to", "out_of_order"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_what_is_refused(
    client: Any, db: None, query: str, parameter: str, code: str, suffix: str
) -> None:
    response = client.get(f"{PATH}{suffix}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    check(PATH, 400, "application/problem+json", problem)
    error = problem["errors"][0]
    assert (error["parameter"], error["code"]) == (parameter, code)
    if parameter == "by" and code not in ("blank", "control_character"):
        assert error["allowed"] == list(GROUPINGS)


def test_it_is_only_read(client: Any, db: None) -> None:
    assert client.post(PATH).status_code == 405
    assert client.head(f"{PATH}?by=year").status_code == 200
    assert client.options(PATH)["Allow"] == "GET, HEAD, OPTIONS"
    assert client.get(f"{PATH}/?by=year").json() == client.get(f"{PATH}?by=year").json()


# ---- CSV ----


@pytest.mark.parametrize("by", [*GROUPINGS, "month,type", "type,month", "country,actor"])
def test_csv_holds_the_groups(client: Any, more: None, by: str) -> None:
    response = client.get(f"{PATH}.csv?by={by}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    groups = client.get(PATH, {"by": by}).json()["groups"]
    assert len(rows) == len(groups) + 1
    columns = rows.pop(0)
    assert len(columns) == len(set(columns))
    assert columns[-1] == "displaced_high_known"
    for row, group in zip(rows, groups, strict=True):
        values = dict(zip(columns, row, strict=True))
        told = {name: str(value) for name, value in flat(group) if value is not None}
        assert {name: value for name, value in values.items() if value} == told


def flat(record: dict[str, Any], prefix: str = "") -> Any:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}_")
        else:
            yield f"{prefix}{name}", value


def test_csv_is_had_by_suffix_by_parameter_and_by_header(client: Any, db: None) -> None:
    by_suffix = client.get(f"{PATH}.csv?by=type,year")
    name = r"dateline-events-by-type-year-\d{4}-\d\d-\d\d-r\d+\.csv"
    assert re.fullmatch(f'attachment; filename="{name}"', by_suffix["Content-Disposition"])
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in by_suffix["Link"]
    assert '<http://testserver/api/datasets/aghdam-2020>; rel="cite-as"' in by_suffix["Link"]
    assert "Link" not in client.get(f"{PATH}?by=type,year")
    header = by_suffix.content.decode().partition("\r\n")[0]
    assert header.startswith("type_code,type_label,type_root,year,count,beyond,deaths_low,")
    xml, asked = {"accept": "application/xml"}, {"accept": "text/csv"}
    for response in (
        client.get(f"{PATH}?by=type,year&format=csv", headers=xml),
        client.get(f"{PATH}?by=type,year", headers=asked),
        client.get(f"{PATH}.csv?by=type,year&format=csv"),
    ):
        assert response.content == by_suffix.content
    as_json = client.get(f"{PATH}?by=type,year&format=json", headers=asked)
    assert as_json["Content-Type"] == "application/json"
    assert "Accept" in as_json["Vary"]
    assert client.get(f"{PATH}?by=year", headers=xml).status_code == 406
    refused = client.get(f"{PATH}.csv?by=year&format=json")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "format")


def test_no_cell_is_a_formula(client: Any, more: None) -> None:
    Place.objects.filter(public_id="open-sea").update(name='=HYPERLINK("x")')
    text = client.get(f"{PATH}.csv?by=place").content.decode()
    names = [row["place_name"] for row in csv.DictReader(io.StringIO(text))]
    assert '\'=HYPERLINK("x")' in names


# ---- Withheld ----


@pytest.mark.parametrize("by", GROUPINGS)
def test_nothing_withheld_is_counted(get: Any, by: str) -> None:
    before = get(PATH, by=by), get(PATH, by=by, actor="Azerbaijan")
    dataset = withheld_dataset()
    assert (get(PATH, by=by), get(PATH, by=by, actor="Azerbaijan")) == before
    Dataset.objects.filter(pk=dataset.pk).update(served=True)
    assert get(PATH, by=by)["count"] == before[0]["count"] + 1
