"""Nested records as a table: a line for each, a column for each value however deep it stands."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rest_framework import serializers

from api.flat import FORMULA


def csv_table(records: Sequence[Any], fields: Mapping[str, Any]) -> str:
    """Return records as CSV (RFC 4180): what stands in them under the names of `fields`."""
    columns = [path for name, field in fields.items() for path in paths(name, field)]
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow("_".join(path) for path in columns)
    # Records may hold text that the database wrote; a table has to look into them.
    for record in orjson.loads(orjson.dumps(records)):
        table.writerow(_inert(value_at(path, record)) for path in columns)
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
