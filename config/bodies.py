"""What is sent with a request: read within a time and up to a length, before anything waits for it.

A thread that reads what a client sends cannot be told to stop. A client that begins to send and does not go on would
keep it for as long as it likes, and of those that answer there are few. So one of its own reads, which is waited for
so long and no longer. Only the forms of the admin send anything: everywhere else nothing is read at all.

While a client holds back the rest of a form, the server hands over no other form of the process, but all that is
asked besides is answered. A proxy that takes forms whole before it hands them on leaves no client that choice.
"""

from collections.abc import Iterable
from concurrent.futures import Future
from http import HTTPStatus
from io import BytesIO
from threading import Lock, Thread
from typing import Any

from django.conf import settings

from api.replay import Application, Environ

ADMIN = "/admin/"

# How long a form may take to come, in seconds. As a rule it is there.
SECONDS = 10

LATE = f"What was sent took longer than {SECONDS} seconds. Send it again.\n"
BUSY = "Somebody else is sending a form. Send yours again in a moment.\n"


class Bodies:
    """A WSGI application that gives another what was sent whole, or nothing.

    It waits for one form at a time, with one of the threads that may not use the database (config/gate.py): another
    is left to say that the process is alive.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.waiting = Lock()

    def __call__(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        sent, request["wsgi.input"] = request["wsgi.input"], BytesIO()
        if not _is_empty(request) and request["PATH_INFO"].startswith(ADMIN):
            if not self.waiting.acquire(blocking=False):
                return _refuse(start_response, HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
            try:
                request["wsgi.input"] = BytesIO(_read(sent, _most(request)))
            except TimeoutError:
                return _refuse(start_response, HTTPStatus.REQUEST_TIMEOUT, LATE)
            finally:
                self.waiting.release()
        return self.application(request, start_response)


def _read(sent: Any, most: int) -> bytes:
    """Return so many bytes of what is sent, at most; raise TimeoutError if they do not come."""
    read: Future[bytes] = Future()

    def reading() -> None:
        try:
            read.set_result(sent.read(most))
        except BaseException as error:
            read.set_exception(error)

    Thread(target=reading, daemon=True).start()
    return read.result(SECONDS)


def _is_empty(request: Environ) -> bool:
    length = request.get("CONTENT_LENGTH")
    return length in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in request


def _most(request: Environ) -> int:
    """Return how many bytes are read: with one more than Django takes, it refuses the form itself."""
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    length = request.get("CONTENT_LENGTH") or ""
    return min(int(length), most) if length.isascii() and length.isdecimal() else most


def _refuse(start_response: Any, status: HTTPStatus, text: str) -> list[bytes]:
    content = text.encode()
    fields = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(content))),
        ("Retry-After", "5"),
        # What is still to come of it is no request.
        ("Connection", "close"),
    ]
    start_response(f"{status.value} {status.phrase}", fields)
    return [content]
