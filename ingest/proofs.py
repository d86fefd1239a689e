"""What must be true of a dossier before its records are written: words, forms, and rules of the database.

An import would refuse the same, row by row and by names of rules. Here whoever wrote the file is told all
of it, by line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from django.apps import apps

from ingest.checks import Fault, faults_of_rules, faults_of_words
from ingest.coherence import below, records, suggestion
from ingest.dossier import Draft
from ingest.fixtures import dossier_rows
from ingest.mistakes import Places
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
from ingest.rows import BadRecord, Row, type_id

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
KEYS = {
    "public_id": "id", "geonames_id": "geonames", "iso2": "iso", "wikidata_id": "wikidata",
    "link": "url", "website": "url", "edtf": "date", "start_date": "date", "end_date": "date",
    "version": "release",
}  # fmt: skip

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
    if not places.mistakes:
        _check_rows(dossier, places, rules=rules)
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
            where = next(_paths_to(id_, draft.places, {"model": label, "fields": {}}), "")
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


def _check_rows(dossier: Dossier, places: Places, *, rules: bool) -> None:
    try:
        rows = list(dossier_rows(dossier, "0" * 64))
    except BadRecord as error:
        if error.column is None:
            places.add(next(_paths_to(error.where, places), ""), error.what)
        # What is too long is rejected by the import, which goes on with the rest.
        return
    faults = list(faults_of_words(rows))
    if rules and not faults and len(rows) <= MOST_ROWS:
        faults = list(faults_of_rules(rows))
    for fault in faults:
        where = _place(fault, places)
        places.add(where, fault.what)


def _place(fault: Fault, places: Places) -> str:
    """Return the path at which a fault of a row stands in the file, as near as can be told."""
    record = next(_paths_to(fault.owner, places, fault.row), "")
    key = KEYS.get(fault.column or "", fault.column)
    of_key = [path for path, _ in places.below(record) if path.endswith(f" > {key}")]
    said = [path for path in of_key if places.texts[path] == str(fault.value)]
    return (said or of_key or [record])[0]


def _paths_to(owner: str, places: Places, row: Row | None = None) -> Iterator[str]:
    """Yield the paths of records that go by an id, those of the row's kind first."""
    found = [path for path in places.lines if path.rpartition(" > ")[2] == owner]
    if row and row["model"] in ("sources.dataset", "sources.release"):
        yield "dataset"
    app = row["model"].partition(".")[0] if row else ""
    yield from sorted(found, key=lambda path: not path.startswith(app))
