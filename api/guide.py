"""What programs that write programs are told of the API: /llms.txt, made of the OpenAPI document."""

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.docs import document

# What is asked for most often wrongly, from the document's own description.
RULES = ("Doubt", "Names", "Lists", "Dates", "Formats", "Errors")


@csrf_exempt
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Answer with a page of plain text: what can be asked, and how."""
    base = request.build_absolute_uri("/").rstrip("/")
    response = HttpResponse(_text(base), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _text(base: str) -> str:
    described = document()
    first, *paragraphs = re.split(r"\n\n+", described["info"]["description"])
    rules = [text for text in map(_line, paragraphs) if text.startswith(tuple(_bold(RULES)))]
    lines = [
        f"# {described['info']['title']}",
        (
            f"\n> {_line(first)} Read only, over HTTP, without a key. The whole description: "
            f"[OpenAPI 3.1]({base}/api/schema).\n"
        ),
        *(f"- {rule}" for rule in rules),
    ]
    for tag in described["tags"]:
        lines.append(f"\n## {tag['name'].capitalize()}\n\n{tag['description']}\n")
        lines += [_operation(base, path, one) for path, one in _operations(tag["name"])]
    return "\n".join(lines) + "\n"


def _bold(names: tuple[str, ...]) -> list[str]:
    return [f"**{name}.**" for name in names]


def _line(text: str) -> str:
    return " ".join(text.split())


@cache
def _operations(tag: str) -> list[tuple[str, Any]]:
    """Return paths and operations of a tag, in the order of the document."""
    return [
        (path, item["get"])
        for path, item in document()["paths"].items()
        if tag in item["get"]["tags"]
    ]


def _operation(base: str, path: str, described: Any) -> str:
    parameters = [
        parameter["name"]
        for parameter in described.get("parameters", ())
        if parameter["in"] == "query"
    ]
    takes = f" Takes {', '.join(parameters)}." if parameters else ""
    return f"- [{described['operationId']}]({base}{path}): {described['summary']}.{takes}"
