"""The building blocks of records as they are served."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    F,
    Func,
    IntegerField,
    JSONField,
    Max,
    Min,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Least
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


# How the first and the last of several tables are found: in Python and in SQL, which passes over null.
OF_SEVERAL: dict[type[Aggregate], tuple[Any, type[Func]]] = {
    Min: (min, Least),
    Max: (max, Greatest),
}


class AggregateField(serializers.Field[Any, Any, Any, Any]):
    """A count, first or last of the rows that belong to a record.

    `rows` returns them for the key of the record, which may be an expression; first and last may be of the
    rows of several tables.
    """

    def __init__(
        self, aggregate: Aggregate, *rows: Callable[[Any], QuerySet[Any]], **options: Any
    ) -> None:
        super().__init__(source="*", **options)
        self.aggregate, self.rows = aggregate, rows

    @property
    def counts(self) -> bool:
        return isinstance(self.aggregate, Count)

    def to_representation(self, value: Model) -> Any:
        found = [
            result
            for rows in self.rows
            if (result := rows(value.pk).aggregate(result=self.aggregate)["result"]) is not None
        ]
        result = (
            OF_SEVERAL[type(self.aggregate)][0](found)
            if len(found) > 1
            else next(iter(found), None)
        )
        return result.isoformat() if isinstance(result, date) else result

    def expression(self, prefix: str) -> Any:
        key = OuterRef(f"{prefix}pk")
        # Grouped by a constant, so that the subquery aggregates its rows and nothing else.
        groups = [
            rows(key).order_by().annotate(group=Value(1)).values("group") for rows in self.rows
        ]
        results = [
            Subquery(group.annotate(result=self.aggregate).values("result")) for group in groups
        ]
        if len(results) > 1:
            return OF_SEVERAL[type(self.aggregate)][1](*results)
        return Coalesce(*results, 0) if self.counts else results[0]


class TallyField(serializers.Field[Any, Any, Any, Any]):
    """How many rows have the record in the first of some columns in which any has it.

    For all records of a list the rows are counted once, column by column, where a count for each record would look
    at every row by itself.
    """

    def __init__(
        self, rows: Callable[[], QuerySet[Any]], columns: Sequence[str], **options: Any
    ) -> None:
        super().__init__(source="*", **options)
        self.rows, self.columns = rows, columns

    def to_representation(self, value: Model) -> int:
        counts = (self.rows().filter(**{column: value.pk}).count() for column in self.columns)
        return next(filter(None, counts), 0)

    def expression(self, prefix: str) -> Any:
        key = Cast(F(f"{prefix}pk"), TextField())
        return Coalesce(*(self._of(column, key) for column in self.columns), 0)

    def _of(self, column: str, key: Any) -> Any:
        counted = self.rows().order_by().values_list(column).annotate(Count("pk"))
        # It refers to no row around it, so it is made once.
        tally = Func(
            Subquery(counted, output_field=JSONField()),
            template="(SELECT jsonb_object_agg(key, number) FROM %(expressions)s tally (key, number))",
            output_field=JSONField(),
        )
        return Func(
            *(tally, key),
            template="(%(expressions)s)::integer",
            arg_joiner=" ->> ",
            output_field=IntegerField(),
        )


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
