"""Whether the contestants do the same work: what they answer must be equal as JSON."""

from collections.abc import Mapping
from typing import Any

from benchmarks.reading.asks import DATASETTE, OURS, Case
from benchmarks.reading.servers import ADDRESSES, Server

# Questions of each case that are asked of all before anything is measured.
TRIED = 3


class Unequal(AssertionError):
    """Contestants that answer differently: what they took cannot be compared."""


def check(case: Case, servers: Mapping[str, Server]) -> None:
    """Ask some questions of a case of everybody in it; raise Unequal where an answer differs."""
    step = max(1, len(case.asks) // TRIED)
    for ask in case.asks[::step][:TRIED]:
        if ask.etag:
            _check_unchanged(case, servers)
            continue
        expected = servers[OURS].json(ask.ours())
        for name in case.contestants:
            address = ADDRESSES[name](ask)
            answer = servers[name].json(address)
            if not agrees(case, expected, answer, rows_only=name == DATASETTE):
                raise Unequal(f"{case.name}: {name} answers {address} otherwise than {OURS} does.")


def agrees(case: Case, expected: Any, answer: Any, *, rows_only: bool) -> bool:
    """Tell whether an answer is as expected in all that the case compares.

    Of Datasette's rows (`rows_only`) it is which they are, and their order.
    """
    if rows_only:
        wanted = expected["results"] if case.alike else [expected]
        rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
        return [row["id"] for row in rows] == [record["id"] for record in wanted]
    if not case.alike:
        return bool(answer == expected)
    return all(_named(answer, key) == expected[key] for key in case.alike)


def _named(answer: Any, key: str) -> Any:
    """Return what stands under a key; django-ninja has another word for results."""
    return answer["items"] if key == "results" and "items" in answer else answer[key]


def _check_unchanged(case: Case, servers: Mapping[str, Server]) -> None:
    for name in case.contestants:
        status, body, _ = servers[name].get(ADDRESSES[name](case.asks[0]), case.asks[0].etag)
        if status != 304 or body:
            raise Unequal(f"{case.name}: {name} answers {status} to who has the answer.")
