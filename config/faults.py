"""The answer to a request where what should answer it fails, outside of all that makes answers of failures."""

import logging
import sys
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from api.problems import server_error
from api.replay import Application, Environ
from config.headers import HeadersMiddleware

log = logging.getLogger("dateline.faults")


def always_answered(application: Application) -> Application:
    """Answer as another does; where that raises, that something went wrong on our side, and log it."""

    def answer(request: Environ, start_response: Any) -> Iterable[bytes]:
        # In the request Django puts another in its place.
        path = request["PATH_INFO"]
        try:
            return application(request, start_response)
        except Exception:
            log.exception("A request could not be answered")
            response = _fault(request, path)
            status = f"{response.status_code} {response.reason_phrase}"
            # Nothing was sent yet, whatever was begun: an answer is sent once it is returned.
            start_response(status, list(response.items()), sys.exc_info())
            return [response.content]

    return answer


def _fault(request: Environ, path: str) -> HttpResponse:
    # Not Django's own request, the making of which may be what failed.
    asked = HttpRequest()
    asked.META = request
    asked.path = asked.path_info = path.encode("latin-1", "replace").decode("utf-8", "replace")
    response = server_error(asked)
    response["Cache-Control"] = "no-store"
    HeadersMiddleware(lambda _: response)(asked)
    SecurityMiddleware(server_error).process_response(asked, response)
    return response
