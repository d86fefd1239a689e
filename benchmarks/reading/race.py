"""The race: every case, in rounds, each contestant in its turn with all others idle."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.reading.asks import OURS, Case
from benchmarks.reading.load import Load, put_load, write_addresses
from benchmarks.reading.servers import ADDRESSES, Server
from benchmarks.reading.usage import Tree, postgresql

# Seconds that what a contestant left running in the database may still take.
SETTLING = 60


@dataclass(frozen=True)
class Sample:
    """One turn of a contestant: what came of the load, and processor time for a request in milliseconds."""

    case: str
    contestant: str
    connections: int
    round: int
    load: Load
    server_cpu: float | None
    database_cpu: float | None


@dataclass(frozen=True)
class Pace:
    """How long a turn is, over how many connections, and how often each has its turn."""

    seconds: int
    warm_up: int
    connections: tuple[int, ...]
    rounds: int


class Measured:
    """What a race has measured, with medians over its rounds."""

    def __init__(self, samples: Sequence[Sample] = ()) -> None:
        self.samples = list(samples)

    def of(self, case: str, contestant: str, connections: int) -> list[Sample]:
        """Return the samples of a contestant in the order of rounds."""
        wanted = (case, contestant, connections)
        found = [s for s in self.samples if (s.case, s.contestant, s.connections) == wanted]
        return sorted(found, key=lambda sample: sample.round)

    def middle(
        self, case: str, contestant: str, connections: int, value: Callable[[Sample], float | None]
    ) -> float | None:
        """Return the median of a value over the rounds; None if it is not known."""
        known = [value(sample) for sample in self.of(case, contestant, connections)]
        numbers = [number for number in known if number is not None]
        return median(numbers) if numbers else None

    def ratio(
        self, case: str, contestant: str, connections: int, of: tuple[str, str] | None = None
    ) -> float | None:
        """Return how many times as many answers ours gives: the median of what each round says.

        `of` names another case and contestant than ours in the same one. None where somebody took no part,
        or gave no answer at all.
        """
        pairs = zip(
            self.of(*(of or (case, OURS)), connections),
            self.of(case, contestant, connections),
            strict=False,
        )
        found = [one.load.rate / other.load.rate for one, other in pairs if other.load.rate]
        return median(found) if found else None


def race(
    cases: Sequence[Case],
    servers: Mapping[str, Server],
    database: Any,
    pace: Pace,
    say: Callable[[str], None],
) -> Iterator[Sample]:
    """Yield a sample for each turn. `database` is a Django connection; `say` is told of progress."""
    processes = postgresql(database)
    with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
        for number in range(pace.rounds):
            for connections in pace.connections:
                for case in cases:
                    say(
                        f"{case.name}: round {number + 1} of {pace.rounds}, {connections} connections"
                    )
                    # Who begins changes from round to round.
                    first = number % len(case.contestants)
                    for name in case.contestants[first:] + case.contestants[:first]:
                        turn = Turn(servers[name], processes, Path(folder) / "addresses")
                        turn.take_down(case, name)
                        measured = turn.run(connections, number, pace)
                        settle(database)
                        yield Sample(case.name, name, connections, number, *measured)


@dataclass
class Turn:
    """A turn of one contestant."""

    server: Server
    database: Tree | None
    addresses: Path

    def take_down(self, case: Case, name: str) -> None:
        """Write down what is to be asked."""
        asked = [(ADDRESSES[name](ask), ask.etag) for ask in case.asks]
        write_addresses(self.addresses, asked)

    def run(
        self, connections: int, number: int, pace: Pace
    ) -> tuple[Load, float | None, float | None]:
        """Ask for some seconds, in the first round after a warm-up; return what came of it and the milliseconds that a request cost."""
        if pace.warm_up and not number:
            put_load(self.server.base, self.addresses, connections, pace.warm_up)
        before = self._seconds()
        load = put_load(self.server.base, self.addresses, connections, pace.seconds)
        after = self._seconds()
        costs = [
            None
            if new is None or old is None or not load.requests
            else 1000 * (new - old) / load.requests
            for old, new in zip(before, after, strict=True)
        ]
        return load, costs[0], costs[1]

    def _seconds(self) -> tuple[float, float | None]:
        return self.server.tree.seconds(), self.database.seconds() if self.database else None


def settle(database: Any) -> None:
    """Wait until nobody else uses the database: who is asked next has it alone."""
    deadline = time.monotonic() + SETTLING
    while time.monotonic() < deadline:
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
