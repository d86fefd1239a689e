"""The OpenAPI document: what each endpoint takes and answers, from the declarations that do it."""

from copy import deepcopy
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from api.contents import other_contents, page_schema
from api.document import OPTIONAL, Schema, examples, headers, problems, shown, suggestions
from api.lists import ListParameters
from api.parameters import Parameter, Parameters, Several
from api.problems import MEDIA_TYPE, PROBLEM_TYPES

SHARED = (*ListParameters().fields, "sort", "format", "bom", "fields", "omit", "include")

MATCH: Schema = {
    "type": "object",
    "description": "What a name in the query was taken to mean.",
    "properties": {
        "id": {"type": "string", "description": "Id of the record."},
        "name": {"type": "string", "description": "Its name."},
        "matched": {"type": "string", "description": "The id or name by which it was found."},
    },
    "required": ["id", "name", "matched"],
    "additionalProperties": False,
}

PARAMETER_ERROR: Schema = {
    "type": "object",
    "description": "What is wrong with one query parameter, and what would be right.",
    "properties": {
        "parameter": {"type": "string"},
        "value": {"type": ["string", "null"]},
        "code": {"type": "string", "description": "The sort of mistake, for programs."},
        "detail": {"type": "string", "description": "The mistake and its remedy, for people."},
        "allowed": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "All that would be accepted, where that is a short list.",
        },
        "suggestion": {"type": ["string", "null"], "description": "What was probably meant."},
    },
    "required": ["parameter", "value", "code", "detail", "allowed", "suggestion"],
    "additionalProperties": False,
}

PROBLEM: Schema = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "properties": {
        "type": {"type": "string", "enum": PROBLEM_TYPES},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {
            "type": "string",
            "format": "uri-reference",
            "description": "Path of the request.",
        },
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ParameterError"}},
        "request_id": {
            "type": "string",
            "description": "Where the fault is ours (5xx): by this, those who run the service find it in their log.",
        },
    },
    OPTIONAL: ["request_id"],
    "additionalProperties": False,
}

PAGING_ONLY = ("page_size", "count")

GONE = 410
PROBLEMS = {
    400: "A parameter is unknown or has a value that cannot be used.",
    404: "There is no such record, or no such page.",
    GONE: "There was such a record; it has been removed.",
    405: "The method is not allowed: records are read with GET, HEAD and OPTIONS.",
    406: "The format asked for is not offered.",
    414: "The query string is too long.",
    431: "A header of the request is too long.",
    429: "Too many requests, where they are limited, or files at a time; `Retry-After` says when to "
    "go on.",
    503: "The database cannot be reached at the moment; `Retry-After` says when to try again.",
}


class AggregateFieldSchema(OpenApiSerializerFieldExtension):
    """Counts are whole numbers, first and last days are dates, or null where there are no rows."""

    target_class = "api.serializers.AggregateField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        if self.target.counts:
            return {"type": "integer", "minimum": 0}
        return {"type": ["string", "null"], "format": "date"}


class TallyFieldSchema(OpenApiSerializerFieldExtension):
    """Counts are whole numbers."""

    target_class = "api.serializers.TallyField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return {"type": "integer", "minimum": 0}


class ResourceSchema(AutoSchema):
    """Describes a view from its serializer and its declared parameters.

    A view that has no `tag` is no part of the document.
    """

    view: Any

    def is_excluded(self) -> bool:
        return not hasattr(self.view, "tag")

    @property
    def listed(self) -> bool:
        return getattr(self.view, "action", None) == "list"

    @property
    def filed(self) -> bool:
        """Whether the view answers with files, too."""
        return len(getattr(self.view, "formats", ())) > 1

    @property
    def component(self) -> str:
        return str(self.view.serializer_class.__name__).removesuffix("Serializer")

    def get_operation_id(self) -> str:
        if fixed := getattr(self.view, "operation_id", None):
            return str(fixed)
        return f"list{self.component}s" if self.listed else f"get{self.component}"

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_auth(self) -> list[Schema]:
        return []

    def get_summary(self) -> str:
        if not hasattr(self.view, "noun"):
            return str(self.view.summary)
        noun = self.view.noun
        return f"List {noun}s" if self.listed else f"Get one {noun} by its id"

    def get_description(self) -> str:  # type: ignore[override] # (as its own base has it)
        return f"{super().get_description()}\n\n{suggestions(self.get_operation_id())}".strip()

    def _get_parameters(self) -> list[Schema]:
        if self.listed:
            described = _parameters(self.view.parameters)
            # Filters come first, then what every list takes.
            return sorted(described, key=lambda item: item["name"] in SHARED)
        if "{id}" not in self.path:
            return []
        return [
            {
                "in": "path",
                "name": "id",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
                "description": f"The id of the {self.view.noun}.",
                **example_of(self.get_operation_id(), "id"),
            },
            *_parameters(self.view.record_parameters),
        ]

    def _get_request_body(self, direction: str = "request") -> None:
        return None

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        record = self.resolve_serializer(self.view.serializer_class, "response").ref
        if self.listed:
            self.register("Match", MATCH)
            record = self.register(f"{self.component}Page", page_schema(record))
        contents = {"application/json": {"schema": record, **shown(self.get_operation_id())}}
        if hasattr(self.view, "formats"):
            contents |= other_contents(self, listed=self.listed)
        success = {
            "description": "A page of records, or a file of all." if self.listed else "The record.",
            "headers": headers(200, linked=self.listed or self.filed),
            "content": contents,
        }
        return {"200": success, **self._problems()}

    def _problems(self) -> Schema:
        self.register("ParameterError", PARAMETER_ERROR)
        schema = self.register("Problem", PROBLEM)
        return {
            str(status): {
                "description": description,
                "headers": headers(status),
                "content": {MEDIA_TYPE: {"schema": schema, **problems(status)}},
            }
            for status, description in PROBLEMS.items()
            if status != GONE or (hasattr(self.view, "collection") and not self.listed)
        }

    def register(self, name: str, schema: Schema) -> Schema:
        # A copy, for making the document rewrites what it is given.
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, deepcopy(schema), object=name)
        self.registry.register_on_missing(component)
        return component.ref


def _parameters(declared: type[Parameters]) -> list[Schema]:
    fields = declared().fields.items()
    return [_parameter(name, field) for name, field in fields if isinstance(field, Parameter)]


def _parameter(name: str, parameter: Parameter) -> Schema:
    schema = parameter.schema()
    described: Schema = {
        "in": "query",
        "name": name,
        "description": "\n".join([str(parameter.help_text), *_meanings(parameter)]),
        "schema": schema,
    }
    if name in PAGING_ONLY:
        # A form would send it with a file, too, which has no pages.
        schema.pop("default", None)
    several = schema["type"] == "array"
    if parameter.required:
        described["required"] = True
    if several:
        described |= {"style": "form", "explode": True}
    if parameter.example is not None:
        # An example of the parameter itself is filled into Swagger UI's form, one of its schema is
        # only shown: filled in all at once, the examples would find nothing.
        where = described if parameter.prefill else schema
        value = parameter.example
        if isinstance(parameter, Several):
            value = list(parameter.split(value))
        where |= {"example": value} if parameter.prefill else {"examples": [value]}
    return described


def _meanings(parameter: Parameter) -> list[str]:
    """Return the words that a parameter takes as lines of a list, each with what it means."""
    lines = [f"* `{word}` - {meaning}" for word, meaning in parameter.meanings.items()]
    return ["", *lines] if lines else []


def example_of(operation: str, key: str) -> Schema:
    """Return the recorded example of an operation: its `id`, or its `answer`."""
    example = examples().get(operation, {})
    return {"example": example[key]} if key in example else {}
