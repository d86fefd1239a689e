"""From a serializer to SQL that writes the same JSON.

A serializer declares what a record looks like. OpenAPI is made from it, tests compare with it, and
this module compiles it into one SQL expression, so that PostgreSQL writes whole records in one
statement however deep they nest. Understood are plain fields with a `source` path over foreign
keys, nested serializers (of a foreign key, of the record itself with `source="*"`, of many related
rows or, as `Related`, of some of them) and fields that bring an `expression` of their own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Protocol, runtime_checkable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    F,
    Func,
    Model,
    OuterRef,
    QuerySet,
    TextField,
    Value,
    When,
)
from rest_framework import serializers

from api.prepared import Given, Written
from api.visibility import served

ROW = "*"


class Json:
    """An expression whose value is JSON already, as compact text."""

    output_field: ClassVar[Any] = TextField()


class JsonObject(Json, Func):
    """A JSON object of named expressions, with its keys in order.

    Put together as text: `row_to_json` looks up how to write each column anew for each row, which
    takes two thirds longer, and jsonb keeps neither order nor compactness.
    """

    def __init__(self, **members: Any) -> None:
        super().__init__(*members.values())
        self.keys = list(members)

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        members: list[str] = []
        parameters: list[Any] = []
        for key, expression in zip(self.keys, self.source_expressions, strict=True):
            sql, values = compiler.compile(expression)
            if not isinstance(expression, Json):
                sql = f"coalesce(to_json({sql})::text, 'null')"
            members.append(f"""'"{key}":' || {sql}""")
            parameters.extend(values)
        return "('{' || " + " || ',' || ".join(members) + " || '}')", parameters


class JsonArray(Json, Func):
    """An SQL array of JSON texts as a JSON array."""

    template = "('[' || array_to_string(%(expressions)s, ',') || ']')"


class JsonCase(Json, Case):
    """JSON that depends on a condition."""


@runtime_checkable
class Expressive(Protocol):
    """A serializer field that knows its SQL."""

    def expression(self, prefix: str) -> Any:
        """Return the expression for the row that the lookup `prefix` leads to."""
        ...


class Related(serializers.ListSerializer[Any]):
    """The rows of a relation for which the lookups in `only` hold."""

    def __init__(self, *, only: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self.only = only

    def to_representation(self, data: Any) -> Any:
        return super().to_representation(data.filter(**self.only))


def json_of(
    serializer: serializers.Serializer[Any], model: type[Model], prefix: str = ""
) -> JsonObject:
    """Return the expression that writes a row as `serializer` would.

    The row is one of `model`, reached from the row that is selected by the lookup `prefix`.
    """
    return JsonObject(
        **{
            name: expression_of(field, model, prefix)
            for name, field in serializer.fields.items()
            if not field.write_only
        }
    )


def expression_of(field: Any, model: type[Model], prefix: str = "") -> Any:
    """Return the expression for one field of a serializer."""
    match field:
        case Expressive():
            return field.expression(prefix)
        case serializers.ListSerializer():
            return _many(field, model, prefix)
        case serializers.Serializer() if field.source == ROW:
            return json_of(field, model, prefix)
        case serializers.Serializer():
            return _one(field, model, prefix)
        case serializers.SerializerMethodField():
            raise TypeError(
                f"{field.field_name}: the database cannot call a method; give a source."
            )
    return F(prefix + path_of(field))


def _one(field: serializers.Serializer[Any], model: type[Model], prefix: str) -> Any:
    path = prefix + path_of(field)
    target = target_model(model, path_of(field))
    there = When(**{f"{path}__isnull": False}, then=json_of(field, target, f"{path}__"))
    return JsonCase(there, default=Value("null"))


def _many(field: serializers.ListSerializer[Any], model: type[Model], prefix: str) -> Any:
    only = field.only if isinstance(field, Related) else {}
    rows = related(model, str(field.source), prefix).filter(**only)
    body = json_of(field.child, rows.model)  # type: ignore[arg-type]
    return JsonArray(ArraySubquery(rows.values_list(body)))


def related(model: type[Model], name: str, prefix: str = "") -> QuerySet[Any]:
    """Return the rows of a relation of the row that the lookup `prefix` leads to, in their order."""
    relation: Any = model._meta.get_field(name)
    target = relation.related_model
    back = relation.remote_field.name if relation.auto_created else relation.related_query_name()
    # What refers to the record may be withheld; what the record itself names, it names.
    rows = served(target) if relation.auto_created else target._default_manager.all()
    return rows.filter(**{back: OuterRef(f"{prefix}pk")}).order_by(*target._meta.ordering)


def path_of(field: Any) -> str:
    """Return the lookup that the source of `field` stands for."""
    return str(field.source).replace(".", "__")


def target_model(model: type[Model], path: str) -> type[Model]:
    """Return the model that a lookup over foreign keys leads to."""
    for hop in filter(None, path.split("__")):
        model = model._meta.get_field(hop).related_model  # type: ignore[assignment]
    return model


@cache
def compiled(serializer_class: type[serializers.ModelSerializer[Any]]) -> Expression:
    """Return the expression of a record as text, compiled once for each serializer."""
    return json_of(serializer_class(), serializer_class.Meta.model)


def texts_of(
    model: type[Model],
    keys: Sequence[int],
    write: Callable[[Any], Expression | F],
    serializer_class: Any,
) -> dict[int, str]:
    """Return what `write` makes of the rows of `model` with these keys, by key."""
    return dict(_texts(model, write, serializer_class).run([list(keys)]))


@cache
def _texts(
    model: type[Model], write: Callable[[Any], Expression | F], serializer_class: Any
) -> Written:
    """Return the query for texts by key.

    The keys are one parameter, so that a statement is the same however many there are: it is prepared
    once, and costs nothing to put together for thousands.
    """
    among = {"template": "%(expressions)s::bigint[])", "arg_joiner": " = ANY("}
    known = Func(F("pk"), Given(0), output_field=BooleanField(), **among)
    rows = model._default_manager.filter(known).order_by()
    return Written.of([rows.values_list("pk", write(serializer_class))])


def bodies(
    serializer_class: type[serializers.ModelSerializer[Any]], rows: QuerySet[Any], key: str = "pk"
) -> Iterator[tuple[Any, str]]:
    """Yield the key and the JSON of each of `rows`."""
    yield from rows.order_by().values_list(key, compiled(serializer_class))
