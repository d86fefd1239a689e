"""What holds for every request under /api before a view is chosen."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from api.problems import is_api, unavailable


class ApiMiddleware:
    """Takes a path with a slash at its end as the same path without, and states the API's version.

    Answering directly, where Django would redirect, keeps query strings and saves a round trip.
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
        response = self.get_response(request)
        response["API-Version"] = self.API_VERSION
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Tell a person in the admin that the database is busy or gone; nothing was saved."""
        return unavailable(request) if isinstance(exception, OperationalError) else None
