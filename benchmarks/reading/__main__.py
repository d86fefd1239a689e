"""Measures reading over HTTP: `make bench`, or `python -m benchmarks.reading`; README.md explains it."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks.database import run_apart, set_up
from benchmarks.reading import agreement, cases, exports, load, plot, worst
from benchmarks.reading.agreement import Unequal
from benchmarks.reading.asks import KEPT, OURS, Case
from benchmarks.reading.contestants.datasette_copy import copy_events
from benchmarks.reading.data import prepare
from benchmarks.reading.race import Measured, Pace, Sample, race
from benchmarks.reading.report import TYPICAL, report
from benchmarks.reading.servers import NotStarted, Server, started
from benchmarks.reading.values import Unsuitable, all_events
from benchmarks.results import machine, write_results

PEERS = {
    "ninja": "django-ninja",
    "fastapi": "fastapi",
    "asyncpg": "asyncpg",
    "uvicorn": "uvicorn",
    "datasette": "datasette",
}
OTHERS = ("granian", "psycopg", *PEERS.values())
FULL = Pace(seconds=2, warm_up=1, connections=(1, 8, 32), rounds=3)
# Enough to see that all start, agree and are measured.
SMOKE = Pace(seconds=1, warm_up=0, connections=(2,), rounds=1)
SMOKED = ("Q1", "Q9", "Q13")
PARTS = RACE, WORST, EXPORTS = ("race", "worst", "exports")

Say = Callable[[str], None]


def main(arguments: Sequence[str]) -> int:
    """Run the measurement that the arguments ask for."""
    options = _parser().parse_args(arguments)
    problem = _missing()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if options.data is None:
        done = run_apart("benchmarks.reading", arguments)
        if done is not None:
            return done
    # Servers are stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    prepare(options.data, options.events or (3_000 if options.smoke else 100_000), _say)
    try:
        text = measure(options, _say)
    except (Unsuitable, NotStarted, Unequal, load.NoLoad) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{text}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    add = parser.add_argument
    add("--events", type=int, help="How many events are made, where none are: 100,000.")
    add("--data", type=Path, help="Folder of an embedded database; it is made once and kept.")
    add("--rounds", type=int, default=FULL.rounds)
    add("--seconds", type=int, default=FULL.seconds, help="How long a turn is.")
    add("--connections", type=_numbers, default=FULL.connections, metavar="1,8,32")
    add("--cases", type=_words, default=(), metavar="Q1,Q9", help="Only these of the load.")
    add("--parts", type=_words, default=PARTS, metavar=",".join(PARTS), help="Only these parts.")
    add("--deepest", type=int, default=cases.DEEPEST, help="The last page that is walked to.")
    add("--plot", type=Path, help="Where the plot goes besides results/.")
    add("--smoke", action="store_true", help="One short round; nothing is written.")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def _missing() -> str | None:
    """Return what is not here that the run needs, with the way to get it."""
    absent = [package for module, package in PEERS.items() if find_spec(module) is None]
    if absent:
        return f"Not installed: {', '.join(absent)}. `make bench` installs them (requirements-bench.txt)."
    try:
        load.find_wrk()
    except load.NoLoad as error:
        return str(error)
    return None


def measure(options: argparse.Namespace, say: Say) -> str:
    """Start the contestants, let them agree, measure them; return the report, having written it."""
    set_up()
    from django.db import connection

    pace, parts = _pace(options), options.parts
    with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
        sqlite = Path(folder) / "bench.db"
        connection.ensure_connection()
        with connection.cursor() as cursor:
            events = all_events(cursor)
        say(f"{events:,} events; copying them for Datasette")
        copy_events(connection.connection, sqlite)
        with started(connection.settings_dict, sqlite) as servers:
            say("choosing what to ask for, and following pages to a deep one")
            with connection.cursor() as cursor:
                asked = cases.build(
                    cursor, servers[OURS].json, _etag_of(servers[KEPT]), options.deepest
                )
                hard = worst.build(cursor)
            say("comparing answers")
            for case in asked:
                agreement.check(case, servers)
            wanted = SMOKED if options.smoke else options.cases
            raced = [case for case in asked if not wanted or case.name in wanted]
            raced = raced if RACE in parts else []
            times = 2 if options.smoke else worst.TIMES
            took = worst.ask_all(hard, servers[OURS], say, times) if WORST in parts else []
            files = (
                exports.export_all(servers[OURS], connection, pace.rounds, say)
                if EXPORTS in parts
                else []
            )
            # Last: it takes by far the longest, and may be stopped.
            measured = _until_stopped(race(raced, servers, connection, pace, say), say)
    text = report(raced, measured, pace.connections, files, took)
    if not options.smoke:
        figures = {
            "events": events,
            "pace": asdict(pace),
            "samples": [asdict(sample) for sample in measured.samples],
            "exports": [asdict(export) for export in files],
            "worst": [asdict(one) for one in took],
        }
        versions = {name: version(name) for name in OTHERS}
        write_results(f"reading-{events}", figures, text, {**machine(), **versions})
        _draw(raced, measured, pace, events, options.plot)
    return text


def _pace(options: argparse.Namespace) -> Pace:
    if options.smoke:
        return SMOKE
    return Pace(options.seconds, FULL.warm_up, options.connections, options.rounds)


def _until_stopped(samples: Iterable[Sample], say: Say) -> Measured:
    """Return what was measured, up to the end or to an interrupt."""
    measured = Measured()
    try:
        for sample in samples:
            measured.samples.append(sample)
    except KeyboardInterrupt:
        say("stopped; the report tells of what was measured")
    return measured


def _etag_of(server: Server) -> Callable[[str], str]:
    def etag(address: str) -> str:
        return server.get(address)[2]["ETag"]

    return etag


def _draw(
    raced: Sequence[Case], measured: Measured, pace: Pace, events: int, path: Path | None
) -> None:
    if path is None:
        return
    connections = TYPICAL if TYPICAL in pace.connections else pace.connections[-1]
    title = f"Answers per second, {events:,} events, {connections} connections"
    path.write_text(plot.plot(raced, measured, connections, title), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
