"""Nested records as a table: a line for each, a column for each value however deep it stands."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from api.flat import FORMULA


class CsvRenderer(BaseRenderer):
    """The groups of a summary as CSV."""

    media_type, format, charset = "text/csv", "csv", "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        view = (renderer_context or {})["view"]
        fields = view.group_serializer()().fields
        names = [*data["by"], *(name for name in fields if name not in view.groupings)]
        columns = [path for name in names for path in paths(name, fields[name])]
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow("_".join(path) for path in columns)
        # Records in it are text that the database wrote; a table has to look into them.
        for group in orjson.loads(orjson.dumps(data["groups"])):
            table.writerow(_inert(value_at(path, group)) for path in columns)
        return text.getvalue()


def paths(name: str, field: Any) -> Iterator[tuple[str, ...]]:
    """Yield the paths to the plain values of a field called `name`."""
    if isinstance(field, serializers.Serializer):
        for child in field.fields.values():
            yield from ((name, *path) for path in paths(str(child.field_name), child))
    else:
        yield (name,)


def value_at(path: Sequence[str], record: Any) -> Any:
    """Return the value at the end of a path; None where the path ends early."""
    for name in path:
        record = None if record is None else record[name]
    return record


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple(FORMULA)) else value
