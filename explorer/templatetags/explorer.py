"""Words and addresses, for templates."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from explorer import addresses, words

register = template.Library()

register.filter("day", words.day)
register.filter("when", words.when)
register.filter("is_known", words.is_known)
register.filter("page", addresses.page_address)


@register.filter
def spaced(text: str) -> str:
    """Return a code as words: de-facto, armed-force, place_precision."""
    return text.replace("-", " ").replace("_", " ")


@register.filter
def number(value: int | None) -> str:
    """Return a number; what is not known is not 0."""
    return words.NOT_KNOWN if value is None else f"{value:,}"


@register.filter
def marked(text: str) -> SafeString:
    """Return a sentence of the API in which `code` stands between backquotes, as HTML."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if n % 2 else part,) for n, part in parts)
    )


@register.filter
def sign(status: str) -> str:
    return words.STATES.get(status, ("?", ""))[0]


@register.filter
def state(status: str) -> str:
    return words.STATES.get(status, ("", spaced(status)))[1]


@register.filter
def told(value: str | None, vocabulary: str) -> str:
    """Return what a word of a vocabulary means."""
    meanings: Mapping[str, Mapping[str, str]] = {
        "status": words.STATUSES,
        "certainty": words.CERTAINTIES,
        "precision": words.PRECISIONS,
        "due": words.DUES,
    }
    return meanings[vocabulary].get(value or "", "")


@register.filter
def by_source(citations: Sequence[Mapping[str, Any]]) -> list[tuple[Any, list[Any]]]:
    """Return documents, each with the passages of it that are cited, in the order in which they come first."""
    found: dict[str, tuple[Any, list[Any]]] = {}
    for citation in citations or ():
        source = citation["source"]
        found.setdefault(source["id"], (source, []))[1].append(citation)
    return list(found.values())


@register.filter
def is_over(provision: Mapping[str, Any]) -> bool:
    return words.is_over(provision, datetime.now(UTC).date())


@register.simple_tag(takes_context=True)
def suggested(context: Mapping[str, Any], error: Mapping[str, Any]) -> str | None:
    """Return the address of the page with what the API suggests in the place of what it refused."""
    request = context["request"]
    query = request.GET.copy()
    for name in addresses.PAGING:
        query.pop(name, None)
    parameter, value, better = error["parameter"], error["value"], error["suggestion"]
    if error["code"] == "unknown_parameter":
        query.setlist(better, [*query.getlist(better), *query.pop(parameter, [])])
    elif value in query.getlist(parameter):
        query.setlist(
            parameter, [better if one == value else one for one in query.getlist(parameter)]
        )
    else:
        # One of several in a text: which, only its writer knows.
        return None
    return addresses.joined(request.path, query.urlencode())
