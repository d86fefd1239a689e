"""What is said of an address that leads nowhere: a page to people, a line or a problem to programs."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from api.accept import names
from api.problems import is_api
from api.problems import not_found as told_to_programs


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer with a page where one is asked for, and the address is none of the API."""
    if is_api(request.path):
        return told_to_programs(request, exception)
    if names(request, "text/html"):
        response = render(request, "explorer/missing.html", status=HTTPStatus.NOT_FOUND)
        response["Cache-Control"] = "no-cache"
    else:
        response = told_to_programs(request, exception)
    patch_vary_headers(response, ["Accept"])
    return response
