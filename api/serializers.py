"""The building blocks of records as they are served."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    F,
    Func,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat
from rest_framework import serializers

from api.bodies import path_of


class UrlField(serializers.CharField):
    """The address of a record in this API, as a path from the root of the host."""

    def __init__(self, collection: str) -> None:
        super().__init__(
            read_only=True, source="public_id", help_text="Path of the record in this API."
        )
        self.collection = collection

    def to_representation(self, value: Any) -> str:
        return f"/api/{self.collection}/{value}"

    def expression(self, prefix: str) -> Any:
        path = Concat(Value(f"/api/{self.collection}/"), F(f"{prefix}public_id"))
        return Cast(path, TextField())


class TimeField(serializers.DateTimeField):
    """A moment in UTC, to the second."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%SZ", **options)

    def expression(self, prefix: str) -> Any:
        return Func(
            F(prefix + path_of(self)),
            template="to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
            output_field=TextField(),
        )


class AggregateField(serializers.Field[Any, Any, Any, Any]):
    """A count, first or last of the rows that belong to a record.

    `rows` returns them for the key of the record, which may be an expression.
    """

    def __init__(
        self, rows: Callable[[Any], QuerySet[Any]], aggregate: Aggregate, **options: Any
    ) -> None:
        super().__init__(source="*", **options)
        self.rows, self.aggregate = rows, aggregate

    @property
    def counts(self) -> bool:
        return isinstance(self.aggregate, Count)

    def to_representation(self, value: Model) -> Any:
        result = self.rows(value.pk).aggregate(result=self.aggregate)["result"]
        return result.isoformat() if isinstance(result, date) else result

    def expression(self, prefix: str) -> Any:
        # Grouped by a constant, so that the subquery aggregates its rows and nothing else.
        rows = (
            self.rows(OuterRef(f"{prefix}pk")).order_by().annotate(group=Value(1)).values("group")
        )
        result = Subquery(rows.annotate(result=self.aggregate).values("result"))
        return Coalesce(result, 0) if self.counts else result


class ReadOnly(serializers.Serializer[Any]):
    """Part of a record; every key is always present."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False
        return fields


class RecordSerializer(ReadOnly, serializers.ModelSerializer[Model]):
    """A record, or a row that belongs to one, with fields taken from its model."""


def id_field() -> serializers.CharField:
    """Return the field of a record's public id."""
    return serializers.CharField(
        source="public_id", help_text="Stable id, unique in its collection."
    )
