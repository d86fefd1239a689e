"""What is known of a request once it is answered: its id, told in the answer, and what is noted of it elsewhere."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import quote

from api.limits import address_of
from api.replay import Application, Environ
from api.tracing import HEADER, KEPT, REQUEST_ID, ROUTE, TRACE_ID, current, identify
from config.faults import always_answered
from config.leaving import FIELDS

log = logging.getLogger("dateline.access")

# Characters of what a client chose that are logged.
LONGEST_QUERY = 2_000
LONGEST_NAME = 300

LINE = '%(client)s "%(method)s %(path)s" %(status)d, %(bytes)d bytes in %(duration_ms).1f ms'
ASKED = LINE.replace("%(path)s", "%(path)s?%(query)s")


@dataclass(slots=True)
class Answered:
    """A request that was answered: `status` is 500 if nobody could, `seconds` last to its last byte.

    `path` is as WSGI has it; in the request Django has put another in its place.
    """

    request: Environ
    path: str
    status: int = 500
    sent: int = 0
    seconds: float = 0


Observer = Callable[[Answered], None]


class Access:
    """A WSGI application that gives each request an id and an answer, and shows what became of it to `observers`."""

    def __init__(self, application: Application, observers: Sequence[Observer] = ()) -> None:
        self.application = always_answered(application)
        self.observers = observers

    def __call__(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        name = identify(request)

        def start(status: str, fields: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*fields, (HEADER, name), *FIELDS], *error)

        current.request = request
        try:
            if self.observers:
                return self._observed(request, start)
            pieces = self.application(request, start)
        finally:
            current.request = None
        return pieces if isinstance(pieces, list) else _Flowing(request, pieces)

    def _observed(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        begun = perf_counter()
        answered = Answered(request, request["PATH_INFO"])

        def start(status: str, *fields: Any) -> Any:
            answered.status = int(status[:3])
            return start_response(status, *fields)

        def end(sent: int) -> None:
            answered.sent = sent
            answered.seconds = perf_counter() - begun
            for observer in self.observers:
                observer(answered)

        try:
            pieces = self.application(request, start)
        except BaseException:
            end(0)
            raise
        if not isinstance(pieces, list):
            return _Flowing(request, pieces, end)
        end(sum(map(len, pieces)))
        return pieces


class _Flowing:
    """An answer that is sent piece by piece, and has ended when it is closed."""

    def __init__(
        self, request: Environ, pieces: Iterable[bytes], end: Callable[[int], None] = lambda _: None
    ) -> None:
        self.request, self.pieces, self.end = request, pieces, end
        self.following = iter(pieces)
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        current.request = self.request
        try:
            piece = next(self.following)
        finally:
            current.request = None
        self.sent += len(piece)
        return piece

    def close(self) -> None:
        end, self.end = self.end, lambda _: None
        # It may be closed for being forgotten, in the middle of another request.
        other, current.request = current.request, self.request
        try:
            if hasattr(self.pieces, "close"):
                self.pieces.close()
        finally:
            end(self.sent)
            current.request = other

    def __del__(self) -> None:
        # The server need not close what it could not begin to send.
        self.close()


def write_line(answered: Answered) -> None:
    """Log a request in one line, in which nothing that the client wrote can begin another."""
    request = answered.request
    query = request["QUERY_STRING"]
    head = request["REQUEST_METHOD"] == "HEAD"
    fields = {
        "client": address_of(request)[:LONGEST_NAME],
        "method": request["REQUEST_METHOD"][:LONGEST_NAME],
        # As it was sent, more or less: whatever is no plain letter is percent-encoded again.
        "path": quote(answered.path[:LONGEST_QUERY].encode("latin-1"), safe="/:@!$&'()*+,;=~"),
        "query": query[:LONGEST_QUERY],
        "status": answered.status,
        "bytes": 0 if head else answered.sent,
        "duration_ms": round(answered.seconds * 1000, 2),
        "route": request.get(ROUTE),
        "kept": KEPT in request,
        "user_agent": request.get("HTTP_USER_AGENT", "")[:LONGEST_NAME],
        "request_id": request[REQUEST_ID],
        "trace_id": request.get(TRACE_ID),
    }
    line = ASKED if query else LINE
    # Not by log.info, which looks for who calls it.
    log.handle(log.makeRecord(log.name, logging.INFO, "", 0, line, (fields,), None))
