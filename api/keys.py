"""Finding the rows of a page: a condition, an order, a position in it, and a size.

Every list is two steps. First the keys of one page are read from an ordered index; then the records
with those keys are fetched.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Self

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db.models import Model, Q, QuerySet

from api.orders import Order, Position, Stretch
from api.prepared import Write, run, run_anew
from api.spread import nearby
from api.state import saw
from api.visibility import visible
from api.walks import (
    COUNT,
    PAGE,
    Lead,
    Part,
    Rows,
    count_gathered,
    gather,
    narrowest,
    straight,
    walk,
    with_bodies,
)

# A list is counted to the end only up to this many rows, unless `count=exact` insists.
COUNTED = 10_000


@dataclass(frozen=True)
class Keys:
    """The rows of a list before paging: those of `model` for which all `conditions` hold, each once.

    `annotate` adds to rows what they are sorted by, which the conditions do not need. Where bodies of the records are `stored`, a page brings them
    along. `leads` are filters among the conditions of which any can lead to a page in the order asked for;
    without them the database finds its own way, as it can where records are few. For when they lead too far,
    `parts` gives the same as the conditions in terms that indexes are for: each row is in one part, and in no other. `first` are those of the rows that come before all others, and are found sooner.
    """

    model: type[Model]
    conditions: Sequence[Q]
    annotate: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None
    stored: type[Model] | None = None
    leads: Sequence[Lead] = ()
    parts: Callable[[], Sequence[Part]] = tuple
    first: "Keys | None" = None

    @classmethod
    def of(cls, model: type[Model], conditions: Sequence[Q], **more: Any) -> Self:
        """Return the rows of `model` that clients may see and for which all `conditions` hold."""
        return cls(model, [*visible(model), *conditions], **more)

    @property
    def _all(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return self.annotate(rows) if self.annotate else rows

    @property
    def rows(self) -> QuerySet[Any]:
        return self._rows(self.conditions)

    def _rows(self, conditions: Sequence[Q]) -> QuerySet[Any]:
        rows = self._all.filter(*conditions)
        meta = self.model._meta
        lookups = (lookup for condition in conditions for lookup, _ in leaves(condition))
        # Rows of another table than that of the records may tell of one record more than once.
        repeats = any(lookup_spawns_duplicates(meta, lookup) for lookup in lookups if lookup)
        return rows.distinct() if repeats else rows

    def read(
        self,
        order: Order,
        size: int,
        position: Position | None = None,
        skip: int = 0,
        known: int | None = None,
    ) -> "KeyPage":
        """Return the keys of one page of `size` rows; at least how many there are in all may be `known`."""
        stretch = Stretch(order, size, position, skip)
        found, total = self._find(stretch, known)
        if found and found[0][3:]:
            saw(found[0][3:])
        more, found = len(found) > size, found[:size]
        if stretch.backwards:
            found.reverse()
        return KeyPage(
            [(value, key) for value, key, *_ in found],
            has_next=stretch.backwards or more,
            has_previous=more if stretch.backwards else position is not None or skip > 0,
            bodies={row[1]: row[2] for row in found if row[2:] and row[2] is not None},
            total=total,
        )

    def _find(self, stretch: Stretch, known: int | None) -> tuple[Rows, int | None]:
        """Return the rows of a stretch and, if that is known by then, how many there are in all."""
        if not self.leads:
            return self._before_others(stretch) or self._straight(stretch), None
        lead = narrowest(self.leads)
        if lead.is_all:
            return straight(lead, stretch, self.stored), None
        found = walk(lead, self.model, stretch, self.stored)
        if found is not None:
            return found, None
        parts = self.parts()
        if known and (bound := nearby(self.model, stretch, known)):
            found, _ = gather(parts, stretch, self.stored, bound)
            if len(found) > stretch.size:
                return found, None
        return gather(parts, stretch, self.stored)

    def _before_others(self, stretch: Stretch) -> Rows | None:
        """Return the rows of a stretch if all of it comes before all others."""
        if not self.first or stretch.backwards:
            return None
        found = self.first._straight(stretch)
        return found if len(found) > stretch.size else None

    def _straight(self, stretch: Stretch) -> Rows:
        def write(conditions: Sequence[Q], after: Sequence[Any]) -> list[QuerySet[Any]]:
            return [stretch.cut(stretch.of(self._rows(conditions), "pk", after))]

        return self._run(
            stretch.shape, stretch.after, write, with_bodies(PAGE, self.stored, stretch)
        )

    def _run(self, name: Hashable, values: Sequence[Any], write: Write, around: str) -> Rows:
        if self.annotate:
            # It is made of what the query asks for: no two queries have the same.
            return run_anew(write(self.conditions, values), around)
        return run((self.model, name), self.conditions, values, write, around)

    def walk(self, order: Order, size: int) -> Iterator[list[int]]:
        """Yield the keys of all rows in their order, `size` at a time, through a server's cursor."""
        walked = Stretch(order, size).of(self.rows, "pk", ()).iterator(chunk_size=size)
        while block := [key for _, key in islice(walked, size)]:
            yield block

    def ordered(self, order: Order) -> QuerySet[Any]:
        """Return all rows in their order."""
        rows = self._rows(self.conditions)
        if rows.query.distinct:
            # Texts are long, and not to be compared.
            once = rows.order_by().values("pk")
            rows = self._all.filter(pk__in=once)
        return Stretch(order, 0).of(rows, "pk", ())

    def count(self, limit: int | None = COUNTED) -> int:
        """Return how many rows there are, counting at most `limit` + 1."""
        if self.annotate:
            return replace(self, annotate=None).count(limit)
        most = None if limit is None else limit + 1
        if self.leads:
            lead = narrowest(self.leads)
            return lead.count(most) if lead.is_all else count_gathered(self.parts(), most)

        def write(conditions: Sequence[Q], _: Sequence[Any]) -> list[QuerySet[Any]]:
            return [self._rows(conditions).order_by().values_list("pk")[:most]]

        counted = self._run(("count", limit), (), write, COUNT)
        return int(counted[0][0]) if counted else 0


@dataclass(frozen=True)
class KeyPage:
    """The sort values and keys of one page, and whether there are rows on either side of it.

    `bodies` are those of its records that are stored, by key; `total` is how many rows there are in all,
    if that is known.
    """

    rows: Sequence[tuple[Any, int]]
    has_next: bool
    has_previous: bool
    bodies: Mapping[int, str] = field(default_factory=dict)
    total: int | None = None

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
