"""What must be true within a dossier: ids are of one record, references lead to one, dates are dates."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from api.names import nearest
from ingest.dates import read_edtf
from ingest.mistakes import Places
from ingest.records import Cite, Dossier, Passage
from ingest.rows import SHOWN

SHA256 = re.compile("[0-9a-f]{64}")

# So many names at most are told of those that there are.
TOLD = 12

# In which list records are that are not in one of their own.
LISTS = {"provision": "agreements"}


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return what to write instead, as the end of a sentence: the nearest, or all where they are few."""
    known = list(known)
    if near := next(iter(nearest(wrong[:SHOWN], known)), None):
        return f"; did you mean “{near}”?"
    return f"; known are {', '.join(known)}" if 0 < len(known) <= TOLD else ""


def below(where: str, name: str) -> str:
    """Return the path of what is called `name` within a record."""
    return f"{where} > {name}" if where else name


def labelled(value: dict[str, Any] | list[Any]) -> list[tuple[str, Any]]:
    """Return what is in a list or mapping, each with what it goes by: its key or id, or its number."""
    if isinstance(value, dict):
        return list(value.items())
    return [
        (getattr(entry, "id", None) or str(number), entry) for number, entry in enumerate(value, 1)
    ]


def _parts(record: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield a record and all that is in it, each with its path."""
    yield where, record
    for item in fields(record):
        value, here = getattr(record, item.name), below(where, item.name)
        parts = labelled(value) if isinstance(value, dict | list) else [("", value)]
        for name, entry in parts:
            if is_dataclass(entry):
                yield from _parts(entry, below(here, name) if name else here)


def records(dossier: Dossier) -> list[tuple[str, Any]]:
    """Return all that is in a dossier, parts of records included, each with its path."""
    return list(_parts(dossier, ""))[1:]


def check_records(dossier: Dossier, places: Places) -> None:
    """Note dates that are none, cites of nothing, and those that support what is no field."""
    for where, record in records(dossier):
        if isinstance(record, Passage):
            _check_passage(record, where, places)
        _check_date(record, where, places)
        known = [item.name for item in fields(record)]
        for number, cite in enumerate(getattr(record, "cites", ()), 1):
            _check_cite(cite, below(where, f"cites > {number}"), known, places)


def _check_date(record: Any, where: str, places: Places) -> None:
    written = getattr(record, "date", None)
    if isinstance(written, str):
        try:
            read_edtf(written)
        except ValueError as error:
            places.add(below(where, "date"), str(error))


def _check_cite(cite: Cite, where: str, known: list[str], places: Places) -> None:
    if (cite.passage is None) == (cite.source is None):
        places.add(where, "a cite names either a passage or a source")
    for name in cite.supports:
        if name not in known:
            places.add(where, f"there is no field “{name}”{suggestion(name, known)}")


def _check_passage(passage: Passage, where: str, places: Places) -> None:
    written = "verify_citations --find writes it"
    if passage.paragraph is not None and passage.paragraph < 1:
        told = f"{passage.paragraph} is no paragraph; the first one is 1"
        places.add(below(where, "paragraph"), told)
    if passage.sha256 is not None and not SHA256.fullmatch(passage.sha256):
        told = "a SHA-256 is 64 lower-case hexadecimal digits"
        places.add(below(where, "sha256"), f"{told}; {written}")
    if None not in (passage.start, passage.end) and not 0 <= passage.start < passage.end:
        places.add(where, f"it has to end after it starts; {written}")


def check_references(dossier: Dossier, places: Places) -> None:
    """Note records that refer to one that is not there, or share an id."""
    provisions = [item for agreement in dossier.agreements for item in agreement.provisions]
    known: dict[str, set[str]] = {"passage": set(dossier.passages)}
    collections: dict[str, list[Any]] = {
        "publisher": dossier.publishers,
        "source": dossier.sources,
        "place": dossier.places,
        "actor": dossier.actors,
        "agreement": dossier.agreements,
        "provision": provisions,
        "event": dossier.events,
    }
    for noun, named in collections.items():
        ids = [record.id for record in named if record.id is not None]
        known[noun] = set(ids)
        for doubled in {id_ for id_ in ids if ids.count(id_) > 1}:
            lines = (
                lines[-1]
                for path, lines in places.lines.items()
                if path.endswith(f" > {doubled}") and path.startswith(LISTS.get(noun, f"{noun}s"))
            )
            places.add("", f"two {noun}s have the id “{doubled}”", next(lines, None))
    for where, noun, wanted in _references(dossier):
        if wanted not in known[noun]:
            hint = suggestion(wanted, sorted(known[noun]))
            how = "" if hint.endswith("?") else HOW[noun]
            places.add(where, f"there is no {noun} “{wanted}”{hint}{how}")


# What to do where nothing is near: a dossier holds all that it refers to, also what is served already.
HOW = {
    "passage": "; write it under passages",
    "publisher": "; write it under publishers",
    "source": "; write it under sources, also if it is served already",
    "place": "; write it under places, also if it is served already",
    "actor": "; write it under actors, also if it is served already",
    "agreement": "; write it under agreements",
    "provision": "; write it under an agreement",
    "event": "; write it under events",
}

# Which keys refer to records, and to records of what kind.
REFERENCES = {
    "publisher": "publisher",
    "source": "source",
    "passage": "passage",
    "within": "place",
    "places": "place",
    "place": "place",
    "country": "place",
    "actor": "actor",
    "organisation": "actor",
    "obligor": "actor",
    "beneficiary": "actor",
    "asserted_by": "actor",
    "attributed_to": "actor",
    "agreement": "agreement",
    "fulfils": "provision",
    "breaches": "provision",
    "part_of": "event",
    "event": "event",
}


def _references(dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    """Yield where each reference stands, to what kind of record, and to which."""
    for where, record in records(dossier):
        for item in fields(record):
            value, here = getattr(record, item.name), below(where, item.name)
            if item.name not in REFERENCES:
                continue
            if isinstance(value, str):
                yield here, REFERENCES[item.name], value
            elif isinstance(value, list):
                for number, entry in enumerate(value, 1):
                    yield below(here, str(number)), REFERENCES[item.name], entry
