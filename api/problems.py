"""Errors: every one is a problem document (RFC 9457), whatever raised it."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import DisallowedHost, PermissionDenied, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"

# Seconds after which a client may try again when the database cannot be reached.
RETRY_AFTER = 5

log = logging.getLogger("dateline.problems")


@dataclass(frozen=True)
class ParameterError:
    """What is wrong with one query parameter, and what would be right."""

    parameter: str
    value: str | None
    code: str
    detail: str
    allowed: Sequence[str] | None = None
    suggestion: str | None = None


class InvalidParameters(exceptions.APIException):
    """The query cannot be answered as it was asked; `errors` says why, parameter by parameter."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid-parameter"

    def __init__(self, errors: Sequence[ParameterError]) -> None:
        super().__init__(" ".join(error.detail for error in errors))
        self.errors = errors


class Unavailable(exceptions.APIException):
    """The database cannot be reached at the moment."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "The database is busy or cannot be reached. Try again in a few seconds."
    wait = RETRY_AFTER


class Gone(exceptions.APIException):
    """There was such a record, and there is none any more."""

    status_code = HTTPStatus.GONE
    default_code = "gone"


# The types of problem: their code, and what a person is told about them.
TITLES = {
    "invalid-parameter": "A query parameter is unknown or has a value that cannot be used",
    "invalid-request": "The request cannot be understood",
    "not-found": "There is nothing here",
    "gone": "What was here has been removed",
    "method-not-allowed": "The method is not allowed here",
    "not-acceptable": "The format asked for is not offered",
    "throttled": "Too many requests",
    "internal-error": "Something went wrong on our side",
    "unavailable": "The service cannot answer for the moment",
}

PROBLEM_TYPES = [f"/problems/{code}" for code in TITLES]

CODES = {
    HTTPStatus.BAD_REQUEST: "invalid-request",
    HTTPStatus.FORBIDDEN: "invalid-request",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.GONE: "gone",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not-acceptable",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}


def problem(
    status: int, detail: str, instance: str, errors: Sequence[ParameterError] = (), code: str = ""
) -> dict[str, Any]:
    """Return the problem document for a response with `status`."""
    code = code or CODES.get(HTTPStatus(status), "internal-error")
    return {
        "type": f"/problems/{code}",
        "title": TITLES[code],
        "status": int(status),
        "detail": detail,
        "instance": instance,
        "errors": [asdict(error) for error in errors],
    }


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem document; DRF calls this."""
    request: Request = context["request"]
    failure = _api_exception(exc)
    if failure is None:
        return None
    errors = failure.errors if isinstance(failure, InvalidParameters) else ()
    code = "invalid-parameter" if errors else ""
    response = Response(
        problem(failure.status_code, str(failure.detail), request.path, errors, code),
        status=failure.status_code,
        content_type=MEDIA_TYPE,
    )
    if wait := getattr(failure, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _api_exception(exc: Exception) -> exceptions.APIException | None:
    match exc:
        case exceptions.APIException():
            return exc
        case Http404():
            return exceptions.NotFound(str(exc) or None)
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case OperationalError():
            log.warning("Database not available: %s", str(exc).splitlines()[0])
            return Unavailable()
    return None


def is_api(path: str) -> bool:
    """Return whether `path` belongs to the API."""
    return path == "/api" or path.startswith("/api/")


def _page(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """Return an error raised outside the views: a problem under /api, a line of text elsewhere."""
    if is_api(request.path):
        body = orjson.dumps(problem(status, detail, request.path))
        return HttpResponse(body, content_type=MEDIA_TYPE, status=status)
    return HttpResponse(f"{detail}\n", content_type="text/plain; charset=utf-8", status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    detail = "The request cannot be understood."
    if isinstance(exception, DisallowedHost):
        detail = (
            "This service does not answer to that host name; ALLOWED_HOSTS lists those it does."
        )
    elif isinstance(exception, TooManyFieldsSent):
        detail = "The query has too many parameters."
    return _page(request, HTTPStatus.BAD_REQUEST, detail)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, HTTPStatus.FORBIDDEN, "This is not allowed.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        HTTPStatus.NOT_FOUND,
        f"There is no {request.path}. Everything there is starts at /api.",
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    detail = "The database is busy or cannot be reached; nothing was saved. Go back and try again."
    response = _page(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side; it is logged."
    )
