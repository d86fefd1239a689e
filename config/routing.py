"""Reads go to a standby, everything else to the primary; each request to one server, from its first query to its last.

What `django.db.connection` means to a thread is settled before the request begins. So nothing that asks the
database need know of standbys, and no answer is made of what two servers say.
"""

from collections.abc import Iterable
from threading import local
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseErrorWrapper

from api.limits import COUNTED
from api.problems import is_api
from api.replay import Application, Environ
from config.standbys import Server, Watch
from explorer.addresses import is_page

# SQLSTATE of a statement that took too long: it would again.
TOO_LONG = "57014"
# The beginnings of those that tell of a lost connection, and of a server that goes down or comes up.
LOST = ("08", "57")

# A thread's own connection to the primary, while `connection` leads elsewhere.
_thread = local()


class _Noting(DatabaseErrorWrapper):
    """Notes the last failure of a connection: an answer tells that there was one, and not which."""

    failure: psycopg.OperationalError | None = None

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, psycopg.OperationalError):
            self.failure = error
        super().__exit__(kind, error, traceback)


def lead_to(alias: str) -> BaseDatabaseWrapper:
    """Let the connection of this thread lead to a server until it is led elsewhere; return it."""
    now = connections[DEFAULT_DB_ALIAS]
    if now.alias == DEFAULT_DB_ALIAS:
        _thread.primary = now
    there: BaseDatabaseWrapper
    there = _thread.primary if alias == DEFAULT_DB_ALIAS else connections[alias]
    connections[DEFAULT_DB_ALIAS] = there
    return there


class Routing:
    """A WSGI application that has reads of another answered by a standby.

    Where that fails, the question is put to the primary, once: a standby ends statements that are in the way of
    what it has to take over (SQLSTATE 40001), and may be lost at any time.
    """

    def __init__(self, application: Application, watch: Watch) -> None:
        self.application = application
        self.watch = watch

    def __call__(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        path = request["PATH_INFO"]
        standby = self.watch.standby() if is_api(path) or is_page(path) else None
        if standby is None:
            lead_to(DEFAULT_DB_ALIAS)
            return self.application(request, start_response)
        there = lead_to(standby.alias)
        there.wrap_database_errors = noting = _Noting(there)
        begun: list[Any] = []
        # As it is written to on its way.
        unanswered = dict(request)
        pieces = self.application(request, lambda *told: begun.append(told))
        is_503 = begun[-1][0].startswith("503")
        if not is_503 or not _failed(noting.failure, standby):
            start_response(*begun[-1])
            return pieces
        if hasattr(pieces, "close"):
            pieces.close()
        # Only where the primary is known to be gone is the standby a better choice.
        lead_to(DEFAULT_DB_ALIAS if self.watch.primary.position else standby.alias)
        # All that was found out of it, but that it was counted: whoever asked has asked once.
        counted = {name: request[name] for name in (COUNTED,) if name in request}
        request.clear()
        request.update(unanswered | counted)
        return self.application(request, start_response)


def _failed(failure: psycopg.OperationalError | None, standby: Server) -> bool:
    """Return whether another server may do better; leave the standby out if it is lost."""
    if failure is None or failure.sqlstate == TOO_LONG:
        return False
    if failure.sqlstate is None or failure.sqlstate.startswith(LOST):
        standby.lost()
    return True
