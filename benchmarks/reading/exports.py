"""Q14: all events as a file over HTTP, against what PostgreSQL's COPY gives of the same rows."""

import csv
import io
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.reading.agreement import Unequal
from benchmarks.reading.contestants.sql import REFERENCES
from benchmarks.reading.servers import Server

BLOCK = 1 << 20
# Rows of which every cell is compared.
COMPARED = 50
FORMATS = ("ndjson", "csv")
SORTED = "ORDER BY e.sort_date DESC, e.id DESC"
OWN = (
    *("deaths_low", "deaths_best", "deaths_high", "deaths_civilians"),
    *("displaced_low", "displaced_best", "displaced_high"),
)


def _joined(expression: str) -> str:
    return (
        f"(SELECT string_agg({expression}, '; ' ORDER BY p.position, p.id) "
        "FROM events_participation p JOIN actors_actor a ON a.id = p.actor_id WHERE p.event_id = e.id)"
    )


CODES = (
    "(SELECT string_agg(c.scheme || ':' || c.code, '; ' ORDER BY c.id) FROM events_eventcode c "
    "WHERE c.event_id = e.id)"
)
# The columns of the CSV file, in their order.
COLUMNS = (
    *("e.public_id", "'/api/events/' || e.public_id", "e.title", "e.summary", "t.code", "t.label"),
    "r.code",
    CODES,
    *("e.status", "e.certainty", "e.start_date", "e.end_date", "e.date_precision", "e.edtf"),
    *("l.public_id", "l.name", "l.kind", "e.place_precision", "n.name", "n.iso3"),
    *("coalesce(e.latitude, l.latitude)", "coalesce(e.longitude, l.longitude)"),
    *(_joined(column) for column in ("a.name", "a.public_id", "p.role")),
    *(f"e.{name}" for name in OWN),
    # Agreement and its title, fulfils, breaches, part of, sources: made-up events have none.
    *(["null"] * 6),
    *("d.public_id", "d.licence", "s.version"),
    "to_char(e.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    "e.revision",
)
COPIES = {
    "ndjson": "COPY (SELECT b.body FROM events_event e JOIN events_eventbody b ON b.event_id = e.id "
    f"{SORTED}) TO STDOUT",
    "csv": f"COPY (SELECT {', '.join(COLUMNS)} FROM events_event e {REFERENCES} {SORTED}) "
    "TO STDOUT (FORMAT csv)",
}


@dataclass(frozen=True)
class Export:
    """What a file over HTTP took, and a COPY of its rows: seconds, by round, and memory of a worker."""

    format: str
    rows: int
    size: int
    first_byte: tuple[float, ...]
    seconds: tuple[float, ...]
    copied: tuple[float, ...]
    megabytes: float

    @property
    def ratio(self) -> float:
        """Return the rate over HTTP for one of COPY: the median of what each round says."""
        pairs = zip(self.seconds, self.copied, strict=True)
        return median(copied / took for took, copied in pairs)


def export_all(
    server: Server, connection: Any, rounds: int, say: Callable[[str], None]
) -> list[Export]:
    """Export all events in each format, in turns with COPY; raise Unequal if rows differ."""
    return [_export(kind, server, connection, rounds, say) for kind in FORMATS]


def _export(
    kind: str, server: Server, connection: Any, rounds: int, say: Callable[[str], None]
) -> Export:
    first, seconds, copied = [], [], []
    for number in range(rounds):
        say(f"export as {kind}, round {number + 1} of {rounds}")
        began = time.perf_counter()
        answer = Blocks(server.base + f"/api/events.{kind}")
        lines, size = _count(answer)
        seconds.append(time.perf_counter() - began)
        first.append(answer.first_byte)
        rows = lines - (kind == "csv")
        began = time.perf_counter()
        expected, _ = _count(_copy(connection, COPIES[kind]))
        copied.append(time.perf_counter() - began)
        # Texts of made-up events have no line breaks, so a line is a row.
        if rows != expected:
            raise Unequal(f"events.{kind} has {rows:,} rows; COPY has {expected:,}.")
    if kind == "csv":
        _compare(server, connection)
    memory = max(child.memory_info().rss for child in server.tree.process.children(recursive=True))
    times = (tuple(first), tuple(seconds), tuple(copied))
    return Export(kind, rows, size, *times, memory / 1024**2)


class Blocks:
    """The body at an address, block by block, and the seconds until the first of it came."""

    def __init__(self, address: str) -> None:
        self.address, self.first_byte = address, 0.0

    def __iter__(self) -> Iterator[bytes]:
        began = time.perf_counter()
        with urllib.request.urlopen(self.address, timeout=600) as answer:  # noqa: S310 (ours)
            while block := answer.read1(BLOCK):
                self.first_byte = self.first_byte or time.perf_counter() - began
                yield block


def _copy(connection: Any, statement: str) -> Iterator[bytes]:
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)


def _count(blocks: Iterable[bytes]) -> tuple[int, int]:
    """Return the number of lines and of bytes."""
    lines = size = 0
    for block in blocks:
        lines += block.count(b"\n")
        size += len(block)
    return lines, size


def _compare(server: Server, connection: Any) -> None:
    """Raise Unequal unless the cells of the first rows are the same in both files."""
    start = next(iter(Blocks(f"{server.base}/api/events.csv")))
    # The last line may be cut.
    ours = _cells(start.rpartition(b"\r\n")[0])[1 : COMPARED + 1]
    limited = COPIES["csv"].replace(SORTED, f"{SORTED} LIMIT {len(ours)}")
    if ours != _cells(b"".join(_copy(connection, limited))):
        raise Unequal("events.csv has other cells than COPY.")


def _cells(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
