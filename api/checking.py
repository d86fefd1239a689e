"""Stored bodies held against what the serializer itself writes.

The database writes bodies with SQL that is compiled from the serializer. Here the serializer writes them, in
Python, from rows that the ORM has read. The two have to be equal as JSON: the order of keys does not count, nor
whether a number is written 47 or 47.0. Moments are texts in both, to the second and in UTC, and compared as such.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet
from rest_framework import serializers

from api.bodies import ROW, path_of
from api.prepared import inlined
from api.stored import StoredBody

# Records that are in memory at a time.
BATCH = 1_000


def checked(stored: StoredBody, rows: QuerySet[Any]) -> Iterator[tuple[Any, list[str]]]:
    """Yield each of `rows` with what is wrong with its body.

    Has to run in one snapshot: what others change meanwhile would be taken for a mistake.
    """
    serializer = stored.serializer_class()
    belongs: Any = stored.body_model._meta.pk
    body = F(f"{belongs.related_query_name()}__body")
    for row in fetched(serializer, rows.annotate(stored_body=body)).iterator(chunk_size=BATCH):
        yield row, _mistakes(row.stored_body, serializer.to_representation(row))


def wrong_along(stored: StoredBody, rows: QuerySet[Any]) -> list[int]:
    """Return the keys of those of `rows` for which something that is kept along with bodies is wrong."""
    found: list[int] = []
    keys = inlined(rows.order_by().values("pk"), connection)
    with connection.cursor() as cursor:
        for kept in stored.along:
            cursor.execute(kept.wrong(f"{stored.model._meta.db_table}.id IN ({keys})"))
            found += (key for (key,) in cursor)
    return found


def orphans(stored: StoredBody) -> QuerySet[Any]:
    """Return the bodies whose record is not there."""
    record = stored.model._default_manager.filter(pk=OuterRef("pk"))
    return stored.body_model._default_manager.filter(~Exists(record))


def fetched(serializer: serializers.Serializer[Any], rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return `rows` with all that the serializer reads, in a query for each relation."""
    return rows.prefetch_related(*_relations(serializer))


def _relations(serializer: serializers.Serializer[Any], path: str = "") -> Iterator[str]:
    """Yield the relations that a serializer follows from the row that `path` leads to."""
    for field in serializer.fields.values():
        hops = [] if field.source == ROW else path_of(field).split("__")
        inner = field.child if isinstance(field, serializers.ListSerializer) else field
        nested = isinstance(inner, serializers.Serializer)
        here = "__".join(filter(None, [path, *(hops if nested else hops[:-1])]))
        if here:
            yield here
        if isinstance(inner, serializers.Serializer):
            yield from _relations(inner, here)


def _mistakes(body: str | None, written: Any) -> list[str]:
    """Return what is wrong with a body, in words or as the paths (JSONPath) at which it differs."""
    if body is None:
        return ["there is none"]
    try:
        stored = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ["it is no JSON"]
    return list(_differences(stored, orjson.loads(orjson.dumps(written)), "$"))


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:
    """Yield the paths at which two JSON values differ."""
    match one, other:
        case dict(), dict():
            for key in one | other:
                here = path + (
                    f".{key}" if key.isidentifier() else f"[{orjson.dumps(key).decode()}]"
                )
                if key in one and key in other:
                    yield from _differences(one[key], other[key], here)
                else:
                    yield here
        case list(), list() if len(one) == len(other):
            for number, pair in enumerate(zip(one, other, strict=True)):
                yield from _differences(*pair, f"{path}[{number}]")
        # In Python, true is 1.
        case _ if one != other or isinstance(one, bool) is not isinstance(other, bool):
            yield path
