"""What holds for every request under /api before a view is chosen."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from api.problems import LONGEST_QUERY, answer, is_api, unavailable

# The API is only read.
METHODS = ("GET", "HEAD", "OPTIONS")
ALLOW = ", ".join(METHODS)


class ApiMiddleware:
    """Takes a path with a slash at its end as the same path without, and states the API's version.

    Answering directly, where Django would redirect, keeps query strings and saves a round trip.
    What is no request of a reader is refused here, whatever it is addressed to.
    """

    API_VERSION = "1"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request.path_info):
            return self.get_response(request)
        if request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
            request.path = request.path[:-1]
        if not request.META.get("HTTP_ACCEPT", "*/*").strip():
            del request.META["HTTP_ACCEPT"]  # an empty header asks for nothing in particular
        response = _refused(request) or self.get_response(request)
        response["API-Version"] = self.API_VERSION
        # Errors are told to the one who made them, once.
        response.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Answer every method but the two that views are for."""
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
        if isinstance(exception, OperationalError):
            return unavailable(request, exception)
        return None


def _refused(request: HttpRequest) -> HttpResponse | None:
    """Return the problem of a query that is too long, or that is put where it would be ignored."""
    meta = request.META
    if len(meta.get("QUERY_STRING", "")) > LONGEST_QUERY:
        detail = f"A query string has at most {LONGEST_QUERY:,} characters; ask for less at once."
        return answer(request, HTTPStatus.REQUEST_URI_TOO_LONG, detail)
    has_body = meta.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in meta
    if has_body and request.method in METHODS:
        detail = "A request that reads has no body; put the question into the query string."
        return answer(request, HTTPStatus.BAD_REQUEST, detail)
    return None
