"""How many requests at a time use the database, and what becomes of the others when it does not answer.

Each thread of the server keeps a connection, so threads are the pool of connections. If all of them waited for a
database that is stuck, nobody would be left to say so. So two more threads serve than may use the database. As
long as requests come and go, who finds no place waits for one, for milliseconds. Where nobody has come or gone
for most of a second, everybody else is told at once to come back: the database is stuck, or asked for far too much.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from api.problems import BUSY, is_api
from api.replay import Application, Environ
from explorer.addresses import is_page

# Requests of a process that use the database at a time, each on a connection of its own: with a handful of
# processes they stay well under the 100 connections that PostgreSQL allows.
PLACES = 8
# Threads that see to the rest: whether the process is alive and ready, pages, and who has to come back.
SPARE = 2

# How long a place is waited for since somebody last took or left one, in seconds. Whether the service is ready is
# told after so long and as long again, at the latest: who asks may wait for those who wait.
WAIT = 0.8

TOO_MANY = "the places of this process are all taken"


class Gate:
    """A WSGI application that lets so many requests at a time reach another that uses the database.

    The others reach it, too, with the word that they cannot be answered.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        # Whoever leaves twice would make one more: what is sent piece by piece sees to that.
        self.places: SimpleQueue[None] = SimpleQueue()
        for _ in range(PLACES):
            self.places.put(None)
        self.changed = time.monotonic()

    def __call__(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        path = request["PATH_INFO"]
        if not (is_api(path) or is_page(path) or path.startswith("/admin")):
            return self.application(request, start_response)
        if not self._enter():
            request[BUSY] = TOO_MANY
            return self.application(request, start_response)
        try:
            pieces = self.application(request, start_response)
        except BaseException:
            self._leave()
            raise
        if isinstance(pieces, list):
            self._leave()
            return pieces
        return _Flowing(pieces, self._leave)

    def _enter(self) -> bool:
        try:
            self.places.get(timeout=max(0, self.changed + WAIT - time.monotonic()))
        except Empty:
            return False
        self.changed = time.monotonic()
        return True

    def _leave(self) -> None:
        self.changed = time.monotonic()
        self.places.put(None)


class _Flowing:
    """An answer that is sent piece by piece, and holds its place until it is closed."""

    def __init__(self, pieces: Iterable[bytes], leave: Callable[[], None]) -> None:
        self.pieces, self.leave = pieces, leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        leave, self.leave = self.leave, lambda: None
        try:
            if hasattr(self.pieces, "close"):
                self.pieces.close()
        finally:
            leave()

    def __del__(self) -> None:
        # The server need not close what it could not begin to send.
        self.close()
