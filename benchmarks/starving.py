"""Whether those who ask for much keep others waiting: `make bench-starving`, or `python -m benchmarks.starving`.

Readers ask for pages and records at a steady rate while others ask, as fast as they are answered, for files of all
events, for the lists that take longest, for summaries of everything, and for all of these. Who is refused comes
back when told to. Told are how long the readers waited in each part, against a part in which they were alone.
"""

import argparse
import http.client
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil

from benchmarks.database import run_apart, set_up
from benchmarks.reading import values
from benchmarks.reading.data import prepare
from benchmarks.reading.report import table
from benchmarks.reading.servers import Kind, NotStarted, Server, run, wait
from benchmarks.reading.usage import Tree
from benchmarks.reading.worst import lists, other_orders, two_filters
from benchmarks.results import machine, write_results

OURS = Kind({}, ("-m", "benchmarks.reading.contestants.ours"))

# Readers, and how many answers a second each wants; those who ask for much.
READERS, EACH, MUCH = 4, 10, 20
LONGEST = 60
BLOCK = 1 << 16
# How often a part of another kind is begun.
ROUNDS = 3

# The answers that a reader counts on, and those that others may get.
ANSWERED, REFUSED = {200}, {429, 503}


@dataclass
class Part:
    """What became of a part: milliseconds that readers waited, and how all were answered."""

    waits: list[float]
    readers: Counter[int]
    others: Counter[int]

    @property
    def p50(self) -> float:
        return quantiles(self.waits, n=2)[0]

    @property
    def p95(self) -> float:
        return quantiles(self.waits, n=20)[-1]


class Client:
    """Asks over one connection, as a client with an address of its own behind a proxy."""

    def __init__(self, netloc: str, address: str, ended: Callable[[], bool] = bool) -> None:
        self.connection = http.client.HTTPConnection(netloc, timeout=LONGEST)
        self.headers = {"ClientAddress": address}
        self.ended = ended

    def ask(self, path: str) -> tuple[int, float]:
        """Return the status, and the seconds to wait before the next question, if told."""
        try:
            self.connection.request("GET", path, headers=self.headers)
            response = self.connection.getresponse()
            while response.read(BLOCK):
                if self.ended():
                    self.connection.close()
                    break
        except (http.client.HTTPException, OSError):
            self.connection.close()
            return 0, 0
        return response.status, float(response.headers.get("Retry-After", 0))


def read(netloc: str, paths: Sequence[str], seconds: float, number: int) -> list[tuple[int, float]]:
    """Ask for the paths in turn at a steady rate; return status and milliseconds of each answer.

    Their time is counted from when they were due, also where the answer before took longer. What was due and not
    asked by the end is left out, and missing in the number of answers.
    """
    client, found = Client(netloc, f"198.51.100.{number}"), []
    began = time.monotonic()
    offset = number / READERS / EACH
    for turn in range(int(seconds * EACH)):
        due = began + offset + turn / EACH
        if time.monotonic() > began + seconds:
            break
        time.sleep(max(0.0, due - time.monotonic()))
        status, _ = client.ask(paths[(turn * READERS + number) % len(paths)])
        found.append((status, 1000 * (time.monotonic() - due)))
    return found


def demand(netloc: str, paths: Sequence[str], ended: Event, number: int) -> Counter[int]:
    """Ask for the paths in turn until it has ended; return how often each status came."""
    client, statuses = Client(netloc, f"203.0.113.{number}", ended.is_set), Counter[int]()
    turns = cycle([*paths[number % len(paths) :], *paths[: number % len(paths)]])
    while not ended.is_set():
        status, patience = client.ask(next(turns))
        statuses[status] += 1
        ended.wait(patience)
    return statuses


def demand_much(netloc: str, paths: Sequence[str], ended: Event, answers: Any) -> None:
    """Be all those who ask for much, in a process of their own."""
    with ThreadPoolExecutor(MUCH) as threads:
        found = threads.map(partial(demand, netloc, paths, ended), range(MUCH))
    answers.put(sum(found, Counter()))


def measure(netloc: str, usual: Sequence[str], much: Sequence[Sequence[str]], seconds: int) -> Part:
    """Return what became of readers who ask for `usual` beside those who ask for each of `much`."""
    spawn = multiprocessing.get_context("spawn")
    ended, answers = spawn.Event(), spawn.Queue()
    others = [
        spawn.Process(target=demand_much, args=(netloc, paths, ended, answers), daemon=True)
        for paths in much
    ]
    for process in others:
        process.start()
    # Until they have begun.
    time.sleep(2 if others else 0)
    with ThreadPoolExecutor(READERS) as threads:
        found = list(threads.map(partial(read, netloc, usual, seconds), range(READERS)))
    ended.set()
    asked = sum((answers.get(timeout=2 * LONGEST) for _ in others), Counter[int]())
    for process in others:
        process.join()
    told = [answer for one in found for answer in one]
    return Part([wait for _, wait in told], Counter(status for status, _ in told), asked)


def usual_questions(cursor: Any) -> list[str]:
    """Return what readers ask for: pages by place, actor, type, word and time, and records."""
    actors, towns = values.actors(cursor), values.places(cursor, 4)
    found = values.combinations(cursor, 50)
    return [
        path
        for number, (name, one) in enumerate(zip(values.ids(cursor, 50), found, strict=True))
        for path in (
            f"/api/events/{name}",
            *lists(
                {"place": towns[number].value},
                {"actor": actors[100 + number].value},
                {"place": one["place"], "date_from": one["date_from"]},
                one,
            ),
            f"/api/actors/{actors[number].value}",
        )
    ]


def heaviest_lists(cursor: Any, server: Server) -> list[str]:
    """Return as many lists of two filters as there are who ask for much: those that took longest."""
    # Counted anew for each: what is remembered costs nothing.
    asked = [*two_filters(cursor), *other_orders(cursor)]
    paths = lists(*({**pair, "count": "none"} for pair in asked))
    took = []
    for path in paths:
        began = time.perf_counter()
        server.get(path)
        took.append((time.perf_counter() - began, path))
    return [path for _, path in sorted(took, reverse=True)[:MUCH]]


def summaries(cursor: Any) -> list[str]:
    """Return summaries of nearly everything, each another."""
    begun = values.first_day(cursor)[:4]
    return [
        f"/api/events/summary?{urlencode({'by': by, 'date_from': f'{begun}-01-{day:02}'})}"
        for by in ("actor", "country,year", "month", "type")
        for day in range(1, 6)
    ]


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table and write it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starving", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, help="Folder of an embedded database; it is made once and kept.")
    add("--events", type=int, default=100_000, help="Made where there are none.")
    add("--seconds", type=int, default=20, help="How long a part is.")
    add("--rounds", type=int, default=ROUNDS)
    add("--smoke", action="store_true", help="Nothing is written.")
    options = parser.parse_args(arguments)
    if options.data is None:
        done = run_apart("benchmarks.starving", arguments)
        if done is not None:
            return done
    # Servers are stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    prepare(options.data, options.events, _say)
    set_up()
    try:
        found = _measured(options)
    except NotStarted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = _report(found)
    if not options.smoke:
        parts = {name: [vars(part) for part in parts] for name, parts in found.items()}
        write_results("starving", {"parts": parts}, text, machine())
    sys.stdout.write(f"{text}\n")
    return 0 if all(set(p.readers) == ANSWERED for parts in found.values() for p in parts) else 1


def _measured(options: argparse.Namespace) -> dict[str, list[Part]]:
    from django.db import connection

    # Each question is answered anew, and each of those who ask for much is another client.
    environment = {**os.environ, "ANSWERS_KEPT": "0", "CLIENT_ADDRESS_HEADER": "ClientAddress"}
    with run(OURS, environment) as (process, base, log), connection.cursor() as cursor:
        wait(process, base, log)
        server = Server(base, Tree(psutil.Process(process.pid)))
        usual = usual_questions(cursor)
        _say("looking for the lists that take longest")
        much = {
            "files": ["/api/events.ndjson", "/api/events.csv"],
            "lists": heaviest_lists(cursor, server),
            "summaries": summaries(cursor),
        }
        kinds = {"alone": [], **{name: [paths] for name, paths in much.items()}}
        kinds["files and lists"] = [much["files"], much["lists"]]
        found: dict[str, list[Part]] = {name: [] for name in kinds}
        connection.close()
        for number in range(options.rounds):
            for name, paths in kinds.items():
                _say(f"round {number + 1}: {name}")
                part = measure(urlsplit(base).netloc, usual, paths, options.seconds)
                found[name].append(part)
                _say(f"  {part.p95:.0f} ms, {part.readers}, {part.others}")
    return found


def _report(found: Mapping[str, Sequence[Part]]) -> str:
    alone = [part.p95 for part in found["alone"]]
    rows = []
    for name, parts in found.items():
        others: Counter[int] = sum((part.others for part in parts), Counter())
        ratios = sorted(part.p95 / one for part, one in zip(parts, alone, strict=True))
        rows.append(
            [
                name,
                str(sum(part.readers.total() for part in parts)),
                str(sum(n for part in parts for s, n in part.readers.items() if s not in ANSWERED)),
                f"{sorted(part.p50 for part in parts)[len(parts) // 2]:.0f}",
                f"{sorted(part.p95 for part in parts)[len(parts) // 2]:.0f}",
                f"{ratios[len(ratios) // 2]:.1f}",
                str(others[200]),
                str(sum(others[status] for status in REFUSED)),
                str(sum(n for s, n in others.items() if s not in ANSWERED | REFUSED)),
            ]
        )
    head = [
        "beside",
        "asked",
        "failed",
        "p50, ms",
        "p95, ms",
        "ratio",
        "answered",
        "refused",
        "else",
    ]
    return table(head, rows)


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
