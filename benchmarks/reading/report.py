"""What a run found, as tables for people."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from benchmarks.reading.asks import DATASETTE, EVERYONE, FASTAPI, KEPT, L1, OURS, PLAIN, Case
from benchmarks.reading.exports import Export
from benchmarks.reading.race import Measured, Sample
from benchmarks.reading.worst import Took

# Connections of which the table of ratios tells.
TYPICAL = 8
# What the project wants: at least so many times the answers of the other.
TARGETS: dict[str, dict[str, float]] = {
    "Q1": {L1: 1.2, FASTAPI: 1.6, PLAIN: 80},
    "Q1 kept": {L1: 0.3},
    "Q2": {L1: 0.8, FASTAPI: 1.2, PLAIN: 12},
    "Q3": {L1: 0.8, FASTAPI: 1.2, PLAIN: 12},
    "Q4": {L1: 0.8, FASTAPI: 1.2, PLAIN: 15},
    "Q5": {L1: 0.8, FASTAPI: 1.2, PLAIN: 300},
    "Q6": {L1: 0.6, PLAIN: 15},
    "Q9": {L1: 0.4, FASTAPI: 0.9, PLAIN: 10},
    "Q10": {FASTAPI: 1.2},
    "Q11": {PLAIN: 30},
    # 0.3 of the time.
    "Q12": {L1: 3.3},
    "Q13": {L1: 0.3},
}
# Ours in one case for somebody in another.
ACROSS = (("Q10", OURS, "Q1", OURS, 0.75), ("Q13", KEPT, "Q1", PLAIN, 10.0))
EXPORTED = 0.8
NOTE = (
    "The medians of rounds. In brackets the least that the project wants; ✗ where it is missed. "
    f"{DATASETTE} answers flat rows from SQLite, which is less work. In Q13 L1 is a bare 304, in Q12 plain SQL that "
    "reads the table. In Q1 kept "
    f"and Q13, and in the column of that name, it is {KEPT}: elsewhere every answer is made anew."
)
NOTHING, SILENT = "–", "no answer"


def report(
    cases: Sequence[Case],
    measured: Measured,
    connections: Sequence[int],
    exports: Sequence[Export],
    worst: Sequence[Took],
) -> str:
    """Return all tables, in Markdown."""
    parts = []
    if cases:
        parts += _race(cases, measured, connections)
    if exports:
        parts += ["## Q14: all events as a file", export_table(exports)]
    if worst:
        parts += ["## Worst cases, this API alone, one request after another", worst_table(worst)]
    return "\n\n".join(parts)


def _race(cases: Sequence[Case], measured: Measured, connections: Sequence[int]) -> list[str]:
    typical = TYPICAL if TYPICAL in connections else connections[-1]
    parts = [
        f"## How many times as many answers as others, {typical} connections",
        ratios(cases, measured, typical),
        NOTE,
        *across(measured, typical),
    ]
    for number in connections:
        parts += [f"## Answers per second, {number} connections (p50 / p99 in ms)"]
        parts += [grid(cases, partial(_speed, measured, number))]
    parts += [
        f"## Processor time for an answer, {typical} connections: server + PostgreSQL, ms",
        grid(cases, partial(_cost, measured, typical)),
    ]
    return parts


def ratios(cases: Sequence[Case], measured: Measured, connections: int) -> str:
    """Return the table of ratios."""

    def cell(case: Case, name: str) -> str:
        if name == case.ours:
            return NOTHING
        ratio = measured.ratio(case.name, name, connections, of=(case.name, case.ours))
        if ratio is None:
            silent = bool(measured.of(case.name, name, connections))
            return SILENT if silent else NOTHING
        target = TARGETS.get(case.name, {}).get(name)
        if target is None:
            return figure(ratio)
        return _held(ratio, target)

    return grid(cases, cell, [name for name in EVERYONE if name not in (OURS, KEPT)])


def across(measured: Measured, connections: int) -> list[str]:
    """Return sentences on what ours takes in one case for what somebody takes in another."""
    found = [
        (case, ours, other, name, target, measured.ratio(other, name, connections, (case, ours)))
        for case, ours, other, name, target in ACROSS
    ]
    return [
        f"{ours}, {case} : {name}, {other}: {_held(ratio, target)}."
        for case, ours, other, name, target, ratio in found
        if ratio is not None
    ]


def _held(ratio: float, target: float) -> str:
    """Return a ratio with the least that is wanted, marked where it is missed."""
    return f"{figure(ratio)} ({target:g}{'' if ratio >= target else ' ✗'})"


def grid(
    cases: Iterable[Case],
    cell: Callable[[Case, str], str],
    contestants: Sequence[str] = EVERYONE,
) -> str:
    """Return a table of a row for each case and a column for each contestant."""
    heads = [f"{OURS} : {name}" if OURS not in contestants else name for name in contestants]
    rows = [
        [f"{case.name} {case.title}", *(cell(case, name) for name in contestants)] for case in cases
    ]
    return table(["", *heads], rows)


def figure(number: float) -> str:
    """Return a number as far as it says something: 0.57, 1.2, 16, 2,095."""
    digits = 0 if number >= 9.95 else 1 if number >= 0.995 else 2
    return f"{number:,.{digits}f}"


def _speed(measured: Measured, connections: int, case: Case, name: str) -> str:
    def middle(value: Callable[[Sample], float | None]) -> float | None:
        return measured.middle(case.name, name, connections, value)

    rate = middle(lambda sample: sample.load.rate)
    if not rate:
        return NOTHING if rate is None else SILENT
    half, nearly = middle(lambda sample: sample.load.p50), middle(lambda sample: sample.load.p99)
    errors = sum(sample.load.refused for sample in measured.of(case.name, name, connections))
    told = f", {errors:,} errors" if errors else ""
    return f"{figure(rate)} ({figure(half or 0)} / {figure(nearly or 0)}){told}"


def _cost(measured: Measured, connections: int, case: Case, name: str) -> str:
    server = measured.middle(case.name, name, connections, lambda sample: sample.server_cpu)
    database = measured.middle(case.name, name, connections, lambda sample: sample.database_cpu)
    if server is None:
        return NOTHING
    return f"{server:.2f} + {NOTHING if database is None else f'{database:.2f}'}"


def export_table(exports: Sequence[Export]) -> str:
    """Return what exports took against COPY."""
    rows = [
        [
            export.format,
            f"{export.rows:,}",
            f"{export.rows / min(export.seconds):,.0f}",
            f"{export.size / min(export.seconds) / 1e6:,.0f}",
            f"{export.rows / min(export.copied):,.0f}",
            _held(export.ratio, EXPORTED),
            f"{1000 * min(export.first_byte):,.0f}",
            f"{export.megabytes:,.0f}",
        ]
        for export in exports
    ]
    head = ["", "rows", "rows/s", "MB/s", "COPY, rows/s", "ratio", "first byte, ms", "worker, MB"]
    return table(head, rows)


def worst_table(worst: Sequence[Took]) -> str:
    """Return what the worst cases took, and whether within their bounds."""
    rows = [
        [
            took.name,
            str(took.different),
            *(figure(number) for number in (took.first, took.p50, took.p95)),
            f"{took.bound}{'' if took.within else ' ✗'}",
            str(took.errors or ""),
        ]
        for took in worst
    ]
    head = [
        "ms",
        "questions",
        "slowest first answer",
        "p50 of later ones",
        "p95",
        "bound",
        "errors",
    ]
    return table(head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)
