"""From a name in a query to the records it means, and to near misses when it means none."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.apps import apps
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Left, Lower, Replace

from api.names import NearMiss, fold
from api.state import remembered
from api.visibility import served

# Words and hyphens of an id, as a name is folded.
FOLDED_ID = Replace("public_id", Value("-"), Value(""), output_field=TextField())
NO_NAME = Value(None, output_field=TextField())

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

    def unlike(self, text: str) -> tuple[bool, bool, bool, str]:
        """Return by what to sort the names of a record, so that the one that `text` means comes first.

        That is the name as it is written there or else, in this order, one that differs in case, the name
        of the record, any other.
        """
        same_letters = self.matched.casefold() == text.casefold()
        return self.matched != text, not same_letters, self.matched != self.name, self.matched


@dataclass(frozen=True)
class Suggestion:
    """What may have been meant by a name that means nothing; `misspelt`: it differs by some letters."""

    name: str
    misspelt: bool


# For each of some folds: the terms that fold so, and what to suggest for each.
Written = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Terms:
    """What is known that may be near to what was asked for: folds, and how the terms are written."""

    folds: Sequence[str]
    written: Callable[[Collection[str]], Written]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        """Return terms that are suggested as they are."""
        written: dict[str, list[tuple[str, str]]] = {}
        for term in dict.fromkeys(terms):
            written.setdefault(fold(term), []).append((term, term))
        return cls(list(written), lambda _: written)


class Known:
    """What is known that may be meant: records by their ids, and by their names as they are looked up."""

    def __init__(self) -> None:
        self.ids: dict[str, Match] = {}
        self.names: dict[str, list[Match]] = {}

    def add(self, key: str, match: Match) -> None:
        self.names.setdefault(key, []).append(match)

    def meant(self, text: str, key: str) -> list[Match]:
        """Return what `text` means, whose key as a name is `key`: a match for each record.

        What is written exactly as an id means that record and no other, whatever else is called so.
        Anything else is a name, and means every record that bears it, in whatever spelling. What is
        nobody's name may be an id in capitals.
        """
        if text in self.ids:
            return [self.ids[text]]
        matches: dict[int, Match] = {}
        for match in sorted(self.names.get(key, []), key=lambda match: match.unlike(text)):
            matches.setdefault(match.pk, match)
        if not matches and text.lower() in self.ids:
            return [self.ids[text.lower()]]
        return sorted(matches.values(), key=lambda match: match.pk)


@dataclass(frozen=True)
class Directory(ABC):
    """Finds records of one resource by what people call them.

    `noun` is what a record is called in errors, `search` the address, up to the words, at which parts of
    names can be searched for. `extra` names columns of the record that come with a match; `only` are
    lookups that hold for the records that are meant; `levels` are columns that name the records in which
    a record lies, itself included.
    """

    noun: str
    model: str
    search: str | None = field(default=None, kw_only=True)
    extra: tuple[str, ...] = field(default=(), kw_only=True)
    only: tuple[tuple[str, Any], ...] = field(default=(), kw_only=True)
    levels: tuple[str, ...] = field(default=(), kw_only=True)

    def find(self, asked: Sequence[str]) -> dict[str, list[Match]]:
        """Return the matches of each of `asked`; one that is not known has none."""
        known = self._known(asked)
        return {text: known.meant(text, self._key(text)) for text in asked}

    def suggest(self, asked: Sequence[str]) -> dict[str, Suggestion]:
        """Return, for those of `asked` for which there is one, what may have been meant."""
        terms = self._terms(asked)
        misses = [NearMiss(text, terms.folds) for text in asked]
        written = terms.written({fold for miss in misses for fold in miss.candidates})
        chosen = {miss.asked: (miss.choose(written), miss.misspelt) for miss in misses}
        return {text: Suggestion(name, near) for text, (name, near) in chosen.items() if name}

    def lies_in(self, inner: Match, outer: Match) -> bool:
        """Return whether a record lies in another."""
        levels = [inner.extra[column] for column in self.levels]
        return inner.pk != outer.pk and outer.pk in levels

    def allowed(self) -> Sequence[str] | None:
        """Return all valid values when they are a short, closed list."""
        return None

    @abstractmethod
    def _known(self, asked: Sequence[str], /) -> Known:
        """Return what may be meant by one of `asked`."""

    @abstractmethod
    def _terms(self, asked: Sequence[str], /) -> Terms:
        """Return what may be near to one of `asked`."""

    def _key(self, text: str) -> str:
        """Return what a name is looked up by."""
        return fold(text)

    def _rows(self) -> QuerySet[Any]:
        return served(apps.get_model(self.model)).filter(*self.only)

    def _match(self, row: Mapping[str, Any], name: str, matched: str) -> Match:
        extra = {column: row[column] for column in (*self.extra, *self.levels)}
        return Match(row["pk"], row["public_id"], name, matched, extra)


@dataclass(frozen=True)
class NamedRecords(Directory):
    """Records with a table of names: `places.Place` with its `names`."""

    def _known(self, asked: Sequence[str]) -> Known:
        known = Known()
        for row in self._by_name(asked).union(self._by_id(asked), all=True):
            if row["term"] is None:
                known.ids[row["public_id"]] = self._match(row, row["name"], row["public_id"])
            else:
                known.add(row["key"], self._match(row, row["name"], row["term"]))
        return known

    def _by_name(self, asked: Sequence[str]) -> QuerySet[Any]:
        rows = self._rows().filter(names__key__in={fold(text) for text in asked})
        return self._columns(rows.annotate(key=F("names__key"), term=F("names__name")))

    def _by_id(self, asked: Sequence[str]) -> QuerySet[Any]:
        ids = {*asked, *(text.lower() for text in asked)}
        rows = self._rows().filter(public_id__in=ids)
        return self._columns(rows.annotate(key=NO_NAME, term=NO_NAME))

    def _columns(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        columns = ("pk", "public_id", "name", *self.extra, *self.levels, "key", "term")
        # A union has the order that its parts come in.
        return rows.order_by().values(*columns)

    def _terms(self, _: Sequence[str], /) -> Terms:
        # The names of the whole world are many: as one text they come ten times as fast as in rows.
        rows = self._rows().order_by()
        names = rows.aggregate(all=StringAgg("names__key", " "))["all"] or ""
        ids = rows.aggregate(all=StringAgg(FOLDED_ID, " "))["all"] or ""
        return Terms(list(dict.fromkeys([*names.split(), *ids.split()])), self._written)

    def _written(self, folds: Collection[str]) -> Written:
        written: dict[str, list[tuple[str, str]]] = {}
        if not folds:
            return written
        for key, term in ((F("names__key"), "names__name"), (FOLDED_ID, "public_id")):
            rows = self._rows().annotate(key=key).filter(key__in=folds).order_by("pk")
            for folded, text, name in rows.values_list("key", term, "name"):
                written.setdefault(folded, []).append((text, name))
        return written


@dataclass(frozen=True)
class LabelledRecords(Directory):
    """Records of a small table, found by id or by the columns in `labels`; the first is the name."""

    labels: tuple[str, ...]
    closed: bool = field(default=False, kw_only=True)

    def _known(self, _: Sequence[str], /) -> Known:
        return remembered((self, "known"), self._all)

    def _all(self) -> Known:
        known = Known()
        for row in self._table():
            name = row[self.labels[0]]
            known.ids[row["public_id"]] = self._match(row, name, row["public_id"])
            for label in self.labels:
                known.add(fold(row[label]), self._match(row, name, row[label]))
        return known

    def _terms(self, _: Sequence[str], /) -> Terms:
        known = self._known(())
        names = (match.matched for found in known.names.values() for match in found)
        return Terms.of([*names, *known.ids])

    def allowed(self) -> Sequence[str] | None:
        return [row[self.labels[0]] for row in self._table()] if self.closed else None

    def _table(self) -> QuerySet[Any]:
        return self._rows().values("pk", "public_id", *self.labels, *self.extra, *self.levels)


@dataclass(frozen=True)
class TitledRecords(Directory):
    """Records of a table too large to be read whole, found by id or by `title`, in any case.

    Near misses are looked for among those that begin like what was asked for.
    """

    title: str

    def _known(self, asked: Sequence[str]) -> Known:
        known = Known()
        for row in self._by(F("public_id"), {*asked, *(text.lower() for text in asked)}):
            known.ids[row["public_id"]] = self._match(row, row[self.title], row["public_id"])
        # Ids have an index, titles have none: they are asked only for what is no id.
        if untitled := {self._key(text) for text in asked if text not in known.ids}:
            for row in self._by(Lower(self.title), untitled):
                known.add(row["term"], self._match(row, row[self.title], row[self.title]))
        return known

    def _key(self, text: str) -> str:
        return text.lower()

    def _by(self, term: Any, terms: Iterable[str]) -> QuerySet[Any]:
        rows: QuerySet[Any] = self._rows().annotate(term=term).filter(term__in=set(terms))
        return rows.values("pk", "public_id", self.title, "term", *self.extra, *self.levels)

    def _terms(self, asked: Sequence[str]) -> Terms:
        heads = {head.lower() for text in asked if len(head := text[:ALIKE]) == ALIKE}
        terms: list[str] = []
        for column in ("public_id", self.title) if heads else ():
            alike = self._rows().annotate(head=Lower(Left(column, ALIKE))).filter(head__in=heads)
            alike = alike.order_by(column).values_list(column, flat=True)
            terms += alike[: NEAR_MISSES * len(heads)]
        return Terms.of(terms)
