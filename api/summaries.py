"""How the rows of a list are summed up: counted and added up, group by group.

    class ThingSummaryView(SummaryView):
        model, noun, tag = Thing, "thing", "things"
        parameters = ThingSummaryParameters
        groupings = {"kind": Grouping("kind", serializers.ChoiceField(ThingKind))}
        figures = ("losses",)

The parameters are those of the list, narrowed by the same filters:

    class ThingSummaryParameters(SummaryParameters, ThingParameters):
        by = By({"kind": "what sort of thing"}, example="kind")
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

import orjson
from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from api.budget import TooLong, bounded
from api.contents import RESOLVED
from api.costs import room_for
from api.document import OPTIONAL, Schema, headers
from api.files import Provenance, label
from api.formats import CSV, JSON, Choice, FormatParameter, InFormats, choose
from api.groups import Grouping, Groups, Row
from api.keys import Keys
from api.kinds import Chosen
from api.lists import ListParameters
from api.orders import fingerprint
from api.parameters import Parameters, Values, Whole
from api.problems import InvalidParameters
from api.refusals import AllRefused, Refused
from api.schema import MATCH, ResourceSchema, example_of
from api.serializers import ReadOnly
from api.state import consistent, kept
from api.tables import csv_table

FORMATS = (JSON, CSV)
MOST_KEYS = 2
# The days of fifty years. Who wants more wants the events themselves.
MAX_GROUPS = 20_000

# Of many rows so many show, in a tenth of a second, that there are far more groups than that.
SAMPLED = 100_000

# What each of its statements may take.
SECONDS = 6
MEGABYTES = 64


TOO_LONG = (
    f"To find these groups takes longer than {SECONDS} seconds: narrow the query, by `country` or "
    "`date` for instance, or group by less."
)


class TooManyGroups(Exception):
    """There are more groups than are answered, unless only the first are asked for."""

    def __init__(self, count: str) -> None:
        super().__init__(
            f"There are {count} groups, and at most {MAX_GROUPS:,} are answered: narrow the query, "
            "or give `limit` for the first of them."
        )


class By(Chosen):
    """What rows are grouped by: one or two words."""

    def __init__(self, words: Mapping[str, str], **options: Any) -> None:
        text = f"What to group by, one or two of {', '.join(f'`{word}`' for word in words)}."
        super().__init__(list(words), words, help_text=text, **options)
        self.required = True

    def take(self, query: QueryDict) -> Any:
        if self.field_name not in query:
            detail = f"`by` says what to group by: one or two of {', '.join(self.words)}."
            raise AllRefused([Refused("missing", detail, self.words)])
        return super().take(query)

    def read_each(self, parts: Iterable[str]) -> list[str]:
        parts = list(parts)
        words = super().read_each(parts)
        if len(words) < len(parts):
            raise Refused("repeated", "`by` names the same twice; once is enough.", self.words)
        if len(words) > MOST_KEYS:
            raise Refused("too_many", f"`by` takes at most {MOST_KEYS} words.", self.words)
        return words

    def schema(self) -> Schema:
        return {**super().schema(), "minItems": 1, "maxItems": MOST_KEYS, "uniqueItems": True}


class SummaryParameters(Parameters):
    """What a summary takes besides the filters of its list; stands before the list's parameters."""

    limit = Whole(
        1,
        MAX_GROUPS,
        help_text="Only the first so many groups: the earliest or, where they are not of time, "
        f"the largest. Without it all are answered; more than {MAX_GROUPS:,} are refused.",
        example=10,
    )
    format = FormatParameter(FORMATS, files="hold the groups alone")

    def get_fields(self) -> dict[str, Any]:
        """Return the filters of the list, without its order and pages, and what a summary takes."""
        fields = super().get_fields()
        paging = {*ListParameters().fields, "sort"} - {*SummaryParameters._declared_fields}
        ours = ["by", *SummaryParameters._declared_fields]
        return {name: fields[name] for name in (*ours, *fields) if name not in paging}


class SumsSerializer(ReadOnly):
    """A figure added up. Each sum is of those that state it, whatever else they state; null if none does."""

    low = serializers.IntegerField(allow_null=True, help_text="Sum of the lowest figures.")
    best = serializers.IntegerField(allow_null=True, help_text="Sum of the best figures.")
    high = serializers.IntegerField(allow_null=True, help_text="Sum of the highest figures.")
    low_known = serializers.IntegerField(
        help_text="How many `low` adds up; of others none is known."
    )
    best_known = serializers.IntegerField(help_text="How many `best` adds up.")
    high_known = serializers.IntegerField(help_text="How many `high` adds up.")


@extend_schema_field(RESOLVED)
class ResolvedField(serializers.Field[Any, Any, Any, Any]):
    """What names in the query were taken to mean."""


class SummarySchema(ResourceSchema):
    """Describes a summary: its parameters are those of a list, its answer is not a page."""

    listed = True

    def get_summary(self) -> str:
        return f"Count {self.view.noun}s and add up their figures, in groups"

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        self.register("Match", MATCH)
        summary = self.resolve_serializer(self.view.summary_serializer(), "response").ref
        content: Schema = {
            "application/json": {
                "schema": summary,
                **example_of(self.get_operation_id(), "answer"),
            },
            "text/csv": {"schema": {"type": "string"}},
        }
        problems = self._problems()
        del problems["404"]
        success = {
            "description": "Counts and sums.",
            "headers": headers(200, linked=True),
            "content": content,
        }
        return {"200": success, **problems}


class SummaryView(InFormats, APIView):
    """Counts and sums of the rows that a query finds.

    `groupings` says what they can be grouped by, by the word for it, and `figures` which numbers are
    added up. The answer is described by serializers made of both.
    """

    model: ClassVar[type[Model]]
    parameters: ClassVar[type[Parameters]]
    groupings: ClassVar[Mapping[str, Grouping]]
    figures: ClassVar[Sequence[str]]
    noun: ClassVar[str]
    tag: ClassVar[str]
    operation_id: ClassVar[str]

    formats = FORMATS
    schema = SummarySchema()

    def get(self, request: Request, suffix: str | None = None) -> HttpResponseBase:
        choice = choose(self.formats, request, suffix)
        values, text, provenance = consistent(lambda: self._asked(request, choice))
        if provenance is None:
            return HttpResponse(text, content_type=JSON.media_type)
        response = HttpResponse(text, content_type=choice.format.content_type)
        name = "-".join([f"{self.noun}s", "by", *values["by"]])
        label(response, request, choice.format, provenance, name)
        return response

    def provenance(self, values: Values) -> Provenance:
        """Return the state of the data, and the terms of what the query may find."""
        raise NotImplementedError

    def _asked(self, request: Request, choice: Choice) -> tuple[Values, bytes, Provenance | None]:
        values = self.parameters.read(request.query_params)
        provenance = self.provenance(values) if choice.file else None
        # The order of `by` is that of the answer, however it is written.
        query = dict(request.query_params.lists()) | {"by": [",".join(values["by"])]}
        key = (choice.format, fingerprint(request.path, query, ["format"]))
        return values, kept(key, lambda: self._text(values, choice)), provenance

    def _text(self, values: Values, choice: Choice) -> bytes:
        answer = self._answer(values)
        if not choice.file:
            return orjson.dumps(answer)
        fields: Any = self.group_serializer()().fields
        names = [*values["by"], *(name for name in fields if name not in self.groupings)]
        return csv_table(answer["groups"], {name: fields[name] for name in names}).encode()

    def rows(self, values: Values) -> QuerySet[Any]:
        """Return the rows that the query finds, each once."""
        keys = Keys.of(self.model, values.conditions())
        if keys.rows.query.distinct:
            return self.model._default_manager.filter(pk__in=keys.rows.values("pk"))
        return keys.rows

    def _answer(self, values: Values) -> Row:
        by = {word: self.groupings[word] for word in values["by"]}
        groups = Groups(self.rows(values), list(by.values()), self.figures)
        try:
            with room_for(groups.many):
                groups.prepare()
                with bounded(SECONDS, MEGABYTES):
                    found, count, whole = _find(groups, values["limit"])
        except TooManyGroups as error:
            raise InvalidParameters.of("by", ",".join(by), str(error)) from error
        except TooLong as error:
            raise InvalidParameters.of("by", ",".join(by), TOO_LONG) from error
        keys = list(_keys(by, found))
        return {
            "by": list(by),
            **groups.measured(whole),
            "group_count": count,
            "groups_overlap": groups.overlap,
            "groups": [
                {word: told[row[key]] for word, key, told in keys} | groups.measured(row)
                for row in found
            ],
            "resolved": values.resolved(),
        }

    @classmethod
    @cache
    def group_serializer(cls) -> type[ReadOnly]:
        """Return the serializer of a group, which has the keys that were asked for."""
        fields = {word: grouping.field for word, grouping in cls.groupings.items()}
        doc = "Rows with the same keys: those named in `by` are there, null where not known."
        made = _made(f"{cls.noun.title()}Group", doc, fields | cls._measures())
        return extend_schema_serializer(extensions={OPTIONAL: list(fields)})(made)

    @classmethod
    @cache
    def summary_serializer(cls) -> type[ReadOnly]:
        """Return the serializer of a whole answer."""
        by: Any = cls.parameters().fields["by"]
        words = serializers.ChoiceField(choices=list(by.meanings.items()))
        fields = {
            "by": serializers.ListField(child=words, help_text="What was grouped by."),
            **cls._measures(),
            "group_count": serializers.IntegerField(
                help_text="How many groups there are; with `limit` perhaps more than are answered."
            ),
            "groups_overlap": serializers.BooleanField(
                help_text="Whether one of what is counted may be in several groups, so that the "
                "groups add up to more than the whole."
            ),
            "groups": cls.group_serializer()(many=True),
            "resolved": ResolvedField(),
        }
        doc = "Counts and sums of all that the query finds, and of each group of it."
        return _made(f"{cls.noun.title()}Summary", doc, fields)

    @classmethod
    def _measures(cls) -> dict[str, Any]:
        return {
            "count": serializers.IntegerField(help_text=f"How many {cls.noun}s."),
            "beyond": serializers.IntegerField(
                allow_null=True,
                help_text=f"How many of these {cls.noun}s lasted, or may have lasted, beyond the year, "
                "month or day of the group that they are counted in, which is that of their first "
                "day; null where groups are not of time.",
            ),
            **{figure: SumsSerializer() for figure in cls.figures},
        }


def _made(name: str, doc: str, fields: Mapping[str, Any]) -> type[ReadOnly]:
    return type(name, (ReadOnly,), {"__doc__": doc, **fields})


def _keys(
    by: Mapping[str, Grouping], found: Sequence[Row]
) -> Iterator[tuple[str, str, Mapping[Any, Any]]]:
    """Yield, for each word, where rows hold the key, and what stands in the answer for each key."""
    for number, (word, grouping) in enumerate(by.items()):
        key = f"key_{number}"
        known = {row[key] for row in found} - {None}
        yield word, key, {None: None, **(grouping.tell(known) if known else {})}


def _find(groups: Groups, limit: int | None) -> tuple[list[Row], int, Row]:
    """Return the first groups, how many there are, and the measures of all rows."""
    numerous = groups.many and groups.count(SAMPLED) > MAX_GROUPS
    if numerous and limit is None:
        raise TooManyGroups(f"more than {MAX_GROUPS:,}")
    found, count = groups.first(limit or MAX_GROUPS, apart=numerous and groups.timed)
    cut = count > len(found)
    if cut and limit is None:
        raise TooManyGroups(f"{count:,}")
    return found, count, groups.whole(None if cut else found)
