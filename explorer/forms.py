"""The forms of filters: GET forms whose fields are parameters of the API."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from explorer.addresses import PAGING, joined, query_of, without
from explorer.asking import Answer, ask

# Parameters of how an answer is written, and not of what it finds.
NO_FILTERS = (*PAGING, "page_size", "sort", "count", "fields", "omit", "include", "format", "bom")

# What says nothing, and is refused, without another.
BESIDE = {
    "place": ("place_match",),
    "actor": ("actor_role",),
    "near": ("radius_km",),
    "radius_km": ("near",),
}

# What people are told of a filter, where its name would not say it.
SAID = {"q": "words", "date_from": "from", "date_to": "to"}

Options = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class Field:
    """A field of a form: text, text with suggestions of a collection, or a choice."""

    name: str
    label: str
    hint: str = ""
    # The collection whose names are suggested.
    suggests: str = ""
    chooses: bool = False
    wide: bool = False
    # Whether it is shown only when asked for, or filled in.
    more: bool = False


PLACE = Field("place", "Place", "In any spelling", suggests="places", wide=True)
ACTOR = Field("actor", "Who took part", "Person, state, force…", suggests="actors", wide=True)
TEXT = Field("q", "Words", "cease-fire -trump", wide=True)
FROM = Field("date_from", "From", "2020 or 2020-11", more=True)
TO = Field("date_to", "To", "or 2020-11-20", more=True)
OF_EVENTS = (
    *(PLACE, ACTOR, TEXT, FROM, TO),
    Field("type", "Type", chooses=True, more=True),
    Field("dataset", "Dataset", chooses=True, more=True),
)
OF_AGREEMENTS = (
    PLACE,
    Field("actor", "Party", "Person, state, force…", suggests="actors", wide=True),
    TEXT,
)


@dataclass(frozen=True)
class Filled:
    """A field with what a query has for it."""

    field: Field
    value: str
    # What its value, an id, is called.
    name: str
    options: Options
    # Whether the API refused it.
    refused: bool = False

    @property
    def other(self) -> str:
        """Return a value that none of the options has: several at once, or a word in another case."""
        known = {value for _, group in self.options for value, _ in group}
        return self.value if self.value not in known else ""


@dataclass(frozen=True)
class Chip:
    """A filter that is on, in words, and the address without it."""

    label: str
    value: str
    address: str


def filled(request: HttpRequest, fields: Sequence[Field], answer: Answer) -> list[Filled]:
    """Return the fields of a form as the query of the page fills them."""
    names = _names(answer)
    refused = {error["parameter"] for error in answer.data.get("errors", [])}
    return [
        Filled(
            field,
            value := ",".join(request.GET.getlist(field.name)),
            names.get((field.name, value), ""),
            _options(request, field.name) if field.chooses else [],
            field.name in refused,
        )
        for field in fields
    ]


def kept(query: QueryDict, fields: Sequence[Field]) -> list[tuple[str, str]]:
    """Return what else is in a query, for the form to send along."""
    own = {*PAGING, *(field.name for field in fields)}
    return [(name, value) for name, values in query.lists() if name not in own for value in values]


def chips(request: HttpRequest, answer: Answer) -> Iterator[Chip]:
    """Yield the filters that are on."""
    names, query = _names(answer), query_of(request.META)
    for name, values in request.GET.lists():
        if name in NO_FILTERS:
            continue
        told = [
            names.get((name, each), each) for value in values for each in _each(names, name, value)
        ]
        address = joined(request.path, without(query, [name, *BESIDE.get(name, ()), *PAGING]))
        yield Chip(SAID.get(name, name.replace("_", " ")), ", ".join(told), address)


def _each(names: Mapping[tuple[str, str], str], name: str, value: str) -> list[str]:
    """Return the ids in a value; a text is one as it stands."""
    parts = value.split(",")
    return parts if any((name, part) in names for part in parts) else [value]


def _names(answer: Answer) -> Mapping[tuple[str, str], str]:
    """Return what the ids in a query are called."""
    resolved: dict[str, list[dict[str, Any]]] = answer.data.get("resolved", {})
    return {
        (parameter, match["id"]): match.get("name", match["id"])
        for parameter, matches in resolved.items()
        for match in matches
        if "id" in match
    }


def _options(request: HttpRequest, name: str) -> Options:
    """Return what of a vocabulary there are events of.

    The summary of all events tells, which is kept as long as the data stay as they are.
    """
    groups = ask(request, "/api/events/summary", f"by={name}").data.get("groups", [])
    found = [group[name] for group in groups]
    return (
        _types(found) if name == "type" else [("", [(each["id"], each["name"]) for each in found])]
    )


def _types(found: Sequence[dict[str, Any]]) -> Options:
    """Return types in groups, each root with its modes. The codes of roots are words."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in sorted(found, key=lambda kind: str(kind["code"])):
        root = kind["root"]
        group = groups.setdefault(root.capitalize(), [(root, f"{root.capitalize()}: all")])
        if kind["code"] != root:
            group.append((kind["code"], kind["label"]))
    return list(groups.items())
