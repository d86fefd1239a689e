"""Records as flat rows: lines of CSV, and features of GeoJSON with flat properties.

A flat row is declared as a serializer whose fields are columns. As with bodies, the SQL that writes
it, its documentation and the test that compares the two come from this one declaration.
"""

from collections.abc import Generator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Expression, F, Func, Model, QuerySet, TextField, Value, When
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce, Concat
from django.db.models.lookups import IsNull
from rest_framework import serializers

from api.bodies import Json, JsonArray, JsonCase, JsonObject, expression_of, json_of, related
from api.copying import Buffer, copied_csv
from api.serializers import UrlField

# Between the parts of a cell that holds several.
JOINT = "; "

# A spreadsheet takes a text that begins so for a formula; an apostrophe before it makes it inert.
FORMULA = "=+@\t\r\n-"
BEGINS_FORMULA = f"E'^([{FORMULA.encode('unicode_escape').decode()}])'"
INERT = "E'''\\\\1'"
FIRST_LETTERS = ", ".join(str(ord(letter)) for letter in FORMULA)

# Fields whose cells need neither quotation marks nor an apostrophe: numbers keep their sign.
BARE = (
    serializers.ChoiceField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.FloatField,
    serializers.IntegerField,
)

RowSerializer = type[serializers.ModelSerializer[Any]]


class JoinedField(serializers.CharField):
    """A text for each row of a relation, in one cell; null where there are none.

    Several `paths` give texts like `cameo:190`. Cells of one relation agree in number and order, unless
    a text is wanted only `once`; then texts are sorted. Rows are those for which the lookups in `only` hold.
    """

    def __init__(
        self,
        relation: str,
        *paths: str,
        once: bool = False,
        only: Mapping[str, Any] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        super().__init__(source="*", allow_null=True, **options)
        self.relation, self.paths, self.once, self.only = relation, paths, once, only

    def to_representation(self, value: Any) -> Any:
        rows = [
            ":".join(str(_reached(row, path)) for path in self.paths)
            for row in getattr(value, self.relation).filter(**self.only)
        ]
        return JOINT.join(sorted(set(rows)) if self.once else rows) or None

    def expression(self, prefix: str) -> Any:
        model: type[Model] = self.parent.Meta.model  # type: ignore[attr-defined]
        first, *others = (F(path.replace(".", "__")) for path in self.paths)
        text: Any = first
        for other in others:
            text = Concat(text, Value(":"), other, output_field=TextField())
        rows = related(model, self.relation, prefix).filter(**self.only).values_list(text)
        return Func(
            ArraySubquery(rows.order_by(text).distinct() if self.once else rows),
            template=f"nullif(array_to_string(%(expressions)s, '{JOINT}'), '')",
            output_field=TextField(),
        )


class FirstKnownField(serializers.FloatField):
    """The first of several numbers that is known."""

    def __init__(self, *paths: str, **options: Any) -> None:
        super().__init__(source="*", allow_null=True, **options)
        self.paths = paths

    def to_representation(self, value: Any) -> Any:
        found = (_reached(value, path) for path in self.paths)
        return next((number for number in found if number is not None), None)

    def expression(self, prefix: str) -> Any:
        return Coalesce(*(prefix + path.replace(".", "__") for path in self.paths))


class Text(Func):
    """A text that begins like no formula."""

    output_field = TextField()
    template = "%(expressions)s"


class Inert(Text):
    """A text made such. To look at a column twice costs less than a regular expression."""

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        (text,) = self.source_expressions
        sql, values = compiler.compile(text)
        if isinstance(text, Col):
            inert = f"CASE WHEN ascii({sql}) IN ({FIRST_LETTERS}) THEN '''' || {sql} ELSE {sql} END"
            return inert, values
        return f"regexp_replace({sql}, {BEGINS_FORMULA}, {INERT})", values


class CsvLine(Func):
    """Cells as a line of CSV (RFC 4180), without the end of line, as COPY writes them.

    Texts stand in quotation marks, and what is not known is empty.
    """

    output_field = TextField()

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        cells: list[str] = []
        parameters: list[Any] = []
        for expression in self.source_expressions:
            sql, values = compiler.compile(expression)
            cell = _quoted(sql) if isinstance(expression, Text) else sql
            cells.append(f"coalesce(({cell})::text, '')")
            parameters.extend(values)
        return f"concat_ws(',', {', '.join(cells)})", parameters


def _quoted(text: str) -> str:
    return f"""'"' || replace({text}, '"', '""') || '"'"""


class Literal(Json, Value):
    """JSON that is the same for every row."""


@cache
def csv_line(serializer_class: RowSerializer) -> Expression:
    """Return the expression of a row as a line of CSV, compiled once for each serializer."""
    return CsvLine(*_cells(serializer_class))


def csv_lines(
    serializer_class: RowSerializer, rows: QuerySet[Any]
) -> Generator[Buffer, None, None]:
    """Yield rows as the lines of CSV that `csv_line` writes, by COPY, which takes less time for it."""
    cells = {f"cell_{number}": cell for number, cell in enumerate(_cells(serializer_class))}
    texts = [name for name, cell in cells.items() if isinstance(cell, Text)]
    return copied_csv(rows.annotate(**cells).values_list(*cells), texts)


def _cells(serializer_class: RowSerializer) -> list[Any]:
    fields, model = serializer_class().fields, serializer_class.Meta.model
    return [_cell(field, expression_of(field, model)) for field in fields.values()]


def _cell(field: serializers.Field[Any, Any, Any, Any], value: Any) -> Any:
    if isinstance(field, BARE):
        return value
    return Text(value) if isinstance(field, UrlField) else Inert(value)


@cache
def feature(serializer_class: RowSerializer) -> Expression:
    """Return the expression of a row as a feature of GeoJSON, with a point where one is known."""
    fields, model = serializer_class().fields, serializer_class.Meta.model
    # Longitude comes first in GeoJSON.
    point = [expression_of(fields[name], model) for name in ("longitude", "latitude")]
    numbers = JsonArray(Func(*point, template="ARRAY[%(expressions)s]"))
    geometry = JsonObject(type=Literal('"Point"'), coordinates=numbers)
    return JsonObject(
        type=Literal('"Feature"'),
        id=F("public_id"),
        geometry=JsonCase(When(IsNull(point[0], False), then=geometry), default=Value("null")),
        properties=json_of(serializer_class(), model),
    )


def columns(serializer_class: RowSerializer) -> list[str]:
    """Return the names of the columns."""
    return list(serializer_class().fields)


def _reached(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = getattr(row, name, None)
    return row


def text_cell(source: str, help_text: str) -> serializers.CharField:
    """Return the column of a text that is found elsewhere than in the row itself."""
    return serializers.CharField(source=source, allow_null=True, help_text=help_text)
