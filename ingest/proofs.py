"""What must be true of a dossier before its records are written: words, forms, and rules of the database.

An import would refuse the same, row by row and by names of rules. Here whoever wrote the file is told all
of it, by line.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from django.apps import apps

from ingest.checks import Fault, faults_of_rules, faults_of_words
from ingest.coherence import below, labelled, records, suggestion
from ingest.dossier import Draft
from ingest.fixtures import circles
from ingest.mistakes import Places
from ingest.readable import INNER, KEYS, Readable, columns_at
from ingest.records import (
    Actor,
    Affiliation,
    Agreement,
    Control,
    Dossier,
    Due,
    Event,
    Link,
    Name,
    Participant,
    Party,
    Place,
    Provision,
    Source,
)
from ingest.rows import BadRecord, Row, RowWriter, dataset_rows, type_id

# The tables of records, whose columns say which words there are.
TABLES: dict[type, str] = {
    Actor: "actors.actor",
    Affiliation: "actors.affiliation",
    Agreement: "agreements.agreement",
    Control: "actors.controlclaim",
    Due: "agreements.provision",
    Event: "events.event",
    Link: "events.eventlink",
    Name: "places.placename",
    Participant: "events.participation",
    Party: "agreements.party",
    Place: "places.place",
    Provision: "agreements.provision",
    Source: "sources.document",
}
# The keys whose columns are called otherwise.
COLUMNS = {"qualifier": "due_qualifier"}
# The lists of a dossier.
COLLECTIONS = ("publishers", "sources", "places", "actors", "control", "agreements", "events")

# Rules are asked of the database row by row. A dossier of more rows was written by a program: the import asks
# them of all at once, and rejects what breaks one by its name.
MOST_ROWS = 3_000

NO_TYPES = "there are no event types here yet; start the service once, or: manage.py loaddata fixtures/built/*.json"


def prove(draft: Draft, types: Iterable[str], *, rules: bool = True) -> Dossier:
    """Return the dossier of a draft; raise BadDossier with all that is wrong, also with its words.

    `types` are the codes of the event types that there are. `rules` are asked of the database.
    """
    dossier, places = draft.dossier, draft.places
    _check_words(dossier, places)
    _check_types(dossier, places, list(types))
    for name, error in circles(dossier):
        places.add(below(name, error.where), error.what)
    _Rows(dossier, places).check(rules=rules)
    return draft.finish()


def check_taken(draft: Draft, dataset: str | None) -> None:
    """Note events, agreements and provisions whose ids belong to records of another dataset."""
    dossier = draft.dossier
    # What is wrong with it is told anyway.
    owner = dataset or (dossier.dataset and dossier.dataset.id)
    provisions = [item for agreement in dossier.agreements for item in agreement.provisions]
    for label, owned, found in (
        ("events.event", "dataset", dossier.events),
        ("agreements.agreement", "dataset", dossier.agreements),
        ("agreements.provision", "agreement__dataset", provisions),
    ):
        rows = apps.get_model(label)._default_manager
        ids = [record.id for record in found if record.id is not None]
        others = rows.filter(public_id__in=ids).exclude(**{f"{owned}__public_id": owner})
        for id_, whose in others.values_list("public_id", f"{owned}__public_id"):
            where = _path_of(id_, label.partition(".")[0], draft.places)
            what = f"“{id_}” is a record of {whose} already; choose another id"
            draft.places.add(below(where, "id"), what)


def _check_words(dossier: Dossier, places: Places) -> None:
    for where, record in records(dossier):
        for item in fields(record):
            value = getattr(record, item.name)
            words = _words(type(record), item.name)
            if words and isinstance(value, str) and value not in words:
                near = suggestion(value, words)
                known = "" if near.startswith("; known") else f"; known are {', '.join(words)}"
                place = below(where, item.name)
                places.add(place, f"“{value}” is no {item.name}{near}{known}")


def _words(kind: type, key: str) -> list[str]:
    """Return the words that a key of a record takes, none if any text will do."""
    if kind not in TABLES:
        return []
    names = {field.name: field for field in apps.get_model(TABLES[kind])._meta.get_fields()}
    column: Any = names.get(COLUMNS.get(key, key))
    return [word for word, _ in getattr(column, "choices", None) or ()]


def _check_types(dossier: Dossier, places: Places, types: list[str]) -> None:
    """Note event types that there are not. Codes of other schemes (`ucdp:1`) are translated later."""
    known = {type_id(code) for code in types}
    for event in dossier.events:
        if event.type is None or ":" in event.type or type_id(event.type) in known:
            continue
        where = f"events > {event.id}"
        roots = [code for code in types if "/" not in code]
        modes = [code for code in types if code.startswith(f"{event.type.partition('/')[0]}/")]
        near = suggestion(event.type, types)
        near = "" if near.startswith("; known") else near
        told = f"{near}; known are {', '.join(modes or roots)}" if types else f": {NO_TYPES}"
        places.add(below(where, "type"), f"there is no event type “{event.type}”{told}")


class _Rows:
    """The rows of a draft, each with the path of the record that it is of."""

    def __init__(self, draft: Dossier, places: Places) -> None:
        self.places = places
        self.readable = Readable(draft, places)
        self.rows: list[Row] = []
        self.paths: dict[int, str] = {}
        # Columns that are told to be wrong, of rows; and what is too long, by path.
        self.wrong: set[tuple[int, str | None]] = set()
        self.long: list[tuple[str, str]] = []
        self._write(draft)

    def check(self, *, rules: bool) -> None:
        """Note the words, forms and rules that do not hold, but for what has been told."""
        faults = [fault for fault in faults_of_words(self.rows) if self._is_read(fault)]
        self.wrong = {(id(fault.row), fault.column) for fault in faults}
        if rules and len(self.rows) <= MOST_ROWS:
            faults += faults_of_rules(self.rows, self._is_asked)
        for fault in faults:
            self.places.add(self._place(fault), fault.what)
        # What is too long is rejected by the import, which goes on with the rest.
        for where, what in self.long if self.places.mistakes else ():
            self.places.add(where, what)

    def _write(self, draft: Dossier) -> None:
        dossier = self.readable.dossier
        writer = RowWriter(dossier.dataset, dossier.passages)
        if draft.dataset:
            self._keep("dataset", dataset_rows(dossier.dataset, "0" * 64))
        for name in COLLECTIONS:
            # What is not readable goes by the id, or number, that it has in the file.
            named = zip(labelled(getattr(draft, name)), getattr(dossier, name), strict=True)
            for (label, written), record in named:
                where = below(name, label)
                try:
                    self._keep(where, writer.rows(record), written)
                except BadRecord as error:
                    self._note(where, error)

    def _keep(self, where: str, rows: Iterable[Row], record: Any = None) -> None:
        inner = iter([name for name, _ in labelled(getattr(record, INNER, []))])
        here = where
        for row in rows:
            if row["model"] == "agreements.provision":
                here = below(where, f"{INNER} > {next(inner)}")
            self.rows.append(row)
            self.paths[id(row)] = here

    def _note(self, where: str, error: BadRecord) -> None:
        if error.column is None:
            self.places.add(where, error.what)
        else:
            self.long.append((below(where, KEYS.get(error.column, error.column)), error.what))

    def _is_read(self, fault: Fault) -> bool:
        where = self.paths[id(fault.row)]
        return fault.column is None or not self.readable.is_unread(where, fault.column)

    def _is_asked(self, row: Row, columns: set[str]) -> bool:
        """Return whether a rule is asked of a row: of what could be read, and is not told to be wrong."""
        where = self.paths[id(row)]
        if len(columns) > 1 and self.readable.is_loose(where):
            return False
        if "key" in columns and not (row["fields"].get("name", "none") or "").strip():
            # An empty name is told as one, not by the key that is made of it.
            return False
        told = {column for column in columns if (id(row), column) in self.wrong}
        return told != columns and not any(
            self.readable.is_unread(where, column) for column in columns
        )

    def _place(self, fault: Fault) -> str:
        """Return the path at which a fault of a row stands in the file, as near as can be told."""
        record = self.paths[id(fault.row)]
        key = KEYS.get(fault.column or "", fault.column)
        of_key = [path for path, _ in self.places.below(record) if key in columns_at(path)]
        said = [path for path in of_key if self.places.texts[path] == str(fault.value)]
        return (said or of_key or [record])[0]


def _path_of(id_: str, app: str, places: Places) -> str:
    """Return the path of the record that goes by an id: of several, the one among those of the app."""
    found = [path for path in places.lines if path.rpartition(" > ")[2] == id_]
    return min(found, key=lambda path: not path.startswith(app), default="")
