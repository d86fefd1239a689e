"""What can be checked of a dossier with mistakes: its records, where something else stands for what is wrong.

So one mistake hides no other. What is checked of a stand-in says nothing, and is asked for by `is_unread`.
"""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from itertools import count
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from ingest.coherence import below, labelled
from ingest.mistakes import Places
from ingest.records import Cite, Dossier, Figure, Passage

# The keys whose columns are called otherwise.
KEYS = {
    "public_id": "id", "geonames_id": "geonames", "iso2": "iso", "wikidata_id": "wikidata",
    "link": "url", "website": "url", "edtf": "date", "start_date": "date", "end_date": "date",
    "version": "release",
}  # fmt: skip

# Records within records.
INNER = "provisions"
# Numbers begin here that stand for others: few have so many provisions, and more would be too many.
FIRST = 10_000


def columns_at(path: str) -> set[str]:
    """Return what the column of a key may be called: `low` and `deaths_low` at `deaths > low`."""
    parts = path.split(" > ")
    return {parts[-1], "_".join(parts[-2:])}


class Readable:
    """A dossier without its mistakes. `unread` are the paths at which something else stands now."""

    def __init__(self, draft: Dossier, places: Places) -> None:
        self.unread: set[str] = set()
        self._lines = places.lines
        self._wrong = {mistake.where for mistake in places.mistakes}
        self._numbers = count(FIRST)
        self._ids: set[tuple[type, str]] = set()
        self._columns: dict[str, set[str]] = {}
        self._passages = draft.passages or {}
        self.dossier: Dossier = self._record(draft, "") if self._wrong else draft

    def is_unread(self, where: str, column: str) -> bool:
        """Return whether a column of the rows of the record at `where` holds a stand-in."""
        if where not in self._columns:
            self._columns[where] = self._names(where)
        names = self._columns[where]
        return column in names or KEYS.get(column) in names

    def is_loose(self, where: str) -> bool:
        """Return whether a key of the record may be missing only because it is misspelt."""
        inside = (below(where, item) for item in ("deaths", "displaced"))
        return not self._wrong.isdisjoint((where, *inside))

    def _names(self, where: str) -> set[str]:
        """Return what columns of stand-ins in a record may be called."""
        names = set()
        for path in self.unread:
            inside = path.removeprefix(f"{where} > ")
            if inside != path and not inside.startswith(f"{INNER} > "):
                names |= columns_at(inside)
        return names

    def _record(self, record: Any, where: str) -> Any:
        hints = get_type_hints(type(record))
        values = {
            item.name: self._value(
                hints[item.name], getattr(record, item.name), below(where, item.name)
            )
            for item in fields(record)
        }
        if isinstance(record, Passage):
            return self._passage(values, where)
        if isinstance(record, Cite):
            return self._cite(values)
        if id_ := values.get("id"):
            if (type(record), id_) in self._ids:
                values["id"] = self._stand_in(str)
            self._ids.add((type(record), id_))
        return replace(record, **values)

    def _value(self, kind: Any, value: Any, where: str) -> Any:
        if isinstance(value, dict | list):
            if self._is_damaged(value, where):
                self.unread.add(where)
            entries = [
                (name, self._record(entry, below(where, name)) if is_dataclass(entry) else entry)
                for name, entry in labelled(value)
            ]
            return dict(entries) if isinstance(value, dict) else [entry for _, entry in entries]
        if is_dataclass(value):
            return self._record(value, where)
        may_lack = NoneType in get_args(kind)
        if where not in self._wrong and (value is not None or may_lack):
            return value
        self.unread.add(where)
        return None if may_lack else self._stand_in(kind)

    def _is_damaged(self, value: dict[str, Any] | list[Any], where: str) -> bool:
        """Return whether something else stands in the place of a list or of its texts, or nothing."""
        if any(is_dataclass(entry) for _, entry in labelled(value)):
            return False
        is_missing = not value and where not in self._lines
        return is_missing or any(f"{path} > ".startswith(f"{where} > ") for path in self._wrong)

    def _stand_in(self, kind: Any) -> Any:
        """Return a value of a kind that is like no other, where there are so many."""
        number = next(self._numbers)
        kind = get_origin(kind) or kind
        if kind is str:
            return f"unread-{number}"
        if is_dataclass(kind) and isinstance(kind, type):
            if issubclass(kind, Figure):
                return kind()
            hints = get_type_hints(kind)
            return kind(**{item.name: self._lacking(hints[item.name]) for item in fields(kind)})
        return date.min if kind is date else kind(number)

    def _lacking(self, kind: Any) -> Any:
        return None if NoneType in get_args(kind) else self._stand_in(kind)

    def _passage(self, values: dict[str, Any], where: str) -> Passage:
        """Return a passage; one that is whole for one that is not."""
        if any(path == where or path.startswith(f"{where} > ") for path in self._wrong):
            return Passage(values["source"], 1, 0, 1, "0" * 64)
        return Passage(**values)

    def _cite(self, values: dict[str, Any]) -> Cite:
        """Return a cite of a source or a passage that is there."""
        if values["passage"] not in self._passages:
            values["passage"] = None
        if (values["passage"] is None) == (values["source"] is None):
            values |= {"passage": None, "source": self._stand_in(str)}
        return Cite(**values)
