"""The WSGI application that a web server runs."""

import os
from threading import local
from typing import Any
from weakref import WeakSet

import psycopg
from django.core.wsgi import get_wsgi_application
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

from api.replay import Application, Replay, in_one_piece
from config.access import Access
from config.bodies import Bodies
from config.database import CONNECT_TIMEOUT
from config.embedded.starter import wait_at_most
from config.forms import plain_types
from config.gate import Gate
from config.observing import observers, statements
from config.parent import end_with_parent
from config.roles import answer_as_reader
from config.routing import Routing
from config.standbys import watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# What a request may cost the database, in PostgreSQL's units: longer than any honest request takes,
# short enough that a stuck table does not hold every thread.
LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
}
# A server that hangs ends nothing: so long a statement is waited for, in seconds.
UNANSWERED = 11

# The API reads only. Its role may do no more, where it has one of its own; elsewhere this says so.
READING_ONLY = {"default_transaction_read_only": "on"}


def set_limits(connection: Any, **_: Any) -> None:
    """Set the limits on a connection just made; those of commands have none."""
    limits = LIMITS | (READING_ONLY if connection.alias == DEFAULT_DB_ALIAS else {})
    settings = ", ".join(
        f"set_config('{name}', '{value}', false)" for name, value in limits.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {settings}")


def give_up(connection: Any, **_: Any) -> None:
    """Have a connection just made closed where the server does not answer on it."""
    session = connection.connection
    wait = session.wait

    def bounded(steps: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return wait(steps, interval, timeout or UNANSWERED)
        except psycopg.OperationalError:
            if session.info.transaction_status == TransactionStatus.ACTIVE:
                session.close()
            raise

    session.wait = bounded


class _Sessions(WeakSet[Any]):
    """The connections that a thread has made, which are closed when it ends.

    The server lets threads end that have had nothing to do, and Django's connections are freed in its own time
    only: meanwhile a new thread would have made others.
    """

    def __del__(self) -> None:
        for session in self:
            session.close()


class _OfThread(local):
    def __init__(self) -> None:
        self.sessions = _Sessions()


of_thread = _OfThread()


def close_with_thread(connection: Any, **_: Any) -> None:
    """Have a connection just made closed with its thread."""
    of_thread.sessions.add(connection.connection)


end_with_parent()
wait_at_most(CONNECT_TIMEOUT)
# The first to be told, before any statement of theirs.
connection_created.connect(give_up)
connection_created.connect(set_limits)
connection_created.connect(close_with_thread)
django_application = get_wsgi_application()
answer_as_reader()
connection_created.connect(statements().watch, weak=False)
application: Application = Replay(plain_types(in_one_piece(django_application)))
if watch.standbys:
    watch.start()
    application = Routing(application, watch)
application = Access(Bodies(Gate(application)), observers())
