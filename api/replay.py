"""Answers given again: whoever asks what was asked before gets the same, as long as the data stay as they are.

An answer follows from the state of the data, the software and what of a request is told here, and from
nothing else. So all that an answer that was kept still costs is to find out the state.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import ResponseHeaders

from api.caching import is_fresh
from api.problems import is_api
from api.state import answering, keep_for_later, last_kept, read_state

# What of a request an answer follows from, but for what a client has of it already.
TOLD = (
    *("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME"),
    *("SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme"),
    *("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN"),
    *("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"),
)
# Header fields that are of the content, and not in a 304.
OF_CONTENT = {"content-type", "content-length", "content-encoding"}
# What an answer takes in memory besides its content.
OVERHEAD = 2_000


@dataclass(frozen=True)
class Answer:
    """An answer: its header fields, those of a 304, and the content; None if nobody was given it."""

    headers: ResponseHeaders
    of_304: ResponseHeaders
    content: bytes | None

    def to(self, request: HttpRequest) -> HttpResponse | None:
        """Return what is answered to `request`, or None if the content is wanted and not known."""
        headers, content, status = self.headers, self.content, 200
        if is_fresh(request, headers["ETag"], headers.get("Last-Modified")):
            headers, content, status = self.of_304, b"", 304
        if content is None:
            return None
        response = HttpResponse(content, status=status)
        # Nobody adds to them: whatever else does has done so already.
        response.headers = headers
        return response


class ReplayMiddleware:
    """Gives answers again, and keeps them for that; to be the first of all.

    With a limit to requests none is, as each request is counted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.keeps = settings.ANSWERS_KEPT > 0 and not settings.RATE_LIMIT

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request.path_info) or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        # Told now, as it is put in other words further on.
        question = tuple(map(request.META.get, TOLD))
        with answering():
            if not self.keeps:
                return self.get_response(request)
            return _again(question, request) or self._anew(question, request)

    def _anew(self, question: Hashable, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        streams = isinstance(response, StreamingHttpResponse)
        if response.status_code in (200, 304) and "ETag" in response.headers and not streams:
            content = response.content if response.status_code == 200 else None
            rest = {k: v for k, v in response.items() if k.lower() not in OF_CONTENT}
            answer = Answer(response.headers, ResponseHeaders(rest), content)
            keep_for_later(question, answer, len(content or b"") + OVERHEAD)
        return response


def _again(question: Hashable, request: HttpRequest) -> HttpResponse | None:
    """Return the answer that was kept to a question, if it is still true."""
    answer, state = last_kept(question)
    if not isinstance(answer, Answer):
        return None
    try:
        unchanged = read_state() == state
    except OperationalError:
        # Who answers anew says what is wrong.
        return None
    return answer.to(request) if unchanged else None
