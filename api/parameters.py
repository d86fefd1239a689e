"""Query parameters, declared once: parsed strictly, documented in OpenAPI, turned into conditions.

A list endpoint has a `Parameters` class, whose fields are the parameters it knows:

    class SourceParameters(ListParameters):
        kind = Words(DocumentKind, narrow="kind__in", help_text="…", example="article")

`narrow` says how the value narrows the list: a lookup, or a function of the value, and of all values
of the query, that returns a condition. Anything that is not declared, or not in the form that is declared, is refused with a
`ParameterError` that names the remedy; nothing is clamped, guessed or ignored.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, combinations
from typing import Any, ClassVar

from django.db.models import Q, TextChoices
from django.http import QueryDict
from rest_framework import serializers

from api.names import nearest
from api.problems import InvalidParameters, ParameterError
from api.refusals import (
    MAX_ERRORS,
    MAX_LENGTH,
    AllRefused,
    Refused,
    UnknownName,
    told,
    unknown_parameter,
)
from api.resolution import Directory, Match
from api.state import remembered

MAX_VALUES = 100
# Characters of names that are remembered together.
REMEMBERED = 300
Narrow = str | Callable[[Any, Mapping[str, Any]], Q]


class Parameter(serializers.Field[Any, Any, Any, Any]):
    """One query parameter, given at most once.

    `help_text` is its sentence and `example` its real example in OpenAPI; with `prefill`, Swagger UI
    starts with the example filled in. `needs` names parameters of which it says nothing without one.
    """

    # Characters of all that is given at once.
    longest = MAX_LENGTH
    type_schema: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
    # What the words of a vocabulary mean, where the parameter has one.
    meanings: Mapping[str, str] = {}

    def __init__(
        self,
        *,
        help_text: str,
        example: Any,
        narrow: Narrow | None = None,
        default: Any = None,
        prefill: bool = False,
        needs: str | tuple[str, ...] = (),
    ) -> None:
        super().__init__(required=False, help_text=help_text)
        self.example, self.narrow, self.fallback = example, narrow, default
        self.prefill = prefill
        self.needs = (needs,) if isinstance(needs, str) else needs

    def read(self, text: str) -> Any:
        """Return the value that `text` stands for, or raise `Refused`."""
        return text

    def left_out(self, _: QueryDict, /) -> Any:
        """Return the value where the query does not give one."""
        return self.fallback

    def needed(self, _: QueryDict, /) -> tuple[str, ...]:
        """Return the parameters of which one has to be in the query, too."""
        return self.needs

    def parse(self, texts: Sequence[str]) -> Any:
        """Return the value of the parameter as given, or raise `Refused`."""
        if len(texts) > 1:
            raise Refused(
                "repeated", f"`{self.field_name}` takes one value and was given {len(texts)}."
            )
        return self.read(texts[0])

    def take(self, query: QueryDict) -> Any:
        """Return the value of the parameter in `query`; raise AllRefused."""
        try:
            needs = self.needed(query)
            if needs and query.keys().isdisjoint(needs):
                asked, others = str(self.field_name), " or ".join(f"`{name}`" for name in needs)
                raise Refused(
                    "needs_another",
                    f"`{asked}` says nothing without {others}: give both or neither.",
                )
            return self.parse([_plain(self, text) for text in query.getlist(str(self.field_name))])
        except Refused as why:
            raise AllRefused([why]) from why

    def condition(self, value: Any, values: Mapping[str, Any]) -> Q:
        """Return the condition that `value` sets on the list, given all `values` of the query."""
        match self.narrow:
            case None:
                return Q()
            case str() as lookup:
                return Q(**{lookup: value})
            case narrow:
                return narrow(value, values)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameter."""
        return dict(self.type_schema)


class Several(Parameter):
    """A parameter that may be repeated, or hold several values separated by commas, meaning OR."""

    longest = MAX_LENGTH * MAX_VALUES

    def parse(self, texts: Sequence[str]) -> Any:
        parts = [part for text in texts for part in self.split(text)]
        if len(parts) > MAX_VALUES:
            raise Refused("too_many", f"`{self.field_name}` takes at most {MAX_VALUES} values.")
        return self.read_each(parts)

    def read_each(self, parts: Iterable[str]) -> list[Any]:
        """Return the values of `parts`; raise AllRefused for those that cannot be, as many as are told."""
        values, refused = [], []
        for part in dict.fromkeys(parts):
            try:
                values.append(self.read(part))
            except Refused as why:
                why.value = part
                refused.append(why)
            if len(refused) == MAX_ERRORS:
                break
        if refused:
            raise AllRefused(refused)
        return values

    def split(self, text: str) -> Sequence[str]:
        parts = [part.strip() for part in text.split(",")]
        if not all(parts):
            raise Refused("blank", f"`{self.field_name}` has an empty value.")
        if any(len(part) > MAX_LENGTH for part in parts):
            detail = f"A value of `{self.field_name}` has at most {MAX_LENGTH} characters."
            raise Refused("too_long", detail)
        return parts

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": dict(self.type_schema), "maxItems": MAX_VALUES}


class Word(Parameter):
    """One word of a closed vocabulary."""

    def __init__(self, words: Sequence[str] | type[TextChoices], **options: Any) -> None:
        super().__init__(**options)
        self.words = words.values if isinstance(words, type) else list(words)
        self.meanings = dict(words.choices) if isinstance(words, type) else {}

    def read(self, text: str) -> str:
        if text in self.words:
            return text
        raise unknown_word(self, text, self.words)

    def schema(self) -> dict[str, Any]:
        # Forms fill a default in, where one that needs another parameter would be refused.
        default = {"default": self.fallback} if self.fallback and not self.needs else {}
        return {"type": "string", "enum": self.words, **default}


class Words(Several):
    """Words of a closed vocabulary, any of which may hold."""

    def __init__(self, words: type[TextChoices], **options: Any) -> None:
        super().__init__(**options)
        self.choices, self.meanings = words, dict(words.choices)

    def read(self, text: str) -> str:
        if text in self.choices.values:
            return text
        raise unknown_word(self, text, self.choices.values)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": self.choices.values}}


class Whole(Parameter):
    """A whole number between two bounds, both included, in plain decimal digits."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def read(self, text: str) -> int:
        if re.fullmatch(r"0|[1-9][0-9]{0,9}", text) and self.least <= int(text) <= self.most:
            return int(text)
        raise Refused(
            "out_of_range",
            f"`{self.field_name}` is a whole number from {self.least} to {self.most}.",
        )

    def schema(self) -> dict[str, Any]:
        default = {} if self.fallback is None else {"default": self.fallback}
        return {"type": "integer", "minimum": self.least, "maximum": self.most, **default}


class Names(Several):
    """Ids or names, in any spelling, of records kept in a directory."""

    def __init__(self, directory: Directory, **options: Any) -> None:
        super().__init__(**options)
        self.directory = directory

    def parse(self, texts: Sequence[str]) -> list[Match]:
        parts = {text: self.split(text) for text in texts}
        if sum(map(len, parts.values())) > MAX_VALUES:
            raise Refused("too_many", f"`{self.field_name}` takes at most {MAX_VALUES} values.")
        # "Aghdam, November 2020" may be one name; only when it is not does the comma mean OR.
        whole = [text for text in texts if len(text) <= MAX_LENGTH]
        known = self._find(tuple(dict.fromkeys([*whole, *chain(*parts.values())])))
        asked = []
        for text in texts:
            if known.get(text):
                asked.append(text)
            else:
                self._refuse_ambiguous(text, parts[text], known)
                asked += parts[text]
        if unknown := [name for name in dict.fromkeys(asked) if not known[name]]:
            raise AllRefused([UnknownName(self.directory, name) for name in unknown[:MAX_ERRORS]])
        return list({match.pk: match for name in asked for match in known[name]}.values())

    def _refuse_ambiguous(
        self, text: str, parts: Sequence[str], known: Mapping[str, list[Match]]
    ) -> None:
        """Refuse a place with what it lies in, "Baku, Azerbaijan": it is one place to most who write so.

        Ids are no way to write a place: each means its record.
        """
        if all([match.id for match in known[part]] == [part] for part in parts):
            return
        for first, second in combinations(parts, 2):
            inner = [
                match
                for match in known[first]
                if any(self.directory.lies_in(match, outer) for outer in known[second])
            ]
            if not inner:
                continue
            # Where several bear the name, an id tells which of them lies there.
            meant = first if len(known[first]) == 1 else inner[0].id
            name = self.field_name
            raise Refused(
                "ambiguous",
                f"“{first}” lies in “{second}”: ask for `{name}={meant}`; to mean either, "
                f"repeat the parameter: `{name}={first}&{name}={second}`.",
                suggestion=meant,
                value=text,
            )

    def _find(self, asked: tuple[str, ...]) -> dict[str, list[Match]]:
        if sum(map(len, asked)) > REMEMBERED:
            return self.directory.find(asked)
        return remembered((self.directory, asked), lambda: self.directory.find(asked))


def unknown_word(
    parameter: Parameter, text: str, words: Sequence[str], code: str = "unknown_value"
) -> Refused:
    """Return the refusal of a word that is not in the vocabulary of `parameter`."""
    suggestion = next(iter(nearest(text, words)), None)
    detail = f"`{parameter.field_name}` is one of {', '.join(words)}."
    return Refused(code, detail, list(words), suggestion, text)


def any_of(lookup: str) -> Callable[[list[Match], Mapping[str, Any]], Q]:
    """Return the narrowing of a list to rows whose `lookup` is one of the matches."""
    return lambda matches, _: Q(**{f"{lookup}__in": [match.pk for match in matches]})


def none_of(narrow: Callable[[Any, Mapping[str, Any]], Q]) -> Callable[[Any, Mapping[str, Any]], Q]:
    """Return the narrowing of a list to rows that `narrow` leaves out; unknown is left out by none."""
    return lambda value, values: ~narrow(value, values)


class Parameters(serializers.Serializer[Any]):
    """The query parameters of one endpoint.

    `ordered` holds pairs of them of which the second may not be less than the first.
    """

    ordered: ClassVar[tuple[tuple[str, str], ...]] = ()

    @classmethod
    def read(cls, query: QueryDict) -> "Values":
        """Return the values of `query`; raise InvalidParameters for all that is wrong in it."""
        fields = _fields(cls)
        refused = [
            (name, unknown_parameter(name, query, fields)) for name in query if name not in fields
        ]
        values: dict[str, Any] = {}
        for name, parameter in fields.items():
            values[name] = parameter.left_out(query)
            if name in query or parameter.required:
                try:
                    values[name] = parameter.take(query)
                except AllRefused as why:
                    refused += [(name, each) for each in why.refused]
        if refused:
            raise InvalidParameters(told(refused, query))
        if errors := list(cls.check(values)):
            raise InvalidParameters(errors[:MAX_ERRORS])
        return Values(fields, values, frozenset(query))

    @classmethod
    def check(cls, values: Mapping[str, Any], /) -> Iterator[ParameterError]:
        """Yield what is wrong with values that are right each by itself."""
        for first, last in cls.ordered:
            begin, end = values[first], values[last]
            if begin is not None and end is not None and end < begin:
                detail = f"Nothing lies from {begin} (`{first}`) to {end}; exchange the two."
                yield ParameterError(last, str(end), "out_of_order", detail)


@cache
def _fields(parameters: type[Parameters]) -> dict[str, Any]:
    """Return the declared parameters by name, bound once: reading changes nothing in them."""
    return dict(parameters().fields)


class Values(Mapping[str, Any]):
    """The parsed values of a query, defaults included."""

    def __init__(
        self, parameters: Mapping[str, Any], values: Mapping[str, Any], given: frozenset[str]
    ) -> None:
        self._parameters, self._values, self.given = parameters, values, given

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def conditions(self) -> list[Q]:
        """Return the conditions of the parameters that were given."""
        return list(self.conditions_by_name().values())

    def conditions_by_name(self) -> dict[str, Q]:
        """Return the same by the names of parameters."""
        return {
            name: condition
            for name, value in self._values.items()
            if name in self.given
            if (condition := self._parameters[name].condition(value, self._values))
        }

    def resolved(self) -> dict[str, list[dict[str, str]]]:
        """Return what each name in the query was taken to mean."""
        return {
            name: [{"id": m.id, "name": m.name, "matched": m.matched} for m in self._values[name]]
            for name, parameter in self._parameters.items()
            if isinstance(parameter, Names) and name in self.given
        }


def _plain(parameter: Parameter, text: str) -> str:
    """Return `text` without white space around it; refuse what no value can hold."""
    name, longest = parameter.field_name, parameter.longest
    if len(text) > longest:
        raise Refused("too_long", f"`{name}` takes at most {longest} characters.")
    if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise Refused("control_character", f"`{name}` holds a control character.")
    if not text.strip():
        raise Refused("blank", f"`{name}` is empty; leave it out instead.")
    return text.strip()
