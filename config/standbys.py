"""Standbys: copies of the database, kept by PostgreSQL's streaming replication, that answer what is read.

Each server is looked at once a second. A standby is left out while it does not answer, or lacks for too long
what the primary has; it is taken back by itself when it has all of it. For as long as the primary does not
answer, a standby is used whatever it lacks: it has the newest state that anybody can read.

A process reads from one standby as long as it can, and so from states that only go forward. Which one that is
goes by the number of the process, so that several share the standbys.
"""

import os
import socket
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any
from weakref import WeakSet

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.signals import connection_created

from api.state import state_query

# Seconds between two looks at a server, how many it has to answer one, and between two judgements.
EVERY, PATIENCE, JUDGED = 1.0, 2.0, 0.5
# Seconds for which a standby may lack a change before that is known, at most.
UNNOTICED = EVERY + PATIENCE + JUDGED

# How many changes of the primary are remembered; who lacks an older one lacks those, too.
MOST = 1_000

# What a server has: how many migrations and how many changes. All servers come to the same, in one order.
Position = tuple[int, int]

# Migrations count, as an old table cannot be asked what a new one can.
POSITION = """
    SELECT (SELECT coalesce(max(id), 0) FROM django_migrations), number, pg_is_in_recovery()
    FROM ({}) state"""


def reaches(one: Position, other: Position) -> bool:
    """Return whether a server at `one` has all that one at `other` has."""
    return one[0] >= other[0] and one[1] >= other[1]


@dataclass
class Server:
    """A server as this process sees it. `alias` names its connections."""

    alias: str
    # What it has, and whether it is a standby; None while it does not answer.
    position: Position | None = None
    in_recovery: bool = False
    # Since when it owes an answer, in monotonic seconds, and whether it was ever looked at.
    asked: float = inf
    known: bool = False
    # Of a standby: for how many seconds it has lacked what the primary has, and whether it answers reads.
    lag: float | None = None
    reads: bool = False
    _sessions: WeakSet[psycopg.Connection[Any]] = field(default_factory=WeakSet)
    _lock: Lock = field(default_factory=Lock)

    def keep_looking(self) -> None:
        """Look at it again and again, in a thread of its own: it may never answer."""
        while True:
            self.asked = monotonic()
            self._look()
            self.known = True
            self.asked = inf
            sleep(EVERY)

    def _look(self) -> None:
        connection = connections[self.alias]
        try:
            with connection.cursor() as cursor:
                cursor.execute(POSITION.format(state_query()))
                migrations, changes, self.in_recovery = cursor.fetchone()
        except (
            Error,
            TypeError,
        ):  # A database without the row that counts changes is none of ours.
            self.position = None
            connection.close()
        else:
            self.position = migrations, changes

    def opened(self, session: psycopg.Connection[Any]) -> None:
        """Note a connection that was made to it."""
        with self._lock:
            self._sessions.add(session)

    def lost(self) -> None:
        """Leave it out until it is seen again."""
        self.position, self.reads = None, False

    def cut(self) -> None:
        """End all connections to it, for those who would wait for its answers for ever."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            with suppress(OSError, psycopg.Error):
                wire = socket.socket(fileno=os.dup(session.fileno()))
                with wire:
                    wire.shutdown(socket.SHUT_RDWR)


class Watch:
    """Who of several servers answers. `longest` is how many seconds a standby may lack what the primary has."""

    def __init__(self, standbys: list[str], longest: float) -> None:
        self.longest = longest
        self.primary = Server(DEFAULT_DB_ALIAS)
        self.standbys = [Server(alias) for alias in standbys]
        # What the primary had, and since when we know.
        self.changes = deque[tuple[Position, float]](maxlen=MOST)
        turn = os.getpid() % max(len(standbys), 1)
        self._in_turn = [*self.standbys[turn:], *self.standbys[:turn]]

    def standby(self) -> Server | None:
        """Return the standby that answers reads in this process; None if the primary has to."""
        return next((standby for standby in self._in_turn if standby.reads), None)

    def start(self) -> None:
        """Begin to watch, in threads that end with the process."""
        connection_created.connect(self._opened)
        servers = [self.primary, *self.standbys]
        for run in (*(server.keep_looking for server in servers), self._keep_judging):
            Thread(target=run, daemon=True).start()

    def _opened(self, connection: Any, **_: Any) -> None:
        for standby in self.standbys:
            if standby.alias == connection.alias:
                standby.opened(connection.connection)

    def _keep_judging(self) -> None:
        while True:
            self.judge(monotonic())
            sleep(JUDGED)

    def judge(self, now: float) -> None:
        """Decide who answers, from what was seen of the servers up to now."""
        for server in (self.primary, *self.standbys):
            if now - server.asked > PATIENCE:
                server.lost()
                server.known = True
                if server is not self.primary:
                    server.cut()
        self._note_change(now)
        for standby in self.standbys:
            # Taken once: others write it meanwhile.
            position = standby.position
            if position is None:
                standby.lag, standby.reads = None, False
            else:
                standby.lag = lag = self._lag(position, now)
                standby.reads = self._may_read(standby, position, lag)

    def _note_change(self, now: float) -> None:
        position = self.primary.position
        last = self.changes[-1][0] if self.changes else None
        if position is None or position == last:
            return
        if last and not reaches(position, last):
            # Another server, which was made the primary and had not got the last of it.
            self.changes.clear()
        self.changes.append((position, now))

    def _lag(self, position: Position, now: float) -> float:
        """Return for how long a standby has lacked a change."""
        return next((now - since for had, since in self.changes if not reaches(position, had)), 0.0)

    def _may_read(self, standby: Server, position: Position, lag: float) -> bool:
        primary = self.primary.position
        if primary is None:
            return self.primary.known
        if not standby.in_recovery:
            return False  # It goes its own way.
        if standby.reads:
            return lag <= self.longest - UNNOTICED
        return reaches(position, primary)


# Of this process; it looks at nobody before it is started.
watch = Watch(list(settings.STANDBYS), settings.STANDBY_LAG)
