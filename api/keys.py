"""Finding the rows of a page: a condition, an order, a position in it, and a size.

Every list is two steps. First the keys of one page are read from an ordered index; then the records
with those keys are fetched. A position is the last row's sort value and key, so that a page costs
the same at any depth and stays put while rows are inserted.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Self

import orjson
from django.contrib.admin.utils import lookup_spawns_duplicates
from django.core import signing
from django.db.models import Expression, F, Model, Q, QuerySet, Value
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce, Left

from api.prepared import run, run_anew
from api.visibility import visible

# A list is counted to the end only up to this many rows, unless `count=exact` insists.
COUNTED = 10_000

# How much of a text counts in an order.
COMPARED = 200

READ: dict[type, Callable[[str], Any]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    float: float,
    int: int,
    str: str,
}


class Compact:
    """JSON in UTF-8: letters of other scripts would take six characters each otherwise."""

    @staticmethod
    def dumps(content: Any) -> bytes:
        return orjson.dumps(content)

    @staticmethod
    def loads(data: bytes) -> Any:
        return orjson.loads(data)


# Without a time in it: the same page has the same links.
SIGNER = signing.Signer(salt="cursor")


class BadCursor(ValueError):
    """A cursor that was not made by us, or not for this query."""


@dataclass(frozen=True)
class SortKey:
    """What a list can be sorted by: a column and the type of its values.

    Where values can be null, `null_as` holds what stands for null in descending and in ascending
    order, so that null comes last in both. Texts are compared by their first 200 characters: a
    cursor holds the value. An order that says nothing without another parameter names it in `needs`,
    and has one direction.
    """

    column: str
    type: type
    null_as: tuple[Any, Any] | None = None
    needs: str | None = None

    def expression(self, descending: bool) -> Expression | F:
        if self.type is str:
            return Left(self.column, COMPARED)
        if self.null_as is None:
            return F(self.column)
        return Coalesce(F(self.column), Value(self.null_as[0 if descending else 1]))


@dataclass(frozen=True)
class Order:
    """One order of a list; the row's key completes it."""

    name: str
    key: SortKey
    descending: bool


@dataclass(frozen=True)
class Position:
    """A place between two rows: after the row with this value and key, or before it."""

    value: Any
    pk: int
    backwards: bool = False

    def sign(self, fingerprint: str) -> str:
        """Return the cursor for this position in the query with `fingerprint`."""
        value = self.value.isoformat() if isinstance(self.value, date) else str(self.value)
        payload = [fingerprint, value, self.pk, int(self.backwards)]
        return SIGNER.sign_object(payload, serializer=Compact, compress=True)

    @classmethod
    def unsign(cls, cursor: str, fingerprint: str, order: Order) -> Self:
        """Return the position that `cursor` names; raise BadCursor."""
        try:
            made_for, value, pk, backwards = SIGNER.unsign_object(cursor, serializer=Compact)
            position = cls(READ[order.key.type](value), int(pk), bool(backwards))
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise BadCursor("This cursor is damaged; start again without it.") from error
        if made_for != fingerprint:
            raise BadCursor("This cursor belongs to another query; start again without it.")
        return position


@dataclass(frozen=True)
class Keys:
    """The rows of a list before paging: those of `model` for which all `conditions` hold, each once.

    The column `key` holds the key of the record; `columns` are added to the rows, to sort by. Where bodies
    of the records are `stored`, a page brings them along.
    """

    model: type[Model]
    conditions: Sequence[Q]
    key: str = "pk"
    columns: Mapping[str, Expression] = field(default_factory=dict)
    stored: type[Model] | None = None

    @classmethod
    def of(
        cls, model: type[Model], conditions: Sequence[Q], stored: type[Model] | None = None
    ) -> Self:
        """Return the rows of `model` that clients may see and for which all `conditions` hold."""
        return cls(model, [*visible(model), *conditions], stored=stored)

    @property
    def rows(self) -> QuerySet[Any]:
        return self._rows(self.conditions)

    def _rows(self, conditions: Sequence[Q]) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.annotate(**self.columns).filter(
            *conditions
        )
        lookups = (lookup for condition in conditions for lookup, _ in leaves(condition))
        meta = self.model._meta
        # Rows of another table than that of the records may tell of one record more than once.
        repeats = self.key != "pk" or any(
            lookup_spawns_duplicates(meta, lookup) for lookup in lookups if lookup
        )
        return rows.distinct() if repeats else rows

    def read(
        self, order: Order, size: int, position: Position | None = None, skip: int = 0
    ) -> "KeyPage":
        """Return the keys of one page of `size` rows."""
        backwards = position is not None and position.backwards
        descending = order.descending is not backwards
        value = order.key.expression(order.descending)

        def write(conditions: Sequence[Q], after: Sequence[Any]) -> QuerySet[Any]:
            rows = self._rows(conditions)
            if after:
                beyond = TupleLessThan if descending else TupleGreaterThan
                rows = rows.filter(beyond((value, F(self.key)), tuple(after)))
            return self._ordered(rows, value, descending)[skip : skip + size + 1]

        after = () if position is None else (position.value, position.pk)
        name = (order.name, backwards, len(after), size, skip)
        found = self._run(name, after, write, self._with_bodies(descending))
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        return KeyPage(
            [(value, key) for value, key, *_ in found],
            has_next=backwards or more,
            has_previous=more if backwards else position is not None or skip > 0,
            bodies={key: body for _, key, *rest in found for body in rest if body is not None},
        )

    def _with_bodies(self, descending: bool) -> str:
        """Return the SQL around the query for a page that fetches the bodies, too, if there are any."""
        if self.stored is None:
            return "{}"
        table, key = self.stored._meta.db_table, self.stored._meta.pk.column
        way = "DESC" if descending else "ASC"
        return (
            f"SELECT page.*, stored.body FROM ({{}}) page (value, key) "  # noqa: S608 (our own names)
            f"LEFT JOIN {table} stored ON stored.{key} = page.key "
            f"ORDER BY page.value {way}, page.key {way}"
        )

    def walk(self, order: Order, size: int) -> Iterator[list[int]]:
        """Yield the keys of all rows in their order, `size` at a time, through a server's cursor."""
        value = order.key.expression(order.descending)
        walked = self._ordered(self.rows, value, order.descending).iterator(chunk_size=size)
        while block := [key for _, key in islice(walked, size)]:
            yield block

    def _ordered(self, rows: QuerySet[Any], value: Any, descending: bool) -> QuerySet[Any]:
        """Return the sort values and keys of `rows`, in the order of both."""
        key = F(self.key)
        terms = (value.desc(), key.desc()) if descending else (value.asc(), key.asc())
        return rows.order_by(*terms).values_list(value, self.key)

    def count(self, limit: int | None = COUNTED) -> int:
        """Return how many rows there are, counting at most `limit` + 1."""

        def write(conditions: Sequence[Q], _: Sequence[Any]) -> QuerySet[Any]:
            keys = self._rows(conditions).order_by().values_list(self.key)
            return keys if limit is None else keys[: limit + 1]

        counted = self._run(("count", limit), (), write, "SELECT count(*) FROM ({}) counted")
        return int(counted[0][0]) if counted else 0

    def _run(
        self, name: Hashable, values: Sequence[Any], write: Any, around: str = "{}"
    ) -> list[tuple[Any, ...]]:
        if self.columns:
            # They are made of what the query asks for: no two queries have the same.
            return run_anew(write(self.conditions, values), around)
        return run((self.model, self.key, name), self.conditions, values, write, around)


@dataclass(frozen=True)
class KeyPage:
    """The sort values and keys of one page, and whether there are rows on either side of it.

    `bodies` are those of its records that are stored, by key.
    """

    rows: Sequence[tuple[Any, int]]
    has_next: bool
    has_previous: bool
    bodies: Mapping[int, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[int]:
        return [pk for _, pk in self.rows]

    @property
    def is_all(self) -> bool:
        """Whether there are no rows but these."""
        return not self.has_next and not self.has_previous

    def next(self) -> Position | None:
        return Position(*self.rows[-1]) if self.has_next and self.rows else None

    def previous(self) -> Position | None:
        return Position(*self.rows[0], backwards=True) if self.has_previous and self.rows else None


def leaves(condition: Q) -> Iterator[tuple[str, Any]]:
    """Yield the lookups of a condition with their values; an expression has no lookup."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from leaves(child)
        else:
            yield child if isinstance(child, tuple) else ("", child)


def fingerprint(path: str, query: Mapping[str, Sequence[str]], ignoring: Sequence[str]) -> str:
    """Return a short hash of what a query asks for, apart from the parameters in `ignoring`."""
    asked = sorted((name, sorted(texts)) for name, texts in query.items() if name not in ignoring)
    return hashlib.sha256(repr((path, asked)).encode()).hexdigest()[:16]
