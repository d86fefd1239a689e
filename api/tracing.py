"""Which request a line of the log, an error or a measurement belongs to.

Each request has an id: the one that the client, or a proxy, gives it in `X-Request-ID`, if it is short and plain,
else one of ours. `traceparent` (W3C Trace Context, https://www.w3.org/TR/trace-context/) names the trace that a
request is part of; one that is not as it should be is as if it were not there.
"""

import random
import re
from functools import cache
from threading import local
from typing import Any

from django.contrib.admindocs.views import simplify_regex

# Where a request, as WSGI has it, holds its id, its trace, the route that answered it, and whether the answer was
# one that was kept.
REQUEST_ID, TRACE_ID, ROUTE, KEPT = "api.request_id", "api.trace_id", "api.route", "api.kept"

HEADER = "X-Request-ID"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

# Version 00 is this and no more, later ones may add to it. ff is no version, and zeros are no ids.
TRACEPARENT = re.compile(
    r"(?!ff)(?:00(?!.{54})|(?!00)[0-9a-f]{2})"
    r"-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
)


class _Current(local):
    """The request that a thread answers now."""

    request: dict[str, Any] | None = None


current = _Current()


def identify(request: dict[str, Any]) -> str:
    """Return the id of a request, as WSGI has it, and keep it there with its trace."""
    # Nothing depends on ours being hard to guess.
    name = f"{random.getrandbits(64):016x}"
    if "HTTP_X_REQUEST_ID" in request and ID.fullmatch(request["HTTP_X_REQUEST_ID"]):
        name = request["HTTP_X_REQUEST_ID"]
    request[REQUEST_ID] = name
    if "HTTP_TRACEPARENT" in request and (trace := trace_of(request["HTTP_TRACEPARENT"])):
        request[TRACE_ID] = trace
    return name


@cache
def template(route: str) -> str:
    """Return a route of the URLconf as people write it: /api/events/<id>."""
    return str(simplify_regex(route)).replace("\\", "").rstrip("/") or "/"


def trace_of(parent: str) -> str | None:
    """Return the id of the trace that `traceparent` names; None if it is not well-formed."""
    found = TRACEPARENT.fullmatch(parent)
    return found[1] if found else None
