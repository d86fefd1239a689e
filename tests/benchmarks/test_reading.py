"""The harness of reading: what it asks, how it counts and what it reports. Nothing is measured here."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.reading.agreement import agrees
from benchmarks.reading.asks import (
    DATASETTE,
    FASTAPI,
    L1,
    OURS,
    PLAIN,
    SUMMARY,
    Ask,
    Case,
    Position,
)
from benchmarks.reading.cases import positions, whom
from benchmarks.reading.contestants import sql
from benchmarks.reading.contestants.granian_wsgi import THREADS, WORKERS
from benchmarks.reading.exports import Export
from benchmarks.reading.load import Load, NoLoad, find_wrk, read_load, write_addresses
from benchmarks.reading.plot import plot
from benchmarks.reading.race import Measured, Sample
from benchmarks.reading.report import figure, report
from benchmarks.reading.values import Share, box, nearest, words
from benchmarks.reading.worst import Took
from config.gate import PLACES

HERE = Position(cursor="W10:x", after="2020-11-20,7", page=3)


# ---- What is asked ----


def test_values_are_chosen_for_how_many_events_have_them() -> None:
    shares = [Share("a", 1000), Share("b", 90), Share("c", 120), Share("d", 4), Share("e", 0)]
    assert [share.value for share in nearest(shares, 100, 2)] == ["b", "c"]
    # By ratio: 4 is 25 times less than 100, 1,000 is ten times more.
    assert [share.value for share in nearest(shares, 100, 3)] == ["b", "c", "a"]
    assert whom(shares, 5, 1) == [{"actor": "d"}]


def test_words_are_counted_once_for_each_text() -> None:
    found = words(["Troops, troops and Tanks", "tanks near it", ""])
    assert found == [Share("near", 1), Share("tanks", 2), Share("troops", 1)]


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (40, 47, "46.000,39.000,48.000,41.000"),
        (90, -180, "-180.000,89.000,-179.000,90.000"),
    ],
)
def test_boxes_stay_on_the_globe(latitude: float, longitude: float, expected: str) -> None:
    assert box(latitude, longitude, 2) == expected


def test_everyone_is_asked_the_same_in_its_own_words() -> None:
    ask = Ask({"place": "Aghdam", "count": "exact"}, position=HERE, column="place")
    assert ask.ours() == "/api/events?place=Aghdam&count=exact&cursor=W10%3Ax"
    assert ask.limit("l1") == "/l1/api/events?place=Aghdam&count=exact&after=2020-11-20%2C7"
    assert ask.keyset() == "/api/events?place=Aghdam&count=exact&after=2020-11-20%2C7"
    assert ask.numbered() == "/api/events?place=Aghdam&page=3"
    assert ask.datasette() == "/bench/events.json?_size=50&_nocount=1&place=Aghdam&_next=100"
    assert Ask(path="events/one").datasette() == "/bench/events.json?id=one"
    summary = Ask({"place": "Aghdam", "by": "month"}, path=SUMMARY)
    assert summary.ours() == "/api/events/summary?place=Aghdam&by=month"
    assert summary.numbered() == "/api/events/summary?place=Aghdam"
    assert Ask(etag='W/"1"').limit("l1") == "/bare"
    assert Ask(kept=True).limit("l1") == "/kept/api/events"


class Cursor:
    """Stands for a cursor of the database, which knows the keys of events."""

    def execute(self, _: str, parameters: Any) -> None:
        (self.ids,) = parameters

    def fetchall(self) -> list[tuple[str, str, int]]:
        return [(name, "2020-01-01", int(name)) for name in self.ids]


def test_positions_are_those_that_links_lead_to() -> None:
    def fetch(address: str) -> Any:
        page = int(address.partition("cursor=")[2] or 1)
        return {"next": f"/api/events?cursor={page + 1}", "results": [{"id": f"{page * 50}"}]}

    first, deep = positions(Cursor(), fetch, 200)
    assert (len(first), len(deep)) == (50, 50)
    assert first[0] == Position("2", "2020-01-01,50", 2)
    assert deep[-1] == Position("200", "2020-01-01,9950", 200)
    assert [place.page for place in deep] == list(range(151, 201))


def test_statements_have_one_text_for_all_values() -> None:
    one = sql.keys({"actor": "a", "after": "2020-01-02,7"}, None)
    other = sql.keys({"actor": "b", "after": "1999-01-02,9"}, None)
    assert one.text == other.text
    assert one.values[0] == "a"
    assert "JOIN" not in one.text
    assert "$2::date, $3::bigint" in one.text
    assert "JOIN events_event" in sql.keys({"actor": "a"} | {"q": "war"}, None).text
    assert "place_level_2 = $1" in sql.keys({"place": "Aghdam"}, (5, 2)).text


def test_a_group_of_a_summary_has_sums_and_what_is_known() -> None:
    row = ("2020-11", 3, 2, 1, 1, 5, 2, 9, 1, None, 0, 100, 1, None, 0)
    told = sql.group(row)
    assert told["beyond"] == 1
    assert told["deaths"] == {
        "low": 1,
        "low_known": 1,
        "best": 5,
        "best_known": 2,
        "high": 9,
        "high_known": 1,
    }
    assert told["displaced"]["best"] == 100


def test_contestants_have_as_many_threads_as_this_api() -> None:
    assert PLACES == THREADS
    assert WORKERS == 2


# ---- Agreement ----


def test_only_equal_answers_agree() -> None:
    page, one = Case("Q1", "", ()), Case("Q9", "", (), alike=())
    counted = Case("Q11", "", (), alike=("count", "results"))
    ours = {"count": 2, "next": "x", "results": [{"id": "a", "deaths": None}, {"id": "b"}]}
    assert agrees(page, ours, {**ours, "count": 9, "next": None}, rows_only=False)
    assert agrees(page, ours, {"items": ours["results"]}, rows_only=False)
    assert not agrees(counted, ours, {**ours, "count": 9}, rows_only=False)
    assert not agrees(
        page, ours, {"results": [{"id": "a", "deaths": 0}, {"id": "b"}]}, rows_only=False
    )
    assert not agrees(page, ours, {"results": ours["results"][::-1]}, rows_only=False)
    assert agrees(one, {"id": "a"}, {"id": "a"}, rows_only=False)
    assert not agrees(one, {"id": "a"}, {"id": "a", "more": 1}, rows_only=False)


def test_of_rows_it_counts_which_they_are_and_their_order() -> None:
    page, one = Case("Q1", "", ()), Case("Q9", "", (), alike=())
    ours = {"results": [{"id": "a"}, {"id": "b"}]}
    rows = {"columns": ["key", "id"], "rows": [[1, "a"], [2, "b"]]}
    assert agrees(page, ours, rows, rows_only=True)
    assert not agrees(page, ours, {**rows, "rows": rows["rows"][::-1]}, rows_only=True)
    assert agrees(one, {"id": "a"}, {**rows, "rows": [[1, "a"]]}, rows_only=True)


# ---- The load generator ----

SAID = (
    "Running 2s test @ http://127.0.0.1:1\n  1 threads and 8 connections\n"
    "measured requests=300 microseconds=2000000 bytes=900 p50=1500 p99=20500 "
    "refused=0 broken=0 late=1\n"
)


def test_what_the_load_generator_says_is_read() -> None:
    load = read_load(SAID)
    assert (load.requests, load.seconds, load.rate) == (300, 2.0, 150.0)
    assert (load.p50, load.p99, load.size, load.late) == (1.5, 20.5, 900, 1)


def test_errors_are_no_answers_and_broken_connections_no_load() -> None:
    load = read_load(SAID.replace("refused=0", "refused=100"))
    assert (load.requests, load.refused, load.rate) == (300, 100, 100.0)
    with pytest.raises(NoLoad, match="3 connections"):
        read_load(SAID.replace("broken=0", "broken=3"))
    with pytest.raises(NoLoad, match="reported nothing"):
        read_load("unable to connect")


def test_without_the_load_generator_it_says_where_to_get_it(monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoLoad, match="apt install wrk"):
        find_wrk()


def test_addresses_are_lines_with_the_etag_to_ask_with(tmp_path: Path) -> None:
    write_addresses(tmp_path / "addresses", [("/api/events?q=a", ""), ("/api/events", 'W/"1"')])
    assert (tmp_path / "addresses").read_text() == '/api/events?q=a\n/api/events\tW/"1"\n'


# ---- Ratios, report and plot ----


def _sample(contestant: str, number: int, requests: int, case: str = "Q1") -> Sample:
    load = Load(requests, seconds=2.0, p50=1.0, p99=30.0, size=0)
    return Sample(case, contestant, 8, number, load, 0.5, None)


# The machine was slow in round 1, for all; in round 2 for one of them.
ROUNDS = [
    _sample(OURS, 2, 1000),
    _sample(L1, 2, 1000),
    _sample(OURS, 0, 2000),
    _sample(L1, 0, 4000),
    _sample(OURS, 1, 200),
    _sample(L1, 1, 400),
    *(_sample(PLAIN, number, 0) for number in range(3)),
]
CASES = [
    Case("Q1", "newest & first", (), (OURS, L1, PLAIN)),
    Case("Q9", "one <event>", (), (OURS,)),
]


def test_ratios_are_of_one_round_and_their_median_counts() -> None:
    measured = Measured(ROUNDS)
    assert measured.ratio("Q1", L1, 8) == 0.5
    assert measured.middle("Q1", OURS, 8, lambda sample: sample.load.rate) == 500
    assert measured.middle("Q1", OURS, 8, lambda sample: sample.database_cpu) is None
    assert measured.ratio("Q1", PLAIN, 8) is None
    assert measured.ratio("Q1", FASTAPI, 8) is None
    assert measured.ratio("Q1", L1, 32) is None
    assert measured.ratio("Q1", L1, 8, of=("Q9", OURS)) is None
    assert measured.ratio("Q1", OURS, 8, of=("Q1", L1)) == 2


def test_the_report_says_what_was_measured_and_what_is_missed() -> None:
    export = Export("csv", 1000, 9000, (0.1, 0.2), (2.0, 1.0), (1.5, 1.0), 80.0)
    took = [
        Took("fast", 5, first=14.0, p50=2.0, p95=3.0, bound=15),
        Took("slow", 1, first=16.0, p50=2.0, p95=3.0, bound=15),
        Took("broken", 1, first=1.0, p50=2.0, p95=3.0, bound=15, errors=3),
    ]
    deep = [_sample(OURS, 0, 900, "Q10")]
    text = report(CASES, Measured([*ROUNDS, *deep]), [8], [export], took)
    assert "ours, Q10 : ours, Q1: 0.45 (0.75 ✗)." in text
    assert "| Q1 newest & first | 0.50 (1.2 ✗) | – | no answer | – | – | – |" in text
    assert "| Q1 newest & first | 500 (1.0 / 30) | – | 500 (1.0 / 30) | – | no answer |" in text
    assert "| Q1 newest & first | 0.50 + – | – |" in text
    assert "| csv | 1,000 | 1,000 | 0 | 1,000 | 0.88 (0.8) | 100 | 80 |" in text
    assert "| fast | 5 | 14 | 2.0 | 3.0 | 15 |  |" in text
    assert "| slow | 1 | 16 | 2.0 | 3.0 | 15 ✗ |  |" in text
    assert "| broken | 1 | 1.0 | 2.0 | 3.0 | 15 ✗ | 3 |" in text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.567, "0.57"), (0.996, "1.0"), (1.24, "1.2"), (9.96, "10"), (2095.4, "2,095")],
)
def test_figures_have_as_many_digits_as_say_something(number: float, text: str) -> None:
    assert figure(number) == text


def test_the_plot_is_an_svg_with_a_dot_for_whoever_answered() -> None:
    tree = ElementTree.fromstring(plot(CASES, Measured(ROUNDS), 8, "Answers & more"))  # noqa: S314 (ours)
    space = "{http://www.w3.org/2000/svg}"
    titles = [title.text for title in tree.iter(f"{space}title")]
    assert titles.count("Q1, ours") == titles.count("Q1, L1") == 1
    assert "Q1, plain DRF" not in titles
    assert DATASETTE in titles
    labels = [text.text for text in tree.iter(f"{space}text")]
    assert {"Answers & more", "Q9 one <event>", "100/s", "1,000/s"} <= set(labels)
