"""The WSGI application that a web server runs."""

import os
from collections.abc import Iterable
from threading import local
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

from api.replay import Application, Environ, Replay, in_one_piece
from config.parent import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# What a request may cost the database, in PostgreSQL's units: longer than any honest request takes,
# short enough that a stuck table does not hold every thread.
LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
}

READING = ("GET", "HEAD", "OPTIONS")


def set_limits(connection: Any, **_: Any) -> None:
    """Set the limits on a connection just made; those of commands have none."""
    with connection.cursor() as cursor:
        for name, value in LIMITS.items():
            cursor.execute(f"SET {name} = '{value}'")


class _Closing:
    """Closes the connection of a thread when the thread ends.

    The server lets threads end that have had nothing to do, and Django's connections are freed in its own time
    only: meanwhile a new thread would have made another.
    """

    held = local()

    def __init__(self, session: Any) -> None:
        self.session = session

    def __del__(self) -> None:
        self.session.close()


def close_with_thread(connection: Any, **_: Any) -> None:
    """Have a connection just made closed with its thread."""
    _Closing.held.closing = _Closing(connection.connection)


def plain_types(application: Application) -> Application:
    """Take from a request what it says of the encoding of its query string.

    The framework would decode the query string by the charset of a body, and fail on one that is no
    charset. A request that reads has no body; what is sent by forms is UTF-8.
    """

    def answer(request: Environ, start_response: Any) -> Iterable[bytes]:
        content_type = request.get("CONTENT_TYPE", "")
        if request["REQUEST_METHOD"] in READING:
            request["CONTENT_TYPE"] = ""
        elif "charset" in content_type.lower() and "utf-8" not in content_type.lower():
            request["CONTENT_TYPE"] = content_type.partition(";")[0]
        return application(request, start_response)

    return answer


end_with_parent()
connection_created.connect(set_limits)
connection_created.connect(close_with_thread)
application = Replay(plain_types(in_one_piece(get_wsgi_application())))
