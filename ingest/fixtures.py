"""From dossiers to Django fixtures: rows that `loaddata` understands, in an order it can load."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from ingest.records import Dossier, Event, Place
from ingest.rows import BadRecord, Row, RowWriter, dataset_rows
from ingest.tables import TABLES


def dossier_rows(dossier: Dossier, checksum: str) -> Iterator[Row]:
    """Yield the rows of a dossier; `checksum` is the SHA-256 of the file it was read from."""
    writer = RowWriter(dossier.dataset, dossier.passages)
    records = chain(
        dossier.publishers,
        dossier.sources,
        _widest_first(dossier.places),
        dossier.actors,
        dossier.control,
        dossier.agreements,
        _wholes_first(dossier.events),
    )
    rows = [row for record in records for row in writer.rows(record)]
    yield from dataset_rows(dossier.dataset, checksum)
    yield from sorted(rows, key=lambda row: TABLES.index(row["model"]))


def circles(dossier: Dossier) -> Iterator[tuple[str, BadRecord]]:
    """Yield what lies inside itself, or is part of itself, by way of others, and in which list it is."""
    for name, order in (
        ("places", _widest_first(place for place in dossier.places if place.id)),
        ("events", _wholes_first(event for event in dossier.events if event.id)),
    ):
        try:
            list(order)
        except BadRecord as error:
            yield name, error


def _widest_first(places: Iterable[Place]) -> Iterator[Place]:
    """Yield places so that each comes after the one that contains it."""
    return _parents_first({place.id: (place.within, place) for place in places})


def _wholes_first(events: Iterable[Event]) -> Iterator[Event]:
    """Yield events so that each comes after the one it is part of."""
    return _parents_first({event.id: (event.part_of, event) for event in events})


def _parents_first(records: dict[str, tuple[str | None, Any]]) -> Iterator[Any]:
    done: set[str] = set()

    def walk(id_: str, below: tuple[str, ...]) -> Iterator[Any]:
        if id_ in below:
            raise BadRecord(id_, f"lies inside itself, by way of {', '.join(below)}")
        parent, record = records[id_]
        # A draft may name one that is not there.
        if parent in records and parent not in done:
            yield from walk(parent, (*below, id_))
        if id_ not in done:
            done.add(id_)
            yield record

    for id_ in records:
        yield from walk(id_, ())
