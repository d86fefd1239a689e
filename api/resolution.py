"""From a name in a query to the records it means, and to near misses when it means none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.apps import apps
from django.db.models import F, Model, QuerySet, TextField, Value
from django.db.models.functions import Length, Lower, Replace

from api.names import fold, lengths_near, nearest, nearest_fold
from api.visibility import served

# Words and hyphens of an id, as a name is folded.
FOLDED_ID = Replace("public_id", Value("-"), Value(""), output_field=TextField())

# How many letters a near miss shares with the title of one of many records, and among how many it is
# looked for.
ALIKE = 3
NEAR_MISSES = 1000


@dataclass(frozen=True)
class Match:
    """A record that a name stands for. `matched` is the name or id by which it was found."""

    pk: int
    id: str
    name: str
    matched: str
    extra: dict[str, Any] = field(default_factory=dict)


class Directory(Protocol):
    """Finds records of one resource by what people call them."""

    @property
    def noun(self) -> str:
        """What a record of it is called in errors."""
        ...

    def find(self, asked: Sequence[str]) -> dict[str, list[Match]]:
        """Return the matches of each of `asked`; one that is not known has none."""
        ...

    def suggest(self, asked: str) -> str | None:
        """Return the name of the record whose name is nearest to `asked`, if one is near."""
        ...

    def allowed(self) -> Sequence[str] | None:
        """Return all valid values when they are a short, closed list."""
        ...


@dataclass(frozen=True)
class NamedRecords:
    """Records with a table of names: `places.Place` with its `names`.

    A name means every record that bears it, in whatever spelling or case it is written. What is
    nobody's name may be an id. `extra` names columns of the record that come with a match; `only`
    are lookups that hold for the records that are meant.
    """

    noun: str
    model: str
    extra: tuple[str, ...] = ()
    only: tuple[tuple[str, Any], ...] = ()

    def find(self, asked: Sequence[str]) -> dict[str, list[Match]]:
        named = self._named({fold(text) for text in asked})
        found = {text: self._best(text, named.get(fold(text), [])) for text in asked}
        unnamed = [text for text in asked if not found[text]]
        if unnamed:
            rows = self._rows().filter(public_id__in={text.lower() for text in unnamed})
            by_id = {row["public_id"]: [self._match(row, row["public_id"])] for row in rows}
            found |= {text: by_id.get(text.lower(), []) for text in unnamed}
        return found

    def _named(self, keys: set[str]) -> dict[str, list[dict[str, Any]]]:
        rows = self._rows("names__key", "names__name").filter(names__key__in=keys)
        named: dict[str, list[dict[str, Any]]] = {}
        for row in rows.order_by("pk", "names__pk"):
            named.setdefault(row["names__key"], []).append(row)
        return named

    def _best(self, asked: str, rows: list[dict[str, Any]]) -> list[Match]:
        """Return a match for each record, by its name that is written as asked if it has one."""
        matches: dict[int, Match] = {}
        for row in sorted(rows, key=lambda row: row["names__name"] != asked):
            matches.setdefault(row["pk"], self._match(row, row["names__name"]))
        return sorted(matches.values(), key=lambda match: match.pk)

    def suggest(self, asked: str) -> str | None:
        key = fold(asked)
        # The names of the whole world are many: what is much longer or shorter stays in the database.
        known = {
            term: name
            for of, order in ((F("names__key"), "names__pk"), (FOLDED_ID, "pk"))
            for term, name in served(self._model())
            .filter(*self.only)
            .annotate(term=of, size=Length("term"))
            .filter(size__range=lengths_near(key))
            .order_by(order)
            .values_list("term", "name")
        }
        near = nearest_fold(key, known)
        return None if near is None else known[near]

    def allowed(self) -> None:
        return None

    def _model(self) -> Any:
        return apps.get_model(self.model)

    def _rows(self, *columns: str) -> QuerySet[Model, dict[str, Any]]:
        rows: QuerySet[Model, dict[str, Any]] = (
            served(self._model())
            .filter(*self.only)
            .values("pk", "public_id", "name", *self.extra, *columns)
        )
        return rows

    def _match(self, row: dict[str, Any], matched: str) -> Match:
        extra = {column: row[column] for column in self.extra}
        return Match(row["pk"], row["public_id"], row["name"], matched, extra)


@dataclass(frozen=True)
class LabelledRecords:
    """Records of a small table, found by id or by the columns in `labels`; the first is the name.

    `only` are lookups that hold for the records that are meant.
    """

    noun: str
    model: str
    labels: tuple[str, ...]
    extra: tuple[str, ...] = ()
    only: tuple[tuple[str, Any], ...] = ()
    closed: bool = False

    def find(self, asked: Sequence[str]) -> dict[str, list[Match]]:
        rows = list(self._rows())
        return {text: list(self._matches(text, rows)) for text in asked}

    def _matches(self, text: str, rows: list[dict[str, Any]]) -> Iterable[Match]:
        key = fold(text)
        for row in rows:
            terms = [row["public_id"], *(row[label] for label in self.labels)]
            if matched := next((term for term in terms if fold(term) == key), None):
                extra = {column: row[column] for column in self.extra}
                yield Match(row["pk"], row["public_id"], row[self.labels[0]], matched, extra)

    def suggest(self, asked: str) -> str | None:
        known = [row[label] for row in self._rows() for label in (*self.labels, "public_id")]
        return next(iter(nearest(asked, known)), None)

    def allowed(self) -> Sequence[str] | None:
        return [row[self.labels[0]] for row in self._rows()] if self.closed else None

    def _rows(self) -> QuerySet[Model, dict[str, Any]]:
        rows: QuerySet[Model, dict[str, Any]] = (
            served(apps.get_model(self.model))
            .filter(*self.only)
            .values("pk", "public_id", *self.labels, *self.extra)
        )
        return rows


@dataclass(frozen=True)
class TitledRecords:
    """Records of a table too large to be read whole, found by id or by `title`, in any case.

    Near misses are looked for among those that begin like what was asked for.
    """

    noun: str
    model: str
    title: str

    def find(self, asked: Sequence[str]) -> dict[str, list[Match]]:
        found = self._by("public_id", asked)
        untitled = [text for text in asked if not found[text]]
        return found | self._by(self.title, untitled) if untitled else found

    def _by(self, column: str, asked: Sequence[str]) -> dict[str, list[Match]]:
        # Ids are in lower case, and have an index.
        rows = self._rows().annotate(term=F(column) if column == "public_id" else Lower(column))
        rows = rows.filter(term__in={text.lower() for text in asked}).order_by("pk")
        found: dict[str, list[Match]] = {}
        for pk, public_id, title, term in rows.values_list("pk", "public_id", self.title, "term"):
            matched = public_id if column == "public_id" else title
            found.setdefault(term, []).append(Match(pk, public_id, title, matched))
        return {text: found.get(text.lower(), []) for text in asked}

    def suggest(self, asked: str) -> str | None:
        known: list[str] = []
        for column in ("public_id", self.title):
            alike = self._rows().filter(**{f"{column}__istartswith": asked[:ALIKE]})
            known += alike.order_by(column).values_list(column, flat=True)[:NEAR_MISSES]
        return next(iter(nearest(asked, known)), None)

    def allowed(self) -> None:
        return None

    def _rows(self) -> QuerySet[Any]:
        return served(apps.get_model(self.model))
