"""Room for answers that take long: how many are written at once, and how many of them for one address.

Each keeps a thread and a connection busy; a file does so for as long as its reader likes, and nothing but
the reader can end that. So a process writes only a few at once, which leaves the rest to everybody else,
and one address may hold only some of these: whoever reads slowly, with however many connections, is in
nobody's way but their own. How fast they read need not be judged.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from api.problems import Throttled, Unavailable


class Room:
    """Places for answers of one sort, called `what`: each process counts for itself.

    Where they end soon, so many may wait for a place, for `patience` seconds at most.
    """

    def __init__(
        self, what: str, at_once: int, for_one: int, waiting: int = 0, patience: float = 0
    ) -> None:
        self.what, self.at_once, self.for_one = what, at_once, for_one
        self.may_wait, self.patience = waiting, patience
        self.held = Counter[str]()
        # Its own thread can take its lock again: a file that is collected gives its place back anywhere.
        self.changed = Condition()

    @property
    def left(self) -> int:
        """How many more answers can be written now."""
        return self.at_once - self.held.total()

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """Hold a place for one answer; raise Throttled or Unavailable when there is none."""
        with self.changed:
            self._wait()
            if not self.left:
                raise Unavailable(
                    f"Too many {self.what} are being written at once. Try again in a few seconds."
                )
            if self.held[address] >= self.for_one:
                raise Throttled(
                    f"Your address is being sent {self.for_one} {self.what}, which is as many as one may "
                    "have at a time. Try again when one has ended."
                )
            self.held[address] += 1
        try:
            yield
        finally:
            with self.changed:
                # Leaves out who holds none, so that nobody is remembered.
                self.held -= Counter([address])
                self.changed.notify()

    def _wait(self) -> None:
        if not self.left and self.may_wait:
            self.may_wait -= 1
            try:
                self.changed.wait_for(lambda: self.left, self.patience)
            finally:
                self.may_wait += 1
