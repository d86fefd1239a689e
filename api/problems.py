"""Errors: every one is a problem document (RFC 9457), whatever raised it."""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Self

import orjson
from django.core.exceptions import DisallowedHost, PermissionDenied, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from api.tracing import REQUEST_ID

MEDIA_TYPE = "application/problem+json"

# Seconds after which a client may try again when the service is too busy to answer.
RETRY_AFTER = 5

# What a curator is told of a form that could not be taken.
NOTHING_SAVED = "nothing was saved. Go back and try again."

# Characters of a query string: room for a hundred long names.
LONGEST_QUERY = 32_000

# Characters of a header that has to be taken apart: it costs milliseconds, not more.
LONGEST_HEADER = 4_000

# Characters of a cause that are logged: room for several addresses that were tried.
LONGEST_CAUSE = 1000

# Where a request holds why it cannot be answered, if that is known before it is looked at.
BUSY = "api.busy"

# Seconds between two lines of the log that would say the same.
QUIET = 1.0
MOST_CAUSES = 100

log = logging.getLogger("dateline.problems")
_logged: dict[str, float] = {}


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

    @classmethod
    def of(cls, name: str, value: Any, detail: str) -> Self:
        """Return the error of one parameter, whose value cannot be in this query."""
        return cls([ParameterError(name, str(value), "invalid_value", detail)])


class Unavailable(exceptions.APIException):
    """The database cannot be reached at the moment."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "The database is busy or cannot be reached. Try again in a few seconds."
    wait = RETRY_AFTER


class Throttled(exceptions.APIException):
    """The client has as much under way as one may have at a time."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "throttled"
    wait = RETRY_AFTER


class Gone(exceptions.APIException):
    """There was such a record, and there is none any more."""

    status_code = HTTPStatus.GONE
    default_code = "gone"


@dataclass(frozen=True)
class ProblemType:
    """A sort of problem: its status, and what its page tells people of it."""

    status: HTTPStatus
    title: str
    meaning: str
    remedy: str


# The types of problem by code. Each has a page of its own, /problems/<code>.
TYPES = {
    "invalid-parameter": ProblemType(
        HTTPStatus.BAD_REQUEST,
        "A query parameter is unknown or has a value that cannot be used",
        "Nothing in a query is guessed or ignored: answered as it stands, it would have meant "
        "something else than was asked.",
        "The list errors names each parameter, what is wrong with it and, where there is one, the "
        "right word (suggestion) or all right words (allowed). Texts are sent in UTF-8, "
        "percent-encoded. /api/docs explains every parameter.",
    ),
    "invalid-request": ProblemType(
        HTTPStatus.BAD_REQUEST,
        "The request cannot be understood",
        "The request as a whole is not one that this service answers: it has a body, far too many "
        "parameters, or names another host.",
        "The text under detail says which it is. Ask with GET, and put the whole question into the "
        "query string.",
    ),
    "not-found": ProblemType(
        HTTPStatus.NOT_FOUND,
        "There is nothing here",
        "The address leads nowhere, no record has this id, or the list has fewer pages.",
        "Start at /api, which links to everything. Ids are those that lists give; follow next and "
        "previous instead of counting pages.",
    ),
    "gone": ProblemType(
        HTTPStatus.GONE,
        "What was here has been removed",
        "There was such a record. A later release of its dataset does not have it, or the dataset "
        "itself was removed here.",
        "Drop the record from your own copy. The text under detail says when it went, and why.",
    ),
    "method-not-allowed": ProblemType(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "The method is not allowed here",
        "The API is for reading: nothing can be written through it.",
        "Use one of the methods that the header Allow names: GET, HEAD or OPTIONS.",
    ),
    "not-acceptable": ProblemType(
        HTTPStatus.NOT_ACCEPTABLE,
        "The format asked for is not offered",
        "The header Accept allows none of the formats that this address answers in.",
        "Leave the header out to get JSON, or name one of the formats that /api/docs shows.",
    ),
    "too-long": ProblemType(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "The query is too long",
        f"The query string has more than {LONGEST_QUERY:,} characters.",
        "Ask for less at once, for instance for fewer names in one request.",
    ),
    "header-too-long": ProblemType(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "A header of the request is too long",
        f"A header that is a list has more than {LONGEST_HEADER:,} characters, or more values than "
        "anybody could mean.",
        "The text under detail names the header, and how much it holds. Send less in it, or leave it out.",
    ),
    "throttled": ProblemType(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests",
        "Your address has made more requests than this service answers in a while, and the headers "
        "RateLimit-Policy and RateLimit say how many those are and how many are left. Or it is being "
        "sent as many files as one may have at a time.",
        "Wait as many seconds as the header Retry-After says. Larger pages, files of whole lists and "
        "If-None-Match save requests.",
    ),
    "internal-error": ProblemType(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side",
        "No request should lead here: this is a mistake in the software, and it has been logged.",
        "Trying again will hardly help. Tell those who run the service the address that you asked for.",
    ),
    "unavailable": ProblemType(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service cannot answer for the moment",
        "The database is starting, busy or cannot be reached.",
        "Try again after as many seconds as the header Retry-After says.",
    ),
}

PROBLEM_TYPES = [f"/problems/{code}" for code in TYPES]

# What a status means where nothing more is known.
CODES = {kind.status: code for code, kind in TYPES.items()} | {
    HTTPStatus.BAD_REQUEST: "invalid-request",
    HTTPStatus.FORBIDDEN: "invalid-request",
}


def problem(
    request: HttpRequest, status: int, detail: str, errors: Sequence[ParameterError] = ()
) -> dict[str, Any]:
    """Return the problem document for a response with `status`."""
    code = "invalid-parameter" if errors else CODES.get(HTTPStatus(status), "internal-error")
    document = {
        "type": f"/problems/{code}",
        "title": TYPES[code].title,
        "status": int(status),
        "detail": detail,
        # A path may hold any letter, a URI may not.
        "instance": escape_uri_path(request.path),
        "errors": [asdict(error) for error in errors],
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and REQUEST_ID in request.META:
        document["request_id"] = request.META[REQUEST_ID]
    return document


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem document; DRF calls this."""
    request: Request = context["request"]
    failure = _api_exception(exc)
    if failure is None:
        return None
    errors = failure.errors if isinstance(failure, InvalidParameters) else ()
    response = Response(
        problem(request._request, failure.status_code, str(failure.detail), errors),
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
            log_unavailable(str(exc))
            return Unavailable()
    return None


def log_unavailable(cause: str) -> None:
    """Log why the database did not answer: in one line whatever the cause says, and once a second."""
    cause = " ".join(cause.split())[:LONGEST_CAUSE]
    now = time.monotonic()
    if now - _logged.get(cause, -math.inf) < QUIET:
        return
    if len(_logged) >= MOST_CAUSES:
        _logged.clear()
    _logged[cause] = now
    # Quoted, as a message of the database may repeat what it was asked.
    log.warning("Database not available: %r", cause)


def is_api(path: str) -> bool:
    """Return whether `path` belongs to the API."""
    return path == "/api" or path.startswith("/api/")


def answer(
    request: HttpRequest, status: HTTPStatus, detail: str, errors: Sequence[ParameterError] = ()
) -> HttpResponse:
    """Return an error raised outside the views: a problem under /api, a line of text elsewhere."""
    if is_api(request.path):
        body, media_type = orjson.dumps(problem(request, status, detail, errors)), MEDIA_TYPE
    else:
        body, media_type = f"{detail}\n".encode(), "text/plain; charset=utf-8"
    length = {"Content-Length": str(len(body))}
    return HttpResponse(body, content_type=media_type, status=status, headers=length)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    detail = "The request cannot be understood."
    if isinstance(exception, DisallowedHost):
        detail = (
            "This service does not answer to that host name; ALLOWED_HOSTS lists those it does."
        )
    elif isinstance(exception, TooManyFieldsSent):
        detail = "The query has too many parameters."
    return answer(request, HTTPStatus.BAD_REQUEST, detail)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, HTTPStatus.FORBIDDEN, "This is not allowed.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(
        request,
        HTTPStatus.NOT_FOUND,
        f"There is no {request.path}. Data are found from /api on, and pages of them from / on.",
    )


def unavailable(request: HttpRequest, cause: str, saved: str = NOTHING_SAVED) -> HttpResponse:
    """Return that the database does not answer; `saved` tells a curator what became of a form."""
    log_unavailable(cause)
    detail = f"The database is busy or cannot be reached; {saved}"
    if is_api(request.path):
        detail = Unavailable.default_detail
    response = answer(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side; it is logged."
    )
