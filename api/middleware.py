"""What holds for every request under /api before a view is chosen."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from api.problems import (
    BUSY,
    LONGEST_HEADER,
    LONGEST_QUERY,
    ParameterError,
    answer,
    is_api,
    unavailable,
)
from api.refusals import MAX_ERRORS, MAX_LENGTH
from api.tracing import ROUTE, template

# The API is only read.
METHODS = ("GET", "HEAD", "OPTIONS")
ALLOW = ", ".join(METHODS)

# Headers that are lists, which are taken apart.
LISTS = {
    "HTTP_ACCEPT": "Accept",
    "HTTP_ACCEPT_ENCODING": "Accept-Encoding",
    "HTTP_IF_NONE_MATCH": "If-None-Match",
}
# Values in one of them; browsers name ten formats. Each is compared with each that is offered.
MOST_LISTED = 100

# What stands in a text for bytes that are not UTF-8.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class VersionMiddleware:
    """States the version of the API in every answer, also to browsers that ask whether they may ask."""

    API_VERSION = "1"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_api(request.path_info):
            response["API-Version"] = self.API_VERSION
        return response


class ApiMiddleware:
    """Takes a path with a slash at its end as the same path without.

    Answering directly, where Django would redirect, keeps query strings and saves a round trip.
    What is no request of a reader is refused here, whatever it is addressed to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request.path_info):
            busy = request.META.get(BUSY)
            return unavailable(request, busy) if busy else self.get_response(request)
        if request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
            request.path = request.path[:-1]
        response = _refused(request)
        if response is None:
            _take_plain_formats(request.META)
            response = self.get_response(request)
        # Errors are told to the one who made them, once.
        response.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Note the route, and answer every method but the two that views are for."""
        if request.resolver_match:
            request.META[ROUTE] = template(request.resolver_match.route)
        if not is_api(request.path_info) or request.method in ("GET", "HEAD"):
            return None
        if request.method == "OPTIONS":
            return HttpResponse(headers={"Allow": ALLOW})
        detail = f"The API is only read: use {ALLOW}."
        response = answer(request, HTTPStatus.METHOD_NOT_ALLOWED, detail)
        response["Allow"] = ALLOW
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Tell a person in the admin that the database is busy or gone; nothing was saved."""
        if isinstance(exception, (OperationalError, InterfaceError)):
            return unavailable(request, str(exception))
        return None


def _refused(request: HttpRequest) -> HttpResponse | None:
    """Return the problem of what is too long, no text, or put where it would be ignored."""
    meta = request.META
    if BUSY in meta:
        return unavailable(request, meta[BUSY])
    if len(meta.get("QUERY_STRING", "")) > LONGEST_QUERY:
        detail = f"A query string has at most {LONGEST_QUERY:,} characters; ask for less at once."
        return answer(request, HTTPStatus.REQUEST_URI_TOO_LONG, detail)
    if errors := _not_utf8(meta.get("QUERY_STRING", "")):
        detail = " ".join(error.detail for error in errors)
        return answer(request, HTTPStatus.BAD_REQUEST, detail, errors)
    for key, name in LISTS.items():
        header = meta.get(key, "")
        if len(header) > LONGEST_HEADER or header.count(",") >= MOST_LISTED:
            detail = (
                f"The header {name} has at most {LONGEST_HEADER:,} characters and {MOST_LISTED} "
                "values; send fewer, or leave it out."
            )
            return answer(request, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
    has_body = meta.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in meta
    if has_body and request.method in METHODS:
        detail = "A request that reads has no body; put the question into the query string."
        return answer(request, HTTPStatus.BAD_REQUEST, detail)
    return None


def _not_utf8(query: str) -> list[ParameterError]:
    """Return what is wrong with the parts of a query string, as WSGI has it, that are not UTF-8.

    Nor may they hold the sign that others put in the place of what they could not read: it stands for a
    letter that nobody knows.
    """
    if UNREADABLE not in _text(query):
        return []
    errors = []
    for part in query.split("&"):
        name, value = (_text(text)[:MAX_LENGTH] for text in part.partition("=")[::2])
        if UNREADABLE in _text(part):
            detail = (
                f"`{name}` is not UTF-8, or holds U+FFFD in the place of what was not: write names and "
                "values in UTF-8, percent-encoded, such as A%C4%9Fdam for Ağdam."
            )
            errors.append(ParameterError(name, value, "not_utf8", detail))
    return errors[:MAX_ERRORS]


def _text(encoded: str) -> str:
    spaced = encoded.replace("+", " ").encode("latin-1")
    return unquote_to_bytes(spaced).decode("utf-8", "replace")


def _take_plain_formats(meta: dict[str, Any]) -> None:
    """Take from `Accept` all parameters of formats but their weight `q`.

    They name no format of ours: each has one charset, and no profiles or versions. An empty header asks
    for nothing in particular.
    """
    header = meta.pop("HTTP_ACCEPT", "").strip()
    if header:
        meta["HTTP_ACCEPT"] = ",".join(_plain(part) for part in header.split(","))


def _plain(accepted: str) -> str:
    name, *parameters = accepted.split(";")
    weights = [text for text in parameters if text.partition("=")[0].strip().lower() == "q"]
    return ";".join([name.strip(), *weights[:1]])
