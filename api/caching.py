"""Answers that clients keep until the data change, and ask after without costing a search.

An answer follows from the request, the software and the state of the data, and from nothing else.
`ETag` is a keyed digest of these, made only for requests that were answered with 200. A client that
sends one back has therefore asked this very question before, and got an answer that is still true: it
is told so before a view runs. One that sends only a date is told so if this process remembers
having answered the question; otherwise the question is answered first.

Tags are weak, as the same answer may be compressed or not.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags

from api.problems import is_api, unavailable
from api.state import (
    State,
    answer_from,
    answering,
    asked_from,
    likely_state,
    read_state,
)

log = logging.getLogger(__name__)

# How many questions a process remembers having answered.
REMEMBERED = 10_000

# Bytes of a tag.
DIGEST = 16

# Where a request holds the state that it is answered from, and whether the answer is to have a tag.
STATE, TAGGED = "api.state", "api.tagged"
# By these a client asks whether its copy of an answer is good.
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")


class Validators:
    """What a client can tell from whether its copy of an answer is still good."""

    def __init__(self, request: HttpRequest, state: State | None) -> None:
        self.tag = f'W/"{_digest(request, state)}"'
        self.modified = _modified(state[1]) if state else None
        self.headers = {"ETag": self.tag}
        if self.modified:
            self.headers["Last-Modified"] = self.modified
        tags = request.META.get("HTTP_IF_NONE_MATCH")
        # The client has shown that it was given the answer that is true now.
        self.recognised = tags is not None and _holds(parse_etags(tags), self.tag)
        self.unchanged = is_fresh(request.META, self.tag, self.modified)


def is_fresh(asked: Mapping[str, Any], tag: str, modified: str | None) -> bool:
    """Return whether the client's copy of an answer is good, provided that there is an answer.

    `asked` is the request, as WSGI has it.
    """
    tags = asked.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        # They are exact, and win over dates. As a rule it is one, and as it was given.
        if tags == tag:
            return True
        kept = parse_etags(tags)
        return "*" in kept or _holds(kept, tag)
    # Exactly that date: a later one may lie before the end of a transaction that began earlier.
    return modified is not None and asked.get("HTTP_IF_MODIFIED_SINCE") == modified


def _holds(kept: Sequence[str], tag: str) -> bool:
    return tag.removeprefix("W/") in [one.removeprefix("W/") for one in kept]


class CachingMiddleware:
    """Puts validators on answers, and answers 304 to those who have them.

    A view whose `of_data` is false depends on the software alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.control = f"public, max-age={settings.CACHE_SECONDS}, must-revalidate"
        self.answered: set[str] = set()

    def process_view(
        self, request: HttpRequest, view: Any, *_: Any
    ) -> HttpResponse | HttpResponseNotModified | None:
        """Answer 304 if the question is known to have an answer that the client has."""
        if not is_api(request.path_info) or request.method not in ("GET", "HEAD"):
            return None
        asks = any(name in request.META for name in CONDITIONS)
        state = None
        if getattr(getattr(view, "cls", None), "of_data", True):
            try:
                # An answer may be newer than its tag says, never older.
                state = request.META.get(STATE) or (read_state() if asks else likely_state())
            except OperationalError as error:
                return unavailable(request, str(error))
            answer_from(state)
        request.META[TAGGED] = True
        if asks:
            validators = Validators(request, state)
            answered = validators.tag in self.answered
            if validators.recognised or (answered and validators.unchanged):
                return HttpResponseNotModified()
        return None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with answering():
            response = self.get_response(request)
            state = request.META[STATE] = asked_from()
        if TAGGED not in request.META or response.status_code not in (200, 304):
            return response
        validators = Validators(request, state)
        if len(self.answered) >= REMEMBERED:
            self.answered.clear()
        self.answered.add(validators.tag)
        if response.status_code == 200 and validators.unchanged:
            _let_go(response)
            response = HttpResponseNotModified()
        if response.status_code == 304:
            # Which Django writes: 0, where the length of the answer is meant that is not sent.
            del response["Content-Length"]
        for name, value in (*validators.headers.items(), ("Cache-Control", self.control)):
            response[name] = value
        patch_vary_headers(response, ["Accept"])
        return response


def _let_go(response: HttpResponse) -> None:
    """Close what an answer that is not sent holds: a file has a place, a transaction and a cursor."""
    # The answer itself is not closed, as that would end the request.
    closers: list[Callable[[], None]] = response._resource_closers  # type: ignore[attr-defined]
    for close in closers:
        try:
            close()
        except Exception:
            # Nobody waits for it: the answer is 304 all the same.
            log.exception("What an answer held could not be closed")


def _digest(request: HttpRequest, state: State | None) -> str:
    number, changed_at = state or (None, None)
    # Links in answers are absolute, so the host is part of the question.
    address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
    accept = request.headers.get("Accept", "*/*")
    parts = [settings.VERSION, str(number), str(changed_at), address, accept]
    text = "\n".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, key=_key(settings.SECRET_KEY), digest_size=DIGEST).hexdigest()


@cache
def _key(secret: str) -> bytes:
    return blake2b(secret.encode(), person=b"api.caching").digest()


def _modified(changed_at: int) -> str | None:
    """Return the date of the last change, once no other change of the same second can still come to be seen."""
    second = changed_at // 1_000_000
    is_over = time.time() - second >= 1 + settings.DATA_LAG
    return _date(second) if is_over else None


# The data have changed once for many answers.
_date = lru_cache(maxsize=8)(http_date)
