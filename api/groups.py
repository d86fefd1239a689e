"""Counting and adding up rows, group by group, in the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    Count,
    DateField,
    Expression,
    F,
    Func,
    Q,
    QuerySet,
    Sum,
    Window,
)
from django.db.models.lookups import Exact
from rest_framework.serializers import Field, ModelSerializer

from api.bodies import bodies
from api.costs import costs_much
from api.prepared import Written, run_anew

Row = dict[str, Any]

# What is known of a number that nobody counted exactly: columns are called after it.
BOUNDS = ("low", "best", "high")
# How much of YYYY-MM-DD names a year, a month, a day.
LENGTHS = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True, eq=False)
class Grouping:
    """What rows can be grouped by.

    Rows with the same `key`, a column or an expression, are a group. `field` is how it stands in an
    answer: the serializer of the record that has this key, or the field of a plain value.
    """

    key: str | Expression
    field: Field[Any, Any, Any, Any]

    def once(
        self,
        rows: QuerySet[Any],
        many: bool,  # noqa: ARG002 (for those that overlap)
    ) -> QuerySet[Any]:
        """Return `rows`, of which there may be `many`, such that none is counted twice in a group."""
        return rows

    @property
    def expression(self) -> Any:
        return F(self.key) if isinstance(self.key, str) else self.key

    def tell(self, keys: Collection[Any]) -> Mapping[Any, Any]:
        """Return what stands in an answer for each of `keys`."""
        if isinstance(self.field, ModelSerializer):
            model: Any = self.field.Meta.model
            found = bodies(type(self.field), model._default_manager.filter(pk__in=keys))
            return {key: orjson.Fragment(body) for key, body in found}
        return {key: key for key in keys}


@dataclass(frozen=True, eq=False)
class Overlapping(Grouping):
    """A grouping in which a row may be in several groups: `key` leads to many rows."""


class Truncated(Func):
    """The first day of the year or month that a date lies in.

    By way of a time without zone, which costs PostgreSQL a fifth less than one with.
    """

    template = "date_trunc('%(unit)s', %(expressions)s::timestamp)::date"
    output_field = DateField()


@dataclass(frozen=True, eq=False)
class TimeGrouping(Grouping):
    """A grouping by the year, month or day in which rows begin; `key` is the column of that date.

    `end` is the column of their last day.
    """

    unit: str
    end: str

    @property
    def expression(self) -> Any:
        return self._of(str(self.key))

    def tell(self, keys: Collection[Any]) -> Mapping[Any, Any]:
        return {key: key.isoformat()[: LENGTHS[self.unit]] for key in keys}

    def certain(self) -> Q:
        """Return the condition that a row lies in its group as a whole, as far as is known."""
        # Most begin and end on one day, and are found to without computing more.
        same_day = Q(**{self.end: F(str(self.key))})
        return same_day | Q(Exact(self._of(self.end), self.expression))

    def _of(self, column: str) -> Any:
        return F(column) if self.unit == "day" else Truncated(column, unit=self.unit)


@dataclass(frozen=True)
class Groups:
    """Rows counted, and their figures added up, group by group.

    A row of a result holds measures and, as `key_0` and so on, the keys of its group.
    """

    rows: QuerySet[Any]
    by: Sequence[Grouping]
    figures: Sequence[str]

    @property
    def overlap(self) -> bool:
        """Whether a row may be in several groups."""
        return any(isinstance(grouping, Overlapping) for grouping in self.by)

    def prepare(self) -> None:
        """Find out what is remembered of the data, which it is not within a transaction."""
        self._once  # noqa: B018 (it is kept)

    @cached_property
    def many(self) -> bool:
        """Whether they are expected to be groups of many rows."""
        try:
            return costs_much(Written.of([self._keys.annotate(**self._measures())]))
        except EmptyResultSet:
            return False

    def count(self, of_rows: int | None = None) -> int:
        """Return how many groups there are, or how many some `of_rows` rows are in: that is at least."""
        # Who is in a group twice does not make it two.
        around = "SELECT count(*) FROM (SELECT DISTINCT * FROM ({}) keys) groups"
        counted = run_anew([self._keys[:of_rows]], around)
        return int(counted[0][0]) if counted else 0

    def first(self, limit: int, apart: bool) -> tuple[list[Row], int]:
        """Return the first `limit` groups, and how many there are.

        Groups of time come in its order, others by their number of rows, and unknown comes last. If
        groups are counted `apart`, the first of them may be found without making the others.
        """
        keys = list(self._named)
        times = [
            key for key, one in zip(keys, self.by, strict=True) if isinstance(one, TimeGrouping)
        ]
        order = [*_ascending(times), "-count", *_ascending(key for key in keys if key not in times)]
        columns = self._measures()
        if not apart:
            columns["groups"] = Window(Count("*"))
        rows = self._once.values(**self._named).annotate(**columns).order_by(*order)
        # As the database gives them: these are numbers and dates, and there may be thousands.
        names = [*keys, *columns]
        found = [dict(zip(names, row, strict=True)) for row in run_anew([rows[:limit]])]
        if apart:
            return found, self.count()
        return found, found[0]["groups"] if found else 0

    @property
    def timed(self) -> bool:
        """Whether they come in the order of time."""
        return any(isinstance(grouping, TimeGrouping) for grouping in self.by)

    def whole(self, all_groups: Sequence[Row] | None) -> Row:
        """Return the measures of all rows: added up if groups are given and do not overlap."""
        measures = self._measures()
        if all_groups is None or self.overlap:
            return self.rows.aggregate(**measures)
        return {name: _sum(all_groups, name) for name in measures}

    def measured(self, row: Row) -> Row:
        """Return the measures in a row of a result as they stand in an answer."""
        beyond = row["count"] - row["certain"] if "certain" in row else None
        answer: Row = {"count": row["count"], "beyond": beyond}
        for figure in self.figures:
            sums = {bound: row[f"sum_{figure}_{bound}"] for bound in BOUNDS}
            known = {f"{bound}_known": row[f"known_{figure}_{bound}"] for bound in BOUNDS}
            answer[figure] = sums | known
        return answer

    @cached_property
    def _once(self) -> QuerySet[Any]:
        """The rows, none of them twice in a group."""
        rows = self.rows
        for grouping in self.by:
            rows = grouping.once(rows, self.many)
        return rows

    @property
    def _named(self) -> dict[str, Any]:
        return {f"key_{number}": grouping.expression for number, grouping in enumerate(self.by)}

    @property
    def _keys(self) -> QuerySet[Any]:
        """The keys of the groups that each row is in."""
        return self.rows.order_by().values(**self._named)

    def _measures(self) -> dict[str, Any]:
        measures: dict[str, Any] = {"count": Count("*")}
        for column in (f"{figure}_{bound}" for figure in self.figures for bound in BOUNDS):
            measures |= {f"sum_{column}": Sum(column), f"known_{column}": Count(column)}
        if times := [grouping for grouping in self.by if isinstance(grouping, TimeGrouping)]:
            finest = max(times, key=lambda time: LENGTHS[time.unit])
            measures["certain"] = Count("pk", filter=finest.certain())
        return measures


def _ascending(keys: Iterable[str]) -> list[Any]:
    return [F(key).asc(nulls_last=True) for key in keys]


def _sum(rows: Sequence[Row], name: str) -> int | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known or not name.startswith("sum_") else None
