"""Answers given again: whoever asks what was asked before gets the same, as long as the data stay as they are.

An answer follows from the state of the data, the software and what of a request is told here, and from
nothing else. So all that an answer that was kept still costs is to find out the state.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import FileResponse, HttpResponse

from api.caching import STATE, is_fresh
from api.problems import BUSY, is_api
from api.state import keep_answer, last_answer, read_state
from api.tracing import KEPT, ROUTE

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
Headers = list[tuple[str, str]]
Question = tuple[str | None, ...]

READS = ("GET", "HEAD")

# What of a request an answer follows from, but for what a client has of it already.
TOLD = (
    *("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME"),
    *("SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme"),
    *("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN"),
    *("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"),
)
# Header fields that are of the content, and not in a 304.
OF_CONTENT = {"content-type", "content-length", "content-encoding"}
# What an answer takes in memory besides its texts.
OVERHEAD = 2_000


@dataclass(frozen=True)
class Answer:
    """An answer: status line, header fields and content, which is None if only who had it was answered."""

    status: str
    headers: Headers
    content: bytes | None
    route: str | None

    @cached_property
    def of_304(self) -> Headers:
        """Return the header fields of the answer to those who have it."""
        return [(name, value) for name, value in self.headers if name.lower() not in OF_CONTENT]

    @cached_property
    def validators(self) -> tuple[str, str | None]:
        """Return what a client can tell from whether its copy is good: tag and date."""
        named = dict(self.headers)
        return named["ETag"], named.get("Last-Modified")

    def to(self, request: Environ, start_response: Any) -> list[bytes] | None:
        """Give it to who asks; return None if the content is wanted and not known."""
        if is_fresh(request, *self.validators):
            start_response("304 Not Modified", self.of_304)
            return []
        if self.content is None:
            return None
        start_response(self.status, self.headers)
        return [self.content]


class Replay:
    """A WSGI application that gives answers of another again, and keeps them for that.

    Only those that it has in one piece are kept. With a limit to requests none are, as each is counted.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, request: Environ, start_response: Any) -> Iterable[bytes]:
        keeps = settings.ANSWERS_KEPT and not settings.RATE_LIMIT
        reads = is_api(request["PATH_INFO"]) and request["REQUEST_METHOD"] in READS
        if not keeps or not reads or BUSY in request:
            return self.application(request, start_response)
        # Told now, as it is put in other words further on.
        question = tuple(map(request.get, TOLD))
        again = _again(question, request, start_response)
        return self._anew(question, request, start_response) if again is None else again

    def _anew(self, question: Question, request: Environ, start_response: Any) -> Iterable[bytes]:
        begun: list[Any] = []

        def start(status: str, headers: Headers, *error: Any) -> Any:
            begun[:] = status, headers
            return start_response(status, headers, *error)

        pieces = self.application(request, start)
        status, headers = begun
        state = request.get(STATE)
        if state and isinstance(pieces, list) and status[:3] in ("200", "304") and _lasts(headers):
            content = b"".join(pieces) if status.startswith("200") else None
            answer = Answer(status, headers, content, request.get(ROUTE))
            keep_answer(state, question, answer, len(content or b"") + _length(question, headers))
        return pieces


def _again(question: Question, request: Environ, start_response: Any) -> list[bytes] | None:
    """Give the answer that was kept to a question; return None if there is none, or it is no longer true."""
    answer, state = last_answer(question)
    if not isinstance(answer, Answer):
        return None
    try:
        request[STATE] = read_state()
    except OperationalError as error:
        # Who answers anew says so, and need not try again.
        request[BUSY] = str(error)
        return None
    again = answer.to(request, start_response) if request[STATE] == state else None
    if again is not None:
        request[ROUTE], request[KEPT] = answer.route, True
    return again


def _lasts(headers: Headers) -> bool:
    """Return whether an answer stays the same as long as the data do.

    The name of a file tells the day, and no answer has a date in the second in which the data changed.
    """
    names = {name.lower() for name, _ in headers}
    return "last-modified" in names and "content-disposition" not in names


def _length(question: Question, headers: Headers) -> int:
    """Return what an answer takes in memory besides its content: clients choose how long questions are."""
    texts = [text for text in question if text] + [text for pair in headers for text in pair]
    return OVERHEAD + sum(map(len, texts))


def in_one_piece(application: Application) -> Application:
    """Give an answer that is there whole as a list, which the server sends at once, where it asks others for more."""

    def answer(request: Environ, start_response: Any) -> Iterable[bytes]:
        response = application(request, start_response)
        if isinstance(response, FileResponse):
            # Of a page: who reads it slowly would keep a thread.
            content = b"".join(iter(response))
        elif isinstance(response, HttpResponse):
            content = response.content
        else:
            return response
        response.close()
        return [content]

    return answer
