"""What pages need that people sign in to, and the API does without: it knows nobody, and keeps no session.

Those of Django are left out under /api, where each would cost every request a little.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.problems import is_api
from config.bodies import ADMIN
from config.roles import writing
from sources.trail import made_by


class WritingMiddleware:
    """Lets the admin write, which the API may not (config/roles.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        with writing():
            return self.get_response(request)


class _OutsideApi:
    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response if is_api(request.path_info) else super().__call__  # type: ignore[misc]
        response: HttpResponseBase = answer(request)
        return response


class SessionMiddleware(_OutsideApi, sessions.SessionMiddleware):
    """Sessions, for the admin."""


class AuthenticationMiddleware(_OutsideApi, auth.AuthenticationMiddleware):
    """Who is signed in, for the admin."""


class MessageMiddleware(_OutsideApi, messages.MessageMiddleware):
    """What a page says of the last form, for the admin."""


class TrailMiddleware:
    """Whose changes the database records: those of who is signed in."""

    READING = ("GET", "HEAD", "OPTIONS", "TRACE")

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase
        if (
            is_api(request.path_info)
            or request.method in self.READING
            or not request.user.is_authenticated
        ):
            response = self.get_response(request)
        else:
            with made_by(request.user.get_username()):
                response = self.get_response(request)
        return response
