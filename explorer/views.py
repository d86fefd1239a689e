"""Pages that are whole without a script: lists of events and agreements, and each of them by itself."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from explorer.addresses import (
    API,
    OF_PAGES,
    api_path,
    cleaned,
    joined,
    page_address,
    query_of,
    without,
)
from explorer.asking import Answer, ask
from explorer.forms import OF_AGREEMENTS, OF_EVENTS, Field, chips, filled, kept

# What else the same query can be had as, by the suffix of its address.
FILES = {
    "events": (("csv", "CSV"), ("geojson", "GeoJSON"), ("ndjson", "NDJSON")),
    "agreements": (("csv", "CSV"), ("ndjson", "NDJSON")),
}
# Of what the API says besides, what a page says, too.
PASSED_ON = ("Retry-After", "RateLimit", "RateLimit-Policy")

# What the API has among records, and is none.
NO_RECORDS = ("summary",)

# Documents with their addresses, for whoever looks up the evidence.
WITH_LINKS = "include=sources"


@csrf_exempt
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Show a list of events; scripts add a map and a timeline of the same."""
    return _list(request, "events", OF_EVENTS)


@csrf_exempt
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """Show a list of agreements, with what became of their provisions."""
    return _list(request, "agreements", OF_AGREEMENTS)


@csrf_exempt
@require_safe
def event(request: HttpRequest, event_id: str) -> HttpResponse:
    """Show an event with its evidence."""
    return _record(request, "events", event_id)


@csrf_exempt
@require_safe
def agreement(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Show an agreement as a list of what was to be done, and whether it was."""
    return _record(request, "agreements", agreement_id)


def _list(request: HttpRequest, collection: str, fields: Sequence[Field]) -> HttpResponse:
    query = query_of(request.META)
    filled_in = cleaned(query, [field.name for field in fields])
    if filled_in != query:
        return _elsewhere(joined(request.path, filled_in))
    if _is_of_data(request):
        return _elsewhere(joined(api_path(request.path), query))
    answer = ask(request, api_path(request.path), query)
    form = filled(request, fields, answer)
    content = {
        "fields": form,
        "has_more": any(item.field.more for item in form),
        "is_more_filled": any(item.field.more and item.value for item in form),
        "kept": kept(request.GET, fields),
        "chips": list(chips(request, answer)),
        "next": _turned(answer, "next"),
        "previous": _turned(answer, "previous"),
    }
    return _page(request, collection, answer, query, content)


def _record(request: HttpRequest, collection: str, record_id: str) -> HttpResponse:
    query, here = query_of(request.META), quote(request.path)
    if cleaned(query) != query:
        return _elsewhere(joined(here, cleaned(query)))
    if _is_of_data(request) or "." in record_id or record_id in NO_RECORDS:
        return _elsewhere(joined(api_path(here), query))
    query = query or WITH_LINKS
    answer = ask(request, f"{API}/{collection}/{record_id}", query)
    template = collection.removesuffix("s")
    return _page(request, template, answer, query, {"record": answer.data})


def _is_of_data(request: HttpRequest) -> bool:
    """Return whether a file is asked for, or parts of records: a page would say of the others that they are not known."""
    wants_file = request.GET.get("format", "json") != "json"
    return wants_file or any(name in request.GET for name in ("fields", "omit"))


def _page(
    request: HttpRequest, template: str, answer: Answer, query: str, content: dict[str, Any]
) -> HttpResponse:
    path = api_path(request.path)
    of_files = joined("", without(query, (*OF_PAGES, "include")))
    collection = path.split("/")[2]
    content |= {
        "collection": collection,
        "answer": answer.data,
        "found": answer.found,
        "call": request.build_absolute_uri(joined(path, query)),
        "files": [(name, f"{path}.{suffix}{of_files}") for suffix, name in FILES[collection]],
    }
    response = render(request, f"explorer/{template}.html", content, status=answer.status)
    response["Cache-Control"] = "no-cache"
    for name in PASSED_ON:
        if name in answer.headers:
            response[name] = answer.headers[name]
    return response


def _turned(answer: Answer, name: str) -> str | None:
    """Return the address of the page after or before."""
    url: str | None = answer.data.get(name)
    return url and page_address(url)


def _elsewhere(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "no-cache"
    return response
