"""Room for answers that take long: how many are written at once, and how many of them for one address.

Each keeps a thread and a connection busy; a file does so for as long as its reader likes, and nothing but
the reader can end that. So a process writes only a few at once, which leaves the rest to everybody else,
and one address may hold only some of these: whoever reads slowly, with however many connections, is in
nobody's way but their own. How fast they read need not be judged.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from api.problems import Throttled, Unavailable


class Room:
    """Places for answers of one sort, called `what`: each process counts for itself."""

    def __init__(self, what: str, at_once: int, for_one: int) -> None:
        self.what, self.at_once, self.for_one = what, at_once, for_one
        self.held = Counter[str]()
        # One that its own thread can take again: a file that is collected gives its place back anywhere.
        self.lock = RLock()

    @property
    def left(self) -> int:
        """How many more answers can be written now."""
        return self.at_once - self.held.total()

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """Hold a place for one answer; raise Throttled or Unavailable when there is none."""
        with self.lock:
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
            with self.lock:
                # Leaves out who holds none, so that nobody is remembered.
                self.held -= Counter([address])
