"""The cases: what is asked, by kind, with values from the data at hand.

Where it can be, a case asks many different questions in turn, the same for all: an answer that somebody has
kept is then seldom of use. What keeping is worth is measured as a case of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from benchmarks.reading import values
from benchmarks.reading.asks import (
    EVERYONE,
    FASTAPI,
    KEPT,
    L1,
    OURS,
    PAGE,
    PLAIN,
    SUMMARY,
    Ask,
    Case,
    Position,
)

# Pages from the first that are asked for in turn, and how deep the deep ones are at most.
FIRST_PAGES, DEEPEST = 50, 10_000

# All but this API when it gives answers again, which is no work that others would do.
ALL = tuple(name for name in EVERYONE if name != KEPT)

Fetch = Callable[[str], Any]


def build(
    cursor: Any, fetch: Fetch, etag: Callable[[str], str], deepest: int = DEEPEST
) -> list[Case]:
    """Return the cases. `fetch` gives what this API answers to an address, `etag` the ETag of it.

    Takes minutes where there are many events: pages are followed to a deep one.
    """
    total = values.all_events(cursor)
    first, deep = positions(cursor, fetch, min(deepest, total // PAGE // 2))
    actors = values.actors(cursor)
    words = values.words(values.texts(cursor))
    frequent = 0.01 * min(total, values.SAMPLE)
    newest = [Ask(position=position) for position in first]
    towns = [{"place": share.value} for share in values.places(cursor, 4)[: values.SOME]]
    wide = [{"place": share.value} for share in values.places(cursor, 1)[: values.SOME]]
    rare = [share for share in actors if share.events >= 10]
    return [
        Case("Q1", f"the first {len(newest)} pages", tuple(newest), ALL),
        Case("Q1 again", "the first page, again and again", (Ask(),), ALL),
        Case("Q1 kept", "the same; L1: constant", (Ask(kept=True),), (KEPT, L1)),
        Case(
            "Q1 uncounted",
            "the first pages, count=none",
            tuple(replace(ask, query={"count": "none"}) for ask in newest),
            ALL,
        ),
        Case("Q2", "a town, by name", asks(towns, column="place"), ALL),
        Case("Q3", "a country, by name", asks(wide, column="country"), ALL),
        Case("Q4", "an actor of 0.04 %", asks(whom(rare, 0.0004 * total, values.MANY))),
        Case("Q5", "an actor of 10 %", asks(whom(actors, 0.1 * total, values.FEW))),
        Case("Q6", "country, year, type", asks(values.combinations(cursor, values.MANY))),
        Case(
            "Q7",
            "a word of 1 %",
            asks({"q": share.value} for share in values.nearest(words, frequent, values.MANY)),
        ),
        Case(
            "Q8",
            "a box of 2 degrees",
            asks({"bbox": box} for box in values.boxes(cursor, values.MANY, 2)),
        ),
        Case(
            "Q9",
            "one event",
            tuple(Ask(path=f"events/{name}") for name in values.ids(cursor, 4 * values.MANY)),
            ALL,
            alike=(),
        ),
        Case("Q10", f"pages around {deep[-1].page:,}", tuple(Ask(position=p) for p in deep), ALL),
        Case(
            "Q11",
            "count=exact",
            asks({**query, "count": "exact"} for query in (*wide, *whom(actors, 0.1 * total, 5))),
            alike=("count", "results"),
        ),
        Case(
            "Q12",
            "a country by month",
            tuple(Ask({**query, "by": "month"}, path=SUMMARY) for query in wide),
            (OURS, L1, PLAIN, FASTAPI),
            alike=("groups",),
        ),
        Case(
            "Q13",
            "304",
            tuple(replace(ask, etag=etag(ask.ours())) for ask in newest),
            (KEPT, L1),
        ),
    ]


def asks(queries: Iterable[Mapping[str, str]], column: str = "") -> tuple[Ask, ...]:
    """Return a question for each set of parameters."""
    return tuple(Ask(query, column=column) for query in queries)


def whom(actors: Sequence[values.Share], wanted: float, number: int) -> list[dict[str, str]]:
    """Return the parameters that ask for the actors nearest to a number of events."""
    return [{"actor": share.value} for share in values.nearest(actors, wanted, number)]


def positions(cursor: Any, fetch: Fetch, deepest: int) -> tuple[list[Position], list[Position]]:
    """Return where the first pages begin and where pages about `deepest` do; page 1 is not among them.

    This API's own links are followed to there, as its users would.
    """
    kept: list[tuple[str, str, int]] = []
    here: Position | None = None
    for page in range(2, deepest + 1):
        answer = fetch(Ask({"count": "none"}, position=here).ours())
        here = Position(unquote(answer["next"].rpartition("cursor=")[2]), "", page)
        if page <= FIRST_PAGES + 1 or page > deepest - FIRST_PAGES:
            kept.append((here.cursor, answer["results"][-1]["id"], page))
    after = values.keys(cursor, [name for _, name, _ in kept])
    found = [Position(text, after[name], page) for text, name, page in kept]
    return found[:FIRST_PAGES], found[-FIRST_PAGES:]
