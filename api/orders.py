"""Orders of a list, and positions in it.

A position is the last row's sort value and key, so that a page costs the same at any depth and stays put
while rows are inserted. Clients hold it as a cursor: signed, and bound to the query that it was made for.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import orjson
from django.core import signing
from django.db.models import Expression, F, QuerySet, Value
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce, Left

# How much of a text counts in an order.
COMPARED = 200
# Cursors that hold a longer value than this are compressed.
LONG = 40

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


class Literal(Value):
    """A whole number written into SQL, so that an expression is the one that an index is of."""

    def as_sql(self, *_: Any) -> tuple[str, Any]:
        return str(int(self.value)), []


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
            return Left(self.column, Literal(COMPARED))
        if self.null_as is None:
            return F(self.column)
        null = self.null_as[0 if descending else 1]
        return Coalesce(F(self.column), Literal(null) if self.type is int else Value(null))


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
        return SIGNER.sign_object(payload, serializer=Compact, compress=len(value) > LONG)

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
class Stretch:
    """The part of a list that a page shows: `size` rows in an order, from a position on or after `skip`."""

    order: Order
    size: int
    position: Position | None = None
    skip: int = 0

    @property
    def backwards(self) -> bool:
        return self.position is not None and self.position.backwards

    @property
    def way(self) -> str:
        """Which way rows are walked, as SQL says it."""
        return "DESC" if self.order.descending is not self.backwards else "ASC"

    @property
    def value(self) -> Expression | F:
        return self.order.key.expression(self.order.descending)

    @property
    def wanted(self) -> int:
        """How many rows are walked to: one more than are shown tells whether there are more."""
        return self.skip + self.size + 1

    @property
    def after(self) -> tuple[Any, ...]:
        """What rows come after: a sort value and a key, or nothing."""
        return () if self.position is None else (self.position.value, self.position.pk)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What queries for it differ in, but for values."""
        return (self.order.name, self.backwards, len(self.after), self.size, self.skip)

    def cut(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return of ordered rows those of the page, and one more."""
        return rows[self.skip : self.wanted]

    def of(self, rows: QuerySet[Any], key: str, after: Sequence[Any], *more: str) -> QuerySet[Any]:
        """Return of `rows` those after a value and a key, in order: both of their own, and `more`."""
        terms = (self.value, F(key))
        if after:
            beyond = TupleLessThan if self.way == "DESC" else TupleGreaterThan
            rows = rows.filter(beyond(terms, tuple(after)))
        ordered = [term.desc() if self.way == "DESC" else term.asc() for term in terms]
        return rows.order_by(*ordered).values_list(self.value, key, *more)


def fingerprint(path: str, query: Mapping[str, Sequence[str]], ignoring: Sequence[str]) -> str:
    """Return a short hash of what a query asks for, apart from the parameters in `ignoring`."""
    asked = sorted((name, sorted(texts)) for name, texts in query.items() if name not in ignoring)
    return hashlib.sha256(repr((path, asked)).encode()).hexdigest()[:16]
