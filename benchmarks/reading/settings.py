"""Measures the service by itself under other settings than its own: `python -m benchmarks.reading.settings`.

Each variation is started, asked for pages and for events over 8 connections, and stopped, in turns with the
others. Figures are medians over the rounds.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.database import set_up
from benchmarks.reading.asks import Ask
from benchmarks.reading.data import prepare
from benchmarks.reading.load import put_load, write_addresses
from benchmarks.reading.report import figure, table
from benchmarks.reading.servers import Kind, Server, run, wait
from benchmarks.reading.usage import Tree
from benchmarks.reading.values import ids
from benchmarks.results import machine, write_results

CONNECTIONS, SECONDS = 8, 2
VARIED = "benchmarks.reading.contestants.varied"


@dataclass(frozen=True)
class Variation:
    """A way to run the service: workers and threads, and settings over its own."""

    name: str
    workers: int = 2
    threads: int = 8
    database: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    kept: int = 0


OURS = Variation("as it is")
VARIATIONS = (
    OURS,
    *(Variation(f"{number} threads a worker", threads=number) for number in (1, 2, 4, 16)),
    *(Variation(f"{number} workers", workers=number) for number in (1, 4)),
    Variation("not prepared", options={"prepare_threshold": None}),
    Variation("prepared at once", options={"prepare_threshold": 0}),
    Variation("values bound by the client", options={"server_side_binding": False}),
    Variation("a connection for each request", database={"CONN_MAX_AGE": 0}),
    Variation(
        "pooled connections",
        database={"CONN_MAX_AGE": 0},
        options={"pool": {"min_size": 8, "max_size": 8}},
    ),
    Variation("answers given again", kept=32),
)


@dataclass
class Figures:
    """What one variation took: answers a second, processor milliseconds for one, start and memory."""

    pages: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    started: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Measure all variations; print and write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reading.settings", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="Folder of an embedded database.")
    parser.add_argument("--events", type=int, default=100_000, help="Made where there are none.")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    prepare(options.data, options.events, _say)
    set_up()
    from django.db import connection

    with connection.cursor() as cursor:
        names = ids(cursor, 200)
    found = {variation.name: Figures() for variation in VARIATIONS}
    for number in range(options.rounds):
        first = number % len(VARIATIONS)
        for variation in VARIATIONS[first:] + VARIATIONS[:first]:
            _say(f"round {number + 1}: {variation.name}")
            _measure(variation, names, found[variation.name])
    text = _report(found)
    figures = {name: asdict(figures) for name, figures in found.items()}
    write_results("settings", {"variations": figures}, text, machine())
    sys.stdout.write(f"{text}\n")
    return 0


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def _measure(variation: Variation, names: Sequence[str], figures: Figures) -> None:
    told = json.dumps({"DATABASE": dict(variation.database), "OPTIONS": dict(variation.options)})
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"{VARIED}_settings",
        "BENCHMARK_VARIATION": told,
        "BENCHMARK_SERVER": f"{variation.workers} {variation.threads}",
        "ANSWERS_KEPT": str(variation.kept),
    }
    began = time.monotonic()
    kind = Kind({"ours": Ask.ours}, ("-m", VARIED))
    with run(kind, environment) as (process, base, log), tempfile.TemporaryDirectory() as folder:
        wait(process, base, log)
        figures.started.append(time.monotonic() - began)
        server = Server(base, Tree(psutil.Process(process.pid)))
        addresses = Path(folder) / "addresses"
        for rates, asked in ((figures.pages, _pages(server)), (figures.events, _events(names))):
            write_addresses(addresses, [(address, "") for address in asked])
            put_load(base, addresses, CONNECTIONS, 1)
            before = server.tree.seconds()
            load = put_load(base, addresses, CONNECTIONS, SECONDS)
            rates.append(load.rate)
            if rates is figures.pages and load.requests:
                figures.cost.append(1000 * (server.tree.seconds() - before) / load.requests)
        workers = server.tree.process.children(recursive=True)
        figures.megabytes.append(max(worker.memory_info().rss for worker in workers) / 1024**2)


def _pages(server: Server) -> list[str]:
    found = ["/api/events"]
    while len(found) < 50:
        found.append(server.json(found[-1])["next"].removeprefix(server.base))
    return found


def _events(names: Sequence[str]) -> list[str]:
    return [f"/api/events/{name}" for name in names]


def _report(found: Mapping[str, Figures]) -> str:
    rows = [
        [
            name,
            *(figure(median(rates)) for rates in (figures.pages, figures.events)),
            f"{median(figures.cost):.2f}",
            f"{median(figures.started):.1f}",
            f"{median(figures.megabytes):.0f}",
        ]
        for name, figures in found.items()
    ]
    head = ["", "pages/s", "events/s", "processor, ms a page", "started in, s", "worker, MB"]
    return table(head, rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
