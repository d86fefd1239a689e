"""Imports: the pipe against bulk_create and against serializers, and against itself.

`python -m benchmarks.imports --rows 50000 --rounds 3`, or `make bench-import`.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.database import fresh_database, join_database, run_apart
from benchmarks.results import machine, write_results

SEED = 1
STAGED, AGAIN = "staged import", "import again"
BULK, LAST, SAVED = "bulk_create", "bulk_create, bodies last", "serializer and save"
# These would take minutes for what the others do in seconds; they get fewer rows, and count by the row.
MOST = {BULK: 4_000, SAVED: 500}
# What the project promises: at least so many times as fast as the other.
TARGETS = {(STAGED, BULK): 2.5, (STAGED, LAST): 2.5, (STAGED, SAVED): 40.0, (AGAIN, STAGED): 3.0}

FINGERPRINT = """
SELECT (SELECT count(*) FROM events_event),
    (SELECT md5(string_agg(concat_ws('|', public_id, key, title, summary, type_id, root_type_id, status,
        certainty, start_date, end_date, sort_date, date_precision, edtf, place_id, place_precision,
        place_level_1, place_level_2, place_level_3, place_level_4, latitude, longitude, deaths_low,
        deaths_best, deaths_high, deaths_civilians, displaced_best, search), ',' ORDER BY key))
        FROM events_event),
    (SELECT md5(string_agg(concat_ws('|', e.key, p.actor_id, p.role, p.deaths, p.position, p.sort_date),
        ',' ORDER BY e.key, p.position)) FROM events_participation p JOIN events_event e ON e.id = p.event_id),
    (SELECT md5(string_agg(concat_ws('|', e.key, c.scheme, c.code), ',' ORDER BY e.key, c.scheme, c.code))
        FROM events_eventcode c JOIN events_event e ON e.id = c.event_id),
    (SELECT md5(string_agg((b.body::jsonb - 'updated_at')::text, ',' ORDER BY e.key))
        FROM events_eventbody b JOIN events_event e ON e.id = b.event_id)
"""


@dataclass
class Measured:
    """What a run measured: rows and seconds of each round by contestant, megabytes by rows imported."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    megabytes: dict[int, float] = field(default_factory=dict)

    def add(self, name: str, rows: int, seconds: float) -> None:
        """Note what a contestant took for so many rows."""
        self.rows[name] = rows
        self.seconds.setdefault(name, []).append(seconds)

    def per_row(self, name: str) -> float:
        """Return the median of the seconds that a contestant took for each row."""
        return median(self.seconds[name]) / self.rows[name]

    def ratios(self) -> dict[tuple[str, str], float]:
        """Return how many times as fast the first of a pair is as the second."""
        return {(fast, slow): self.per_row(slow) / self.per_row(fast) for fast, slow in TARGETS}


class Unequal(AssertionError):
    """Contestants that left different rows: what they took cannot be compared."""


def race(count: int, rounds: int) -> Measured:
    """Let the contestants load the same events in turn, each into empty tables.

    Raises Unequal when one leaves other rows than the pipe does.
    """
    from benchmarks.contestants import (
        bulk_create,
        bulk_create_with_bodies_last,
        import_world,
        serialize_and_save,
        staged,
    )
    from ingest.synthesis import synthesize

    rows = list(synthesize(count, SEED))
    contestants: list[tuple[str, Callable[[Any], None]]] = [
        (STAGED, staged),
        (BULK, bulk_create),
        (LAST, bulk_create_with_bodies_last),
        (SAVED, serialize_and_save),
    ]
    given = {name: rows[: MOST.get(name, count)] for name, _ in contestants}
    import_world(rows)
    expected = {name: _left_by(staged, given[name]) for name in given}
    measured = Measured()
    for number in range(rounds):
        first = number % len(contestants)
        # Who begins changes from round to round.
        for name, load in contestants[first:] + contestants[:first]:
            empty()
            measured.add(name, len(given[name]), _seconds(load, given[name]))
            if fingerprint() != expected[name]:
                raise Unequal(f"{name} left other rows than {STAGED}")
            if name == STAGED:
                measured.add(AGAIN, len(given[name]), _seconds(load, given[name]))
    return measured


def _left_by(load: Callable[[Any], None], rows: Sequence[Any]) -> tuple[Any, ...]:
    empty()
    load(rows)
    return fingerprint()


def _seconds(load: Callable[[Any], None], rows: Sequence[Any]) -> float:
    began = time.perf_counter()
    load(rows)
    return time.perf_counter() - began


def empty() -> None:
    """Take away all events, and what was noted of their dataset; the world they refer to stays."""
    from ingest.session import Session
    from sources.models import Dataset, Document

    session = Session()
    session.run("TRUNCATE events_event, events_eventbody CASCADE")
    Document.objects.filter(dataset__public_id="synthetic").delete()
    Dataset.objects.filter(public_id="synthetic").delete()
    # As the server does by itself, but not in the middle of the next one's turn.
    if session.cursor.connection.autocommit:
        session.run("VACUUM ANALYZE")


def fingerprint() -> tuple[Any, ...]:
    """Return how many events there are, and hashes of all that is stored of them."""
    from ingest.session import Session

    return Session().rows(FINGERPRINT)[0]


# ---- Memory ----


def peak_of_process(count: int) -> float:
    """Return the most memory, in megabytes, that a process of its own takes to import so many events."""
    command = [sys.executable, "-m", "benchmarks.imports", "--import-only", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def import_only(count: int) -> float:
    """Import so many events as they are made, and return this process's peak of memory."""
    import resource

    join_database()
    from benchmarks.contestants import staged
    from ingest.synthesis import synthesize

    empty()
    staged(synthesize(count, SEED))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ---- The report ----


def table(measured: Measured) -> str:
    """Return what was measured, in Markdown."""
    lines = [
        "| | rows | seconds (median) | rows/s | times as long as the staged import |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in (STAGED, BULK, LAST, SAVED, AGAIN):
        rows, each = measured.rows[name], measured.per_row(name)
        lines.append(
            f"| {name} | {rows:,} | {each * rows:.2f} | {1 / each:,.0f} "
            f"| {each / measured.per_row(STAGED):.2f} |"
        )
    lines += ["", "| | ratio | target | |", "|---|---:|---:|---|"]
    for (fast, slow), ratio in measured.ratios().items():
        target = TARGETS[fast, slow]
        met = "met" if ratio >= target else "missed"
        lines.append(f"| {fast} : {slow} | {ratio:.1f} | {target:g} | {met} |")
    if measured.megabytes:
        lines += ["", "| rows imported | peak of memory, MB |", "|---:|---:|"]
        lines += [f"| {rows:,} | {size:.0f} |" for rows, size in measured.megabytes.items()]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Run the measurement that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--import-only", type=int, metavar="N", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.import_only:
        sys.stdout.write(f"{import_only(options.import_only)}\n")
        return 0
    done = run_apart("benchmarks.imports", arguments)
    if done is not None:
        return done
    with fresh_database():
        measured = race(options.rows, options.rounds)
        for count in (options.rows, 5 * options.rows):
            measured.megabytes[count] = peak_of_process(count)
        report = table(measured)
        about = machine()
        ratios = {f"{fast} : {slow}": ratio for (fast, slow), ratio in measured.ratios().items()}
        figures = {**vars(measured), "ratios": ratios}
        write_results("imports", figures, report, about)
    sys.stdout.write(f"{report}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
