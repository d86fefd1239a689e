"""What is sent with a request: one form at a time is read, up to a length, and everywhere else nothing.

A thread that reads what a client sends cannot be told to stop, and to answer while another still reads brings the
server (granian 2.8) to a standstill. A client that begins to send and does not go on keeps the thread for as long as
it likes. So a process reads one form at a time, with one of the threads that may not use the database: while a
client holds back the rest of one, no other form is taken, but all that is asked besides is answered. A proxy that
takes forms whole before it hands them on leaves no client that choice.
"""

from collections.abc import Iterable
from http import HTTPStatus
from io import BytesIO
from threading import Lock
from typing import Any

from django.conf import settings

from api.replay import Application, Environ

ADMIN = "/admin/"

BUSY = "Somebody else is sending a form. Send yours again in a moment.\n"


class Bodies:
    """A WSGI application that gives another what was sent whole, or nothing.

    Two threads may not use the database (config/gate.py): one is left to say that the process is alive.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.reading = Lock()

    def __call__(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        sent, request["wsgi.input"] = request["wsgi.input"], BytesIO()
        if not _is_empty(request) and request["PATH_INFO"].startswith(ADMIN):
            if not self.reading.acquire(blocking=False):
                return _refuse(start_response)
            try:
                request["wsgi.input"] = BytesIO(sent.read(_most(request)))
            finally:
                self.reading.release()
        return self.application(request, start_response)


def _is_empty(request: Environ) -> bool:
    length = request.get("CONTENT_LENGTH")
    return length in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in request


def _most(request: Environ) -> int:
    """Return how many bytes are read: with one more than Django takes, it refuses the form itself."""
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    length = request.get("CONTENT_LENGTH") or ""
    return min(int(length), most) if length.isascii() and length.isdecimal() else most


def _refuse(start_response: Any) -> list[bytes]:
    status, content = HTTPStatus.SERVICE_UNAVAILABLE, BUSY.encode()
    fields = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(content))),
        ("Retry-After", "5"),
        # What is still to come of it is no request.
        ("Connection", "close"),
    ]
    start_response(f"{status.value} {status.phrase}", fields)
    return [content]
