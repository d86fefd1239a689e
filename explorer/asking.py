"""What a page knows, it asks the API, in this very process: a page can say nothing that the API does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from api.problems import BUSY

# Where the request for a page holds whom to ask.
ASKER = "explorer.asker"

# What is told of a page, and not of its data: what a browser has of it already, how it wants it written.
OF_THE_PAGE = (
    *("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN"),
    *("HTTP_COOKIE", "api.state", "api.tagged"),
)


@dataclass(frozen=True)
class Answer:
    """What the API answered: a record, a list or a problem."""

    status: int
    data: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def found(self) -> bool:
        return self.status == 200


class Asker:
    """Asks the API as a client would, past what is settled already: strict, limited and kept like any request."""

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponse], busy: str | None
    ) -> None:
        self.get_response = get_response
        self.busy = busy

    def ask(self, request: HttpRequest, path: str, query: str = "") -> Answer:
        """Return the answer to a GET of `path`."""
        told = {name: value for name, value in request.META.items() if name not in OF_THE_PAGE}
        told |= {
            "REQUEST_METHOD": "GET",
            # As a server writes it: one sign for each byte.
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_ACCEPT": "application/json",
        }
        if self.busy:
            told[BUSY] = self.busy
        response = self.get_response(WSGIRequest(told))
        return Answer(response.status_code, orjson.loads(response.content), response.headers)


def ask(request: HttpRequest, path: str, query: str = "") -> Answer:
    """Return what the API answers to whoever asked for a page."""
    asker: Asker = request.META[ASKER]
    return asker.ask(request, path, query)
