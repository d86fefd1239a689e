"""What the admin needs that people sign in to, and everything else does without: it knows nobody, and keeps no session.

Those of Django act in the admin alone: each would cost every other request a little, and look up whatever session a
client makes up.
"""

import logging
import re
from collections.abc import Callable
from itertools import chain
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.core.exceptions import ValidationError
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.problems import NOTHING_SAVED, bad_request, unavailable
from config.bodies import ADMIN
from config.roles import writing
from sources.trail import made_by

log = logging.getLogger(__name__)

# As Django makes them.
SESSION_KEY = re.compile(r"[a-z0-9]{32}")


class WritingMiddleware:
    """Lets the admin write, which the API may not (config/roles.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        with writing():
            return self.get_response(request)


class UnreadableMiddleware:
    """Refuses addresses of the admin that hold what no text of the database can, or that its pages cannot read.

    What a page makes of its query is Django's own; where that fails it is for what was asked, and nothing was written.
    """

    READING = ("GET", "HEAD")
    # In a query, as it is sent: NUL, and bytes that are not UTF-8.
    REFUSED = ("\0", "\N{REPLACEMENT CHARACTER}")
    ERRORS = (ValueError, OverflowError, DataError, ValidationError)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN):
            texts = [request.path_info, *request.GET, *chain(*dict(request.GET.lists()).values())]
            if any(sign in text for text in texts for sign in self.REFUSED):
                return bad_request(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if not request.path_info.startswith(ADMIN) or request.method not in self.READING:
            return None
        if not isinstance(error, self.ERRORS):
            return None
        log.warning("A page could not be made: %s", error, exc_info=error)
        return bad_request(request)


def _lost(error: BaseException | None) -> BaseException | None:
    """Return what an error comes of if that is a database that is busy or gone, whatever Django made of it."""
    while error is not None and not isinstance(error, (OperationalError, InterfaceError)):
        error = error.__cause__ or error.__context__
    return error


class _InAdmin:
    """Acts in the admin alone, and where the database does not answer it, says so.

    Django asks nobody what to answer where a middleware fails, as it asks `process_exception` where a view does.
    """

    get_response: Any
    # Sessions and messages are saved after the page was made.
    saved = "it may be that something was saved. Look before you send it again."

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase
        if not request.path_info.startswith(ADMIN):
            response = self.get_response(request)
            return response
        try:
            response = super().__call__(request)  # type: ignore[misc]
        except Exception as error:
            cause = _lost(error)
            if cause is None:
                raise
            response = unavailable(request, str(cause), self.saved)
        return response


class SessionMiddleware(_InAdmin, sessions.SessionMiddleware):
    """Sessions. A key that is none of ours is not looked up."""

    def process_request(self, request: HttpRequest) -> None:
        name = settings.SESSION_COOKIE_NAME
        if not SESSION_KEY.fullmatch(request.COOKIES.get(name, "")):
            request.COOKIES.pop(name, None)
        super().process_request(request)


class AuthenticationMiddleware(_InAdmin, auth.AuthenticationMiddleware):
    """Who is signed in."""


class MessageMiddleware(_InAdmin, messages.MessageMiddleware):
    """What a page says of the last form."""


class _Trail:
    READING = ("GET", "HEAD", "OPTIONS", "TRACE")

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method in self.READING or not request.user.is_authenticated:
            response = self.get_response(request)
        else:
            with made_by(request.user.get_username()):
                response = self.get_response(request)
        return response


class TrailMiddleware(_InAdmin, _Trail):
    """Whose changes the database records: those of who is signed in."""

    # Who that is is asked before anything else.
    saved = NOTHING_SAVED
