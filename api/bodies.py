"""From a serializer to SQL that writes the same JSON.

A serializer declares what a record looks like. OpenAPI is made from it, tests compare with it, and
this module compiles it into one SQL expression, so that PostgreSQL writes whole records in one
statement however deep they nest. Understood are plain fields with a `source` path over foreign
keys, nested serializers (of a foreign key, of the record itself with `source="*"`, of many related
rows) and fields that bring an `expression` of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, runtime_checkable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Expression,
    F,
    Func,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    TextField,
    When,
)
from django.db.models.functions import Cast
from rest_framework import serializers

ROW = "*"


class JsonObject(Func):
    """A JSON object of named expressions, compact and with its keys in order (jsonb keeps neither)."""

    output_field: ClassVar[Any] = JSONField()

    def __init__(self, **members: Any) -> None:
        super().__init__(*members.values())
        self.keys = list(members)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        columns, parameters = [], []
        for key, expression in zip(self.keys, self.source_expressions, strict=True):
            sql, values = compiler.compile(expression)
            columns.append(f"{sql} AS {connection.ops.quote_name(key)}")
            parameters.extend(values)
        return f"(SELECT row_to_json(o) FROM (SELECT {', '.join(columns)}) o)", parameters


class JsonArray(Func):
    """An SQL array as a compact JSON array."""

    function = "array_to_json"
    output_field: ClassVar[Any] = JSONField()


@runtime_checkable
class Expressive(Protocol):
    """A serializer field that knows its SQL."""

    def expression(self, prefix: str) -> Any:
        """Return the expression for the row that the lookup `prefix` leads to."""
        ...


def json_of(serializer: serializers.Serializer[Any], prefix: str = "") -> JsonObject:
    """Return the expression that writes the row behind `prefix` as `serializer` would."""
    return JsonObject(
        **{
            name: _expression(field, prefix)
            for name, field in serializer.fields.items()
            if not field.write_only
        }
    )


def _expression(field: Any, prefix: str) -> Any:
    if isinstance(field, Expressive):
        return field.expression(prefix)
    if isinstance(field, serializers.ListSerializer):
        return _many(field, prefix)
    if isinstance(field, serializers.Serializer):
        return _one(field, prefix)
    if isinstance(field, serializers.SerializerMethodField):
        raise TypeError(f"{field.field_name}: the database cannot call a method; give a source.")
    return F(prefix + path_of(field))


def _one(field: serializers.Serializer[Any], prefix: str) -> Any:
    if field.source == ROW:
        return json_of(field, prefix)
    path = prefix + path_of(field)
    return Case(
        When(**{f"{path}__isnull": False}, then=json_of(field, f"{path}__")), default=None
    )


def _many(field: serializers.ListSerializer[Any], prefix: str) -> Any:
    relation = _relation(owner_model(field.parent), str(field.source))
    rows = relation.related_model._default_manager.filter(
        **{relation.back: OuterRef(f"{prefix}pk")}
    ).order_by(*relation.related_model._meta.ordering)
    return JsonArray(ArraySubquery(rows.values_list(json_of(field.child))))


def path_of(field: Any) -> str:
    return str(field.source).replace(".", "__")


@dataclass(frozen=True)
class Relation:
    """A relation of one row to many: the model of the many, and their lookup back to the one."""

    related_model: type[Model]
    back: str


def _relation(model: type[Model], name: str) -> Relation:
    field = model._meta.get_field(name)
    if field.many_to_many and not field.auto_created:
        return Relation(field.related_model, field.related_query_name())  # type: ignore[union-attr, arg-type]
    return Relation(field.related_model, field.remote_field.name)  # type: ignore[union-attr, arg-type]


def owner_model(serializer: Any) -> type[Model]:
    """Return the model of the rows that `serializer` writes; nested ones inherit their parent's."""
    meta = getattr(serializer, "Meta", None)
    if model := getattr(meta, "model", None):
        return model  # type: ignore[no-any-return]
    if serializer.parent is None:
        raise TypeError(f"{type(serializer).__name__} needs a Meta.model to be compiled.")
    parent = owner_model(serializer.parent)
    if serializer.source in (ROW, ""):
        return parent
    for name in str(serializer.source).split("."):
        parent = parent._meta.get_field(name).related_model  # type: ignore[assignment]
    return parent


@cache
def compiled(serializer_class: type[serializers.Serializer[Any]]) -> Expression:
    """Return the expression of a record as text, compiled once for each serializer."""
    return Cast(json_of(serializer_class()), TextField())


def bodies(
    serializer_class: type[serializers.Serializer[Any]], rows: QuerySet[Any]
) -> Iterator[tuple[int, str]]:
    """Yield the key and the JSON of each of `rows`."""
    yield from rows.order_by().values_list("pk", compiled(serializer_class))
