"""Dossiers: our own YAML, written by people from an article (docs/data-model.md)."""

from collections.abc import Iterator
from itertools import chain

from ingest.dossier import read_dossier
from ingest.files import SourceFile, WrongFile
from ingest.readers.base import Heading, Outcome, Reader, Record, Row
from ingest.records import Dossier
from ingest.rows import BadRecord


def _dossier(source: SourceFile) -> Dossier:
    try:
        return read_dossier(source.path)
    except BadRecord as error:
        raise WrongFile(str(error)) from error


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield the records of a dossier; they are counted instead of lines."""
    dossier = _dossier(source)
    records: Iterator[Record] = chain(
        dossier.publishers,
        dossier.sources,
        dossier.places,
        dossier.actors,
        dossier.control,
        dossier.agreements,
        dossier.events,
    )
    for number, record in enumerate(records, 1):
        yield Row(number, record)


def heading(source: SourceFile) -> Heading:
    """Return the dataset that a dossier says it is, and its passages."""
    dossier = _dossier(source)
    return Heading(dossier.dataset, dossier.passages)


def recognises(head: str) -> bool:
    """Say whether a file begins like a dossier."""
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and lines[0].startswith(("dataset:", "publishers:", "sources:"))


READER = Reader(
    name="dossier",
    what="dossier",
    dataset=None,
    read=read,
    recognises=recognises,
    heading=heading,
    curated=True,
)
