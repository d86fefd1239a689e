"""What is refused of a query, and what is told of it: what is wrong, and what would be right."""

from collections.abc import Collection, Sequence
from urllib.parse import quote_plus

from django.http import QueryDict

from api.names import nearest
from api.problems import ParameterError
from api.resolution import Directory, Suggestion

# Characters of a value.
MAX_LENGTH = 200
# More mistakes in one query than anybody reads.
MAX_ERRORS = 20

# A name of a parameter has few letters: one slip in four, or it is another word.
NEAR_PARAMETER = 0.75

# What people type who come from other APIs: the first of these that there is here is what they mean. None
# of them is a slip of the pen.
ELSEWHERE = {
    "actor1": "actor",
    "admin1": "place",
    "after": "date_from due_from",
    "before": "date_to due_to",
    "category": "type kind",
    "city": "place within",
    "country_code": "country",
    "country_name": "country",
    "date": "due",
    "day": "date due",
    "district": "place within",
    "end": "date_to due_to",
    "end_date": "date_to due_to",
    "event_type": "type",
    "fatalities": "deaths_min",
    "from": "date_from due_from",
    "group_by": "by",
    "iso": "country",
    "iso2": "country",
    "iso3": "country",
    "keyword": "q",
    "lang": "language",
    "lat": "near",
    "latitude": "near",
    "limit": "page_size",
    "lng": "near",
    "location": "place within",
    "lon": "near",
    "longitude": "near",
    "max_deaths": "deaths_max",
    "min_deaths": "deaths_min",
    "modified_since": "updated_since",
    "month": "date due",
    "offset": "page",
    "order": "sort",
    "order_by": "sort",
    "ordering": "sort",
    "party": "actor",
    "per_page": "page_size",
    "query": "q",
    "radius": "radius_km",
    "region": "place within",
    "role": "actor_role",
    "search": "q",
    "since": "updated_since date_from due_from",
    "size": "page_size",
    "sort_by": "sort",
    "start": "date_from due_from",
    "start_date": "date_from due_from",
    "text": "q",
    "to": "date_to due_to",
    "until": "date_to due_to",
    "year": "date due",
}


class Refused(ValueError):
    """A value that a parameter cannot take; `value` says which of several it is."""

    def __init__(
        self,
        code: str,
        detail: str,
        allowed: Sequence[str] | None = None,
        suggestion: str | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.allowed, self.suggestion = code, detail, allowed, suggestion
        self.value = value


class UnknownName(Refused):
    """A name under which a directory knows no record; what may be meant is found out when it is told."""

    def __init__(self, directory: Directory, name: str) -> None:
        super().__init__("unknown_name", f"No {directory.noun} is known as “{name}”.", value=name)
        self.directory, self.name = directory, name

    def explain(self, suggestion: Suggestion | None, allowed: Sequence[str] | None) -> None:
        """Add what may be meant, and where to look for it."""
        self.allowed = allowed
        if suggestion:
            self.suggestion = suggestion.name
            self.detail += f" Did you mean “{suggestion.name}”?"
        if self.directory.search and not (suggestion and suggestion.misspelt):
            words = quote_plus(self.name)
            self.detail += f" Search for parts of names with {self.directory.search}{words}"


class AllRefused(ValueError):
    """What is refused of the values of one parameter."""

    def __init__(self, refused: Sequence[Refused]) -> None:
        super().__init__(" ".join(map(str, refused)))
        self.refused = refused


def unknown_parameter(name: str, query: QueryDict, known: Collection[str]) -> Refused:
    """Return the refusal of a parameter that is not one of the `known`."""
    text, value = name[:MAX_LENGTH], str(query[name])
    if text in ELSEWHERE:
        suggestion = next((word for word in ELSEWHERE[text].split() if word in known), None)
    else:
        suggestion = next(iter(nearest(text, known, near_enough=NEAR_PARAMETER)), None)
    detail = f"There is no parameter `{text}` here."
    if suggestion:
        detail += f" Did you mean `{suggestion}`?"
    return Refused("unknown_parameter", detail, sorted(known), suggestion, value)


def told(refused: Sequence[tuple[str, Refused]], query: QueryDict) -> list[ParameterError]:
    """Return what is told of what was refused; each directory is asked once what may be meant."""
    refused = refused[:MAX_ERRORS]
    unknown: dict[Directory, list[UnknownName]] = {}
    for _, why in refused:
        if isinstance(why, UnknownName):
            unknown.setdefault(why.directory, []).append(why)
    for directory, names in unknown.items():
        suggestions = directory.suggest(list(dict.fromkeys(why.name for why in names)))
        allowed = directory.allowed()
        for why in names:
            why.explain(suggestions.get(why.name), allowed)
    return [_error(name, query, why) for name, why in refused]


def _error(name: str, query: QueryDict, why: Refused) -> ParameterError:
    value = query.get(name) if why.value is None else why.value
    value, name = value and value[:MAX_LENGTH], name[:MAX_LENGTH]
    return ParameterError(name, value, why.code, why.detail, why.allowed, why.suggestion)
