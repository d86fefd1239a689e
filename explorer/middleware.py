"""What has to be settled of a page before its view is chosen."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.problems import BUSY
from explorer.addresses import is_page
from explorer.asking import ASKER, Asker


class AskingMiddleware:
    """Lets pages ask what stands behind it: the API with its own middleware.

    Where the database is busy, the page is made all the same, and shows what the API says to that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_page(request.path_info):
            request.META[ASKER] = Asker(self.get_response, request.META.pop(BUSY, None))
        return self.get_response(request)
