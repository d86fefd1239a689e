"""What browsers are told of every answer: to use nothing but what is ours, and to show it in no frame.

Other headers of the kind are Django's own (SecurityMiddleware): nosniff, Referrer-Policy,
Cross-Origin-Opener-Policy and, behind TLS, Strict-Transport-Security.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.problems import is_api

# A page has scripts, styles and images in files of this host; nothing that stands in the page itself is run, and
# nothing is sent elsewhere. Images in style sheets may be data. A page that needs more says so itself.
PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Data are no page: opened in a browser, they do nothing.
DATA = "default-src 'none'; frame-ancestors 'none'"

# The guide to the API, which programs read from anywhere, as they do the data.
GUIDE = "/llms.txt"

# What no page of ours asks a browser for.
NOT_ASKED_FOR = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
        *("microphone", "midi", "payment", "serial", "usb"),
    )
)


class HeadersMiddleware:
    """Sets what a view has not said itself. Files of pages are told the same as pages, for workers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_open = is_api(request.path_info) or request.path_info == GUIDE
        response.setdefault("Content-Security-Policy", DATA if is_open else PAGES)
        # Anyone may use the data in a page of theirs; nobody our pages and files.
        response.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        if response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Permissions-Policy", NOT_ASKED_FOR)
        return response
