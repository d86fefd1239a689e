"""Queries that are written once for each shape, and run with other values each time.

To put a query into SQL takes the ORM longer than PostgreSQL takes to answer it. Conditions that differ in
their values only have one shape, and give one text of SQL, which the server prepares in turn. What is not
made of plain values (subqueries, expressions) has no shape here and is written anew.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Q, QuerySet, Value
from django.db.models.expressions import ExpressionList
from psycopg import ClientCursor

# More shapes than anybody asks for, but that somebody may make up.
MOST = 1_000

# Lookups whose SQL is the same whatever the value; others are written by what they are given.
COMPARISONS = {"exact", "gt", "gte", "lt", "lte"}
OTHERS = set(Field.class_lookups) - COMPARISONS - {"in", "isnull"}
PLAIN = (int, float, str, date, datetime)


class Given(Value):
    """Stands in a query for the value that is given, under this number, when it runs."""

    def as_sql(self, *_: Any) -> tuple[str, Any]:
        return "%s", [self]


class Constant(Value):
    """A word of ours that is written into SQL, so that a condition is the one that an index is for."""

    def as_sql(self, *_: Any) -> tuple[str, Any]:
        return f"'{self.value}'", []


class Shapeless(TypeError):
    """A condition that is not made of plain values."""


@dataclass(frozen=True)
class Written:
    """Queries as one of SQL, to be run with values for those that were `Given`."""

    sql: str
    parameters: Sequence[Any]

    @classmethod
    def of(cls, queries: Sequence[QuerySet[Any]], around: str = "{}") -> Self:
        """Return queries in SQL; `around` is SQL with {} for each of them, and no input of anybody.

        Raises EmptyResultSet if one of them can find nothing: for that there is no SQL.
        """
        written = [rows.query.get_compiler(connection=connection).as_sql() for rows in queries]
        parameters = [parameter for _, parameters in written for parameter in parameters]
        return cls(around.format(*(sql for sql, _ in written)), parameters)

    def run(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows that are found."""
        bound = [values[p.value] if isinstance(p, Given) else p for p in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, bound)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


Write = Callable[[Sequence[Q], Sequence[Any]], Sequence[QuerySet[Any]]]

_written: dict[Hashable, Written] = {}


def run(
    name: Hashable,
    conditions: Sequence[Q],
    values: Sequence[Any],
    write: Write,
    around: str = "{}",
) -> list[tuple[Any, ...]]:
    """Return what the queries find that `write` makes of conditions, and of `values` besides.

    Those of one `name` differ in nothing else.
    """
    try:
        shape, given = shape_of(conditions)
    except Shapeless:
        return run_anew(write(conditions, values), around)
    key = (name, around, shape)
    written = _written.get(key)
    if written is None:
        numbers = iter(range(len(given) + len(values)))
        stand_ins = [_with_stand_ins(condition, numbers) for condition in conditions]
        written = Written.of(write(stand_ins, [Given(number) for number in numbers]), around)
        if len(_written) >= MOST:
            _written.clear()
        _written[key] = written
    return written.run([*given, *values])


def run_anew(queries: Sequence[QuerySet[Any]], around: str = "{}") -> list[tuple[Any, ...]]:
    """Return what queries find that are written for this once."""
    try:
        written = Written.of(queries, around)
    except EmptyResultSet:
        return []
    return run_written(written)


def run_written(written: Written) -> list[tuple[Any, ...]]:
    """Return what queries find that were written for this once, with their values."""
    with _planned_for_its_values():
        return written.run(())


def united(queries: Sequence[QuerySet[Any]], each: str, around: str = "{}") -> Written | None:
    """Return queries that are written for this once, as one that finds what any of them does.

    `each` is SQL around one of them, `around` around them all. One that can find nothing takes none of the
    others along; None if none of them can find anything.
    """
    parts = []
    for rows in queries:
        with suppress(EmptyResultSet):
            parts.append(Written.of([rows], each))
    if not parts:
        return None
    sql = " UNION ALL ".join(part.sql for part in parts)
    return Written(
        around.format(sql), [parameter for part in parts for parameter in part.parameters]
    )


@contextmanager
def _planned_for_its_values() -> Iterator[None]:
    """Have the server plan what it runs for the very values that it is given.

    A word may be in every event or in one, an area hold a village or a continent: one plan for all of them,
    as the server makes for what is prepared, would be wrong for most.
    """
    connection.ensure_connection()
    session: Any = connection.connection
    threshold, session.prepare_threshold = session.prepare_threshold, None
    try:
        yield
    finally:
        session.prepare_threshold = threshold


def inlined(rows: QuerySet[Any], connection: BaseDatabaseWrapper) -> str:
    """Return the SQL of a query with its values as literals, for statements that take no parameters."""
    sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    connection.ensure_connection()
    # Literals are written with the connection, which may be lost by now.
    with connection.wrap_database_errors:
        return ClientCursor(connection.connection).mogrify(sql, parameters)


def shape_of(conditions: Sequence[Q]) -> tuple[Hashable, list[Any]]:
    """Return what conditions are without their values, and the values; raise Shapeless."""
    given: list[Any] = []
    return tuple(_shape(condition, given) for condition in conditions), given


def _shape(condition: Q, given: list[Any]) -> Hashable:
    parts: list[Hashable] = [condition.connector, condition.negated]
    for child in _children(condition):
        if isinstance(child, Q):
            parts.append(_shape(child, given))
            continue
        lookup, value = _leaf(child)
        if _is_written(value):
            parts.append((lookup, value))
        elif isinstance(value, list):
            parts.append((lookup, len(value)))
            given += value
        else:
            parts.append((lookup, type(value)))
            given.append(value)
    return tuple(parts)


def _is_written(value: Any) -> bool:
    """Return whether a value is part of the SQL, and is not given when it runs."""
    return value is None or isinstance(value, (bool, Constant))


def _children(condition: Q) -> list[Any]:
    return list(condition.children)


def _leaf(child: Any) -> tuple[str, Any]:
    """Return lookup and value of a comparison with a plain value, or with a list of them."""
    if not isinstance(child, tuple):
        raise Shapeless
    lookup, value = child
    last = lookup.rpartition("__")[2]
    if _is_written(value):
        plain = last not in OTHERS
    elif isinstance(value, list):
        # A list of nothing is no SQL at all.
        plain = last == "in" and bool(value) and all(type(item) in PLAIN for item in value)
    else:
        plain = last not in OTHERS and last != "in" and type(value) in PLAIN
    if not plain:
        raise Shapeless
    return lookup, value


def _with_stand_ins(condition: Q, numbers: Iterator[int]) -> Q:
    """Return a condition that has a shape with its values given later, in the order of `_shape`."""
    children: list[Any] = []
    for child in _children(condition):
        if isinstance(child, Q):
            children.append(_with_stand_ins(child, numbers))
            continue
        lookup, value = child
        if isinstance(value, list):
            value = ExpressionList(*(Given(next(numbers)) for _ in value))
        elif not _is_written(value):
            value = Given(next(numbers))
        children.append((lookup, value))
    return Q.create(children, connector=condition.connector, negated=condition.negated)
