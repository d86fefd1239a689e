"""A page for each type of problem, for people who follow the address in an error."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.problems import TYPES

# A page is text: nothing runs in it, and nothing is fetched but its own style sheet.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@csrf_exempt
@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """Show all types of problem."""
    return _page(request, "api/problems.html", {"types": TYPES})


@csrf_exempt
@require_safe
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a type of problem means and what to do."""
    if code not in TYPES:
        raise Http404
    return _page(request, "api/problem.html", {"code": code, "type": TYPES[code]})


def _page(request: HttpRequest, template: str, content: dict[str, object]) -> HttpResponse:
    response = render(request, template, content, status=HTTPStatus.OK)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["Cache-Control"] = "public, max-age=3600"
    return response
