"""Renaming: how long a new name takes that many events show, until all of them are served with it.

`python -m benchmarks.renaming --events 200000 --rounds 3`, or `make bench-renaming`.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.database import fresh_database, run_apart
from benchmarks.results import machine, write_results

SEED = 1
# Bodies that are held against the serializer after each turn.
SAMPLE = "1000"

# What is renamed: the table that it is in, and the query for the one that most events show.
MOST = "GROUP BY 1 ORDER BY count(DISTINCT e.id) DESC, 1 LIMIT 1"
ACTORS = "FROM events_event e JOIN events_participation p ON p.event_id = e.id"
PLACES = "FROM events_event e JOIN places_place p ON p.id = e.place_id"
SUBJECTS = {
    "actor": ("actors_actor", f"SELECT p.actor_id {ACTORS} {MOST}"),
    "place": ("places_place", f"SELECT p.id {PLACES} {MOST}"),
    "country": ("places_place", f"SELECT p.country_id {PLACES} {MOST}"),
}


@dataclass
class Measured:
    """What a run measured, by what was renamed: bodies that show it, seconds of each round."""

    events: int
    bodies: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)


def fill(count: int) -> None:
    """Make up so many events."""
    from benchmarks.contestants import staged
    from ingest.synthesis import synthesize

    staged(synthesize(count, SEED))


def measure(count: int, rounds: int) -> Measured:
    """Rename each subject in turn, with all the events that show it, which are `count` in all.

    Raises CommandError if a body is not what the serializer would write then.
    """
    from django.core.management import call_command

    from ingest.session import Session

    session, measured = Session(), Measured(count)
    keys = {subject: session.value(query) for subject, (_, query) in SUBJECTS.items()}
    for number in range(rounds):
        for subject, (table_, _) in SUBJECTS.items():
            # As the server does by itself, but not in the middle of a turn.
            if session.cursor.connection.autocommit:
                session.run("VACUUM ANALYZE")
            name = f"Renamed {subject} {number}"
            began = time.perf_counter()
            session.run(f"UPDATE {table_} SET name = %s WHERE id = %s", [name, keys[subject]])
            measured.seconds.setdefault(subject, []).append(time.perf_counter() - began)
            shown = "SELECT count(*) FROM events_eventbody WHERE strpos(body, %s) > 0"
            measured.bodies[subject] = session.value(shown, [name])
            call_command("check_bodies", "--sample", SAMPLE)
    return measured


def table(measured: Measured) -> str:
    """Return what was measured, in Markdown."""
    lines = [
        f"{measured.events:,} events.",
        "",
        "| renamed | bodies written anew | seconds (median) | bodies/s |",
        "|---|---:|---:|---:|",
    ]
    for subject, bodies in measured.bodies.items():
        seconds = median(measured.seconds[subject])
        lines.append(f"| {subject} | {bodies:,} | {seconds:.2f} | {bodies / seconds:,.0f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Run the measurement that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.renaming", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    done = run_apart("benchmarks.renaming", arguments)
    if done is not None:
        return done
    with fresh_database():
        fill(options.events)
        measured = measure(options.events, options.rounds)
        report = table(measured)
        write_results("renaming", vars(measured), report, machine())
    sys.stdout.write(f"{report}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
