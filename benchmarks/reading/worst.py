"""Worst cases: questions for which no index is made, asked of this API alone, one after another.

Each has a bound for an answer, in milliseconds, that the report holds it to; no test does.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from benchmarks.reading import values
from benchmarks.reading.servers import Server

LIST, WIDE, SUMMED = 15, 250, 1_000
ORDERS = ("-deaths", "title", "date")
WORLD = "-179,-89,179,89"
# How often a case is asked, and after how many seconds no more.
TIMES, ENOUGH = 50, 10


@dataclass(frozen=True)
class Hard:
    """A worst case: addresses that are asked in turn, the status of their answers and the bound."""

    name: str
    addresses: tuple[str, ...]
    bound: int
    status: int = 200


@dataclass(frozen=True)
class Took:
    """Milliseconds: the slowest of first answers, half and nearly all of the later ones.

    `errors` were answers of another status than the case has.
    """

    name: str
    different: int
    first: float
    p50: float
    p95: float
    bound: int
    errors: int = 0

    @property
    def within(self) -> bool:
        """Whether even the first answers came within the bound, and all of them came."""
        return self.first <= self.bound and not self.errors


def build(cursor: Any) -> list[Hard]:
    """Return the worst cases, with values from the data."""
    actors = values.actors(cursor)
    pairs, sorted_ = two_filters(cursor), other_orders(cursor)
    largest = [share.value for share in actors[: values.FEW]]
    old = values.old_countries(cursor)
    begun = values.first_day(cursor)
    few = {"deaths_min": str(values.deadliest(cursor))}
    code = {"code": values.rarest_code(cursor)}
    two = {"place": values.places(cursor, 1)[0].value, "actor": largest[0]}
    strange = [f"No such actor {number}" for number in range(values.SOME)]
    spelt = [f"{share.value[:-2]}xq" for share in actors[: values.SOME]]
    return [
        Hard("few deaths so high, newest first", lists(few), LIST),
        Hard("the rarest code", lists(code), LIST),
        Hard("rarely expected and alleged", lists(_pair("expected", "alleged")), LIST),
        Hard("a country of long ago", lists(*({"place": name} for name in old)), LIST),
        Hard(
            "a large actor in an old window",
            lists(*({"actor": name, "date_to": begun} for name in largest)),
            LIST,
        ),
        Hard(
            "a large country and actor that never meet",
            lists(*({"place": p, "actor": a} for p, a in values.strangers(cursor))),
            LIST,
        ),
        Hard(
            "two large filters in an old month",
            lists({**two, "date": begun[:7]}, {**two, "date_to": begun}),
            LIST,
        ),
        Hard(
            "nearly everywhere, and two filters",
            lists({"bbox": WORLD, "type": "CONSULT", "status": "expected"}),
            LIST,
        ),
        Hard("two large filters by title", lists({**two, "sort": "title", "count": "none"}), WIDE),
        Hard(
            "words of long ago",
            lists(*({"q": f'"{name}"'} for name in values.old_names(cursor))),
            LIST,
        ),
        Hard(
            "a box over a country of long ago",
            lists(*({"bbox": values.box_of(cursor, name)} for name in old)),
            LIST,
        ),
        Hard("half the globe", lists({"bbox": "-170,-56,0,72"}), LIST),
        Hard(
            "places with the most places inside",
            lists(*({"place": name} for name in values.widest_places(cursor))),
            LIST,
        ),
        *(
            Hard(f"sort={order}", lists({"sort": order}), LIST)
            for order in ("-deaths", "deaths", "title", "-title", "updated_at", "-updated_at")
        ),
        Hard("page_size=1000", lists({"page_size": "1000"}), WIDE),
        Hard("include= of everything", lists({"include": "place,actors,agreement,sources"}), WIDE),
        Hard("count=exact of everything", lists({"count": "exact"}), WIDE),
        *(
            Hard(f"summary of everything by {by}", (f"/api/events/summary?by={by}",), SUMMED)
            for by in ("month", "country", "type", "actor", "country,year")
        ),
        Hard("any two filters: the page", lists(*({**p, "count": "none"} for p in pairs)), WIDE),
        Hard(
            "any filter, in another order: the page",
            lists(*({**each, "count": "none"} for each in sorted_)),
            WIDE,
        ),
        Hard("any two filters, counted", lists(*pairs), SUMMED),
        Hard("names that are unknown", lists(*({"actor": name} for name in strange)), LIST, 400),
        Hard("names nearly right", lists(*({"actor": name} for name in spelt)), LIST, 400),
    ]


def two_filters(cursor: Any) -> list[dict[str, str]]:
    """Return queries of two filters each: of every two, with values that many and few events have."""
    choices = _choices(cursor)
    return [
        {one: first, other: second}
        for one, other in combinations(choices, 2)
        # No event can have both, and the API says so.
        if (one, other) != ("deaths_min", "deaths_max")
        for first, second in product(choices[one], choices[other])
    ]


def other_orders(cursor: Any) -> list[dict[str, str]]:
    """Return queries of one filter each, in each order but the usual one."""
    return [
        {name: value, "sort": order}
        for name, values_ in _choices(cursor).items()
        for value, order in product(values_, ORDERS)
    ]


def _choices(cursor: Any) -> dict[str, list[str]]:
    """Return filters, with values that many and few events have."""
    actors, places = values.actors(cursor), values.places(cursor, 1)
    towns, code = values.places(cursor, 4), values.rarest_code(cursor)
    (old, *_), begun = values.old_countries(cursor), values.first_day(cursor)
    return {
        "place": [places[0].value, places[-1].value, old, towns[0].value],
        "actor": [actors[0].value, actors[len(actors) // 2].value],
        "type": ["CONSULT", "ASSAULT"],
        "code": [code],
        "status": ["occurred", "expected"],
        "certainty": ["confirmed", "alleged"],
        "date": [begun[:4], begun],
        "date_to": [begun],
        "deaths_min": ["1", str(values.deadliest(cursor))],
        "deaths_max": ["0"],
        "bbox": [values.box_of(cursor, old), values.box_of(cursor, places[0].value)],
        "q": [f'"{places[0].value}"', f'"{old}"'],
        "exclude_place": [places[0].value],
        "exclude_actor": [actors[0].value],
        "exclude_type": ["CONSULT"],
    }


def _pair(status: str, certainty: str) -> dict[str, str]:
    return {"status": status, "certainty": certainty}


def lists(*queries: dict[str, str]) -> tuple[str, ...]:
    """Return the address of a list for each set of parameters."""
    return tuple(f"/api/events?{urlencode(query)}" for query in queries)


def ask_all(
    cases: Sequence[Hard], server: Server, say: Callable[[str], None], times: int = TIMES
) -> list[Took]:
    """Ask each case; return what it took."""
    took = []
    for case in cases:
        say(f"worst cases: {case.name}")
        took.append(_ask(case, server, times))
    return took


def _ask(case: Hard, server: Server, times: int) -> Took:
    first = [_answer(server, address, case.status) for address in case.addresses]
    began = time.monotonic()
    later: list[tuple[float, bool]] = []
    while len(later) < max(times, len(case.addresses)) and (
        len(later) < 2 or time.monotonic() - began < ENOUGH
    ):
        address = case.addresses[len(later) % len(case.addresses)]
        later.append(_answer(server, address, case.status))
    usual = [milliseconds for milliseconds, _ in later]
    return Took(
        case.name,
        len(case.addresses),
        first=max(milliseconds for milliseconds, _ in first),
        p50=median(usual),
        p95=quantiles(usual, n=20, method="inclusive")[-1],
        bound=case.bound,
        errors=sum(not good for _, good in first + later),
    )


def _answer(server: Server, address: str, status: int) -> tuple[float, bool]:
    """Return the milliseconds that an answer took, and whether it had the status wanted."""
    began = time.perf_counter()
    answered, _, _ = server.get(address)
    return 1000 * (time.perf_counter() - began), answered == status
