"""The pipe: rows of a reader -> staging -> which records they are -> checks -> merge, in one transaction.

Readers of the API see the data as they were until all of it is there. What goes wrong at any point leaves
them so: staging is temporary tables, and writing is one transaction.
"""

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson
from django.apps import apps

from api.stored import BEGIN_BULK_LOAD
from events.bodies import EVENT_BODIES
from events.models import EventType, EventTypeCode
from ingest.crosswalk import Crosswalk
from ingest.files import Rejected, Skipped
from ingest.merging import (
    FAMILIES,
    Import,
    Tally,
    make_ready,
    note_codes,
    write_belongings,
    write_records,
)
from ingest.readers.base import Outcome, Row
from ingest.records import Actor, Agreement, Control, Event, Place, Publisher, Source
from ingest.refusing import CREATE, drop_staged, refuse_repeated, refuse_unfit
from ingest.removing import (
    lift_tombstones,
    mark_dropped,
    remove_dropped_parts,
    remove_marked,
    sweep,
)
from ingest.resolution import ACTOR, PLACE, REFS, resolve
from ingest.rows import Row as TableRow
from ingest.rows import RowWriter
from ingest.session import Session
from ingest.staging import BETWEEN, Staging, refs_of, staged_table

EVENT = "events.event"
MAIN = {Event: "events.event", Agreement: "agreements.agreement"}
LABELS = {
    **MAIN,
    Publisher: "sources.publisher",
    Source: "sources.document",
    Place: "places.place",
    Actor: "actors.actor",
    Control: "actors.controlclaim",
}
# What belongs to one event or agreement alone, as a rule, and changes with it.
DIGESTED = (Publisher, Source)
# Rows looked up together to see which have changed.
CHUNK = 2_000
# Records that have come with a row are not staged again while they are remembered.
REMEMBERED = 100_000
# Bodies written together.
BODIES = 20_000


class NothingPublished(ValueError):
    """An import that was called off as a whole; the data are as they were."""


@dataclass(frozen=True)
class Plan:
    """How a file is to be imported.

    `whole`: what the file leaves out is removed. `most_rejected` is the share of rows, from 0 to 1,
    that may be rejected; `most_removed` the share of the dataset's records that may be removed.
    """

    whole: bool
    most_rejected: float = 0.01
    most_removed: float = 0.2
    dry_run: bool = False


@dataclass
class Report:
    """What an import did: rows read and rejected, and for each kind of record what became of it.

    `reasons` counts the rejected by reason, `skipped` those that are none of what the reader takes;
    `unread` are those of the rejected that the reader could not make out; `notes` are sentences for whoever imports.
    """

    read: int = 0
    rejected: int = 0
    unread: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    tallies: dict[str, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def published(self) -> int:
        """How many rows are published: those read, but for the rejected and those out of scope."""
        return self.read - self.rejected - self.skipped.total()


class Loader:
    """Imports the rows of one file: `stage`, then `merge`.

    `progress` is told what is being done now, `on_reject` each row that is rejected.
    """

    def __init__(
        self,
        writer: RowWriter,
        plan: Plan,
        progress: Callable[[str], None],
        on_reject: Callable[[Rejected], None],
    ) -> None:
        self.writer, self.plan, self.progress, self.on_reject = writer, plan, progress, on_reject
        self.session = Session()
        self.staging = Staging(self.session)
        self.report = Report()
        self._remembered: dict[int, Any] = {}

    def stage(self, rows: Iterable[Outcome], dataset: int | None) -> None:
        """Copy what has changed to staging. Nobody is kept waiting meanwhile."""
        self.staging.create()
        self.session.run(CREATE)
        with _uncollected():
            self._stage_all(rows, dataset)
        self.staging.finish()

    def _stage_all(self, rows: Iterable[Outcome], dataset: int | None) -> None:
        chunk: list[Row] = []
        for row in rows:
            self.report.read += 1
            if isinstance(row, Skipped):
                self.report.skipped[row.reason] += 1
                continue
            if isinstance(row, Rejected):
                self._reject(row)
                self.report.unread += 1
                continue
            chunk.append(row)
            if len(chunk) == CHUNK:
                self._stage(chunk, dataset)
                self.progress(f"read {self.report.read:,} rows")
                chunk = []
        self._stage(chunk, dataset)

    def merge(self, context: Import) -> Report:
        """Write what is staged. Has to run in a transaction; raises NothingPublished, StillNeeded."""
        session = self.session
        session.run("SET LOCAL work_mem = '128MB'")
        session.run("SET LOCAL jit = off")
        context = replace(context, told=self._told())
        # The lock of writers: what is resolved now is still so when it is written.
        session.run("SELECT FROM sources_revision FOR UPDATE")
        refuse_repeated(session, MAIN.values(), context.owner.pk)
        for family in FAMILIES:
            self._prepare(family, context)
        self._check_rejected()
        for family in FAMILIES:
            if EVENT in family:
                session.run(BEGIN_BULK_LOAD)
            self._write(family, context)
        self.progress("gathering statistics")
        # What comes next would be planned for the tables as they were, perhaps empty.
        session.run(f"ANALYZE {', '.join(staged_table(label).table for label in self._written())}")
        self._remove(context)
        self._write_bodies()
        session.run(f"ANALYZE {EVENT_BODIES.body_model._meta.db_table}")
        return self.report

    def _told(self) -> frozenset[str]:
        """Return the kinds of records that the file is about."""
        labels = {label for (label,) in self.session.rows("SELECT DISTINCT label FROM seen")}
        # Provisions come as parts of agreements.
        return frozenset(labels | {other for label in labels for other in _family(label)})

    def _written(self) -> list[str]:
        return sorted(self.staging.used) or [EVENT]

    def _stage(self, chunk: list[Row], dataset: int | None) -> None:
        marks = [(row, *self._mark(row)) for row in chunk]
        known = self._known(marks, dataset)
        for row, label, key, digest in marks:
            self.staging.note(label, key, digest, row.line)
            changed = known.get((label, key)) != digest
            for record in row.needs:
                # Documents are part of what an event's digest stands for.
                if (changed or type(record) not in DIGESTED) and self._is_new(record):
                    self.staging.add(row.line, self.writer.rows(record))
            if changed:
                self.staging.add(row.line, self._rows(row, digest))

    def _rows(self, row: Row, digest: UUID) -> Iterator[TableRow]:
        for number, entry in enumerate(self.writer.rows(row.record)):
            if number == 0 and type(row.record) in MAIN:
                entry["fields"]["digest"] = digest
            yield entry

    def _mark(self, row: Row) -> tuple[str, str, UUID]:
        """Return what kind of record a row tells of, its key, and the digest of all it says."""
        record = row.record
        content = hashlib.blake2b(orjson.dumps(record), digest_size=16)
        for need in row.needs:
            if type(need) in DIGESTED:
                content.update(orjson.dumps(need))
        label = LABELS[type(record)]
        key = record.key or record.id if isinstance(record, Event | Agreement) else _key(record)
        return label, key, UUID(bytes=content.digest())

    def _known(
        self, marks: list[tuple[Row, str, str, UUID]], dataset: int | None
    ) -> dict[tuple[str, str], UUID]:
        """Return the digests of those records that are there already."""
        known = {}
        for label in MAIN.values():
            keys = [key for _, other, key, _ in marks if other == label]
            if keys and dataset is not None:
                rows = self.session.rows(
                    f"SELECT key, digest FROM {staged_table(label).table} "
                    "WHERE dataset_id = %s AND key = ANY(%s)",
                    [dataset, keys],
                )
                known.update({(label, key): digest for key, digest in rows})
        return known

    def _is_new(self, record: Any) -> bool:
        if id(record) in self._remembered:
            return False
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        # The record is kept with its number, which another could have once it is gone.
        self._remembered[id(record)] = record
        return True

    def _prepare(self, family: dict[str, tuple[str, ...]], context: Import) -> None:
        session, labels = self.session, _labels(family)
        drop_staged(session, labels)
        if EVENT in family:
            self._translate_types()
        for label in family:
            self.progress(f"looking up {_plural(label)}")
            resolve(session, label, context.owner, self.staging.used)
        for label in labels:
            make_ready(session, label, is_record=label in family)
        self.progress(f"checking {_plural(labels[0])}")
        refuse_unfit(session, labels)

    def _translate_types(self) -> None:
        """Say which type of ours each code means that a dataset gives its events."""
        session, table = self.session, staged_table(EVENT)
        matches = EventTypeCode.objects.order_by("type_id", "pk").values_list(
            "type__code", "scheme", "code", "match"
        )
        crosswalk = Crosswalk(matches)
        by_code = dict(EventType.objects.values_list("code", "pk"))
        by_id = dict(EventType.objects.values_list("public_id", "pk"))
        session.run(REFS.format(refs=refs_of(EventType._meta.db_table)))
        for (ref,) in session.rows(f"SELECT DISTINCT type_id FROM {table.stage}"):
            type_ = by_id.get(ref) or by_code.get(crosswalk.type_of(ref) or "")
            if type_:
                session.run(
                    f"INSERT INTO {refs_of(EventType._meta.db_table)} (ref, id, is_new, is_ours) "
                    "VALUES (%s, %s, false, false)",
                    [ref, type_],
                )

    def _check_rejected(self) -> None:
        """Count the rows that were refused, and call the import off when they are too many."""
        for family in FAMILIES:
            labels = _labels(family)
            for line, reason, column, value in self.session.rows(REFUSED, {"labels": labels}):
                self._reject(Rejected(line, reason, column, value))
        others = self.session.rows(OTHERS_REFUSED)
        self.report.notes += [
            f"{_plural(label).capitalize()} that are referred to: {count:,} × {reason} (line {line})."
            for label, reason, count, line in others
        ]
        allowed = self.plan.most_rejected * self.report.read
        if self.report.rejected > allowed:
            raise NothingPublished(
                f"{self.report.rejected:,} of {self.report.read:,} rows are rejected, more than "
                f"{self.plan.most_rejected:.1%}; nothing was published. Mend the file, or allow more "
                "with --max-rejected."
            )

    def _reject(self, rejected: Rejected) -> None:
        self.report.rejected += 1
        self.report.reasons[rejected.reason] += 1
        self.on_reject(rejected)

    def _write(self, family: dict[str, tuple[str, ...]], context: Import) -> None:
        session = self.session
        for label in family:
            self.progress(f"writing {_plural(label)}")
            self.report.tallies[label] = write_records(session, label, context)
            if label in (PLACE, ACTOR):
                note_codes(session, label, context)
        for record, belongings in family.items():
            for label in belongings:
                if label in self.staging.used or record in MAIN.values():
                    write_belongings(session, label, record, context)
            lift_tombstones(session, record)
        for label in MAIN.values():
            if label in family:
                tally = self.report.tallies[label]
                tally.unchanged = self._seen(label) - tally.new - tally.changed

    def _seen(self, label: str) -> int:
        return int(
            self.session.value(
                "SELECT count(DISTINCT key) FROM seen s WHERE label = %(label)s AND NOT EXISTS "
                "(SELECT FROM refused r WHERE r.line = s.line AND r.label = ANY(%(labels)s))",
                {"label": label, "labels": _labels(_family(label))},
            )
        )

    def _remove(self, context: Import) -> None:
        session, release = self.session, self.writer.dataset.release
        self.progress("removing what is gone")
        remove_dropped_parts(session, context.owner.curated, release)
        if not self.plan.whole:
            return
        if self.report.unread:
            self.report.notes.append(
                f"Nothing was removed: {self.report.unread:,} rows could not be read and may be "
                "records that seem to be gone."
            )
            return
        for label in reversed(MAIN.values()):
            gone = mark_dropped(session, label, context.owner.pk)
            self._check_removed(label, gone, context)
            remove_marked(session, label, release)
            self.report.tallies[label].removed = gone
        swept = sweep(session, context.owner.pk, staged_stays=True)
        for label, count in swept.items():
            self.report.tallies[label].removed = count

    def _check_removed(self, label: str, gone: int, context: Import) -> None:
        table = staged_table(label).table
        total = self.session.value(
            f"SELECT count(*) FROM {table} WHERE dataset_id = %s", [context.owner.pk]
        )
        if gone > self.plan.most_removed * (total or 0):
            raise NothingPublished(
                f"This would remove {gone:,} of the {total:,} {_plural(label)} of "
                f"{context.owner.public_id}, which the file does not have; nothing was published. If it "
                "is a part of the dataset, say --partial; if they are really gone, allow more with "
                "--max-removed."
            )

    def _write_bodies(self) -> None:
        """Write the bodies of the events that changed, and of those that show them."""
        session, event = self.session, staged_table(EVENT)
        touched = [
            key
            for (key,) in session.rows(
                f"WITH changed AS (SELECT id FROM {event.ready}) SELECT id FROM changed "
                "UNION SELECT e.id FROM events_event e JOIN changed c ON e.part_of_id = c.id "
                "UNION SELECT l.event_id FROM events_eventlink l JOIN changed c ON l.other_id = c.id "
                "ORDER BY id"
            )
        ]
        for start in range(0, len(touched), BODIES):
            self.progress(f"writing what is served: {start:,} of {len(touched):,}")
            session.run(f"SELECT {EVENT_BODIES.function}(%s)", [touched[start : start + BODIES]])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector off: rows hold no cycles, and it would walk them again and again.

    Measured: 7,600 rows a second with it, 11,700 without.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


REFUSED = """
SELECT DISTINCT ON (r.line) r.line, r.reason, r.field, r.value
FROM refused r JOIN seen s ON s.line = r.line AND s.label = ANY(%(labels)s)
-- The cause before what follows from it.
WHERE r.label = ANY(%(labels)s)
ORDER BY r.line, r.reason LIKE 'breaks%%', r.reason, r.field
"""


# What was refused without being the record of a row: places and actors that rows refer to.
OTHERS_REFUSED = """
SELECT r.label, r.reason, count(*), min(r.line) FROM refused r
WHERE NOT EXISTS (SELECT FROM seen s WHERE s.line = r.line
    AND split_part(s.label, '.', 1) = split_part(r.label, '.', 1))
GROUP BY r.label, r.reason ORDER BY count(*) DESC LIMIT 10
"""


def _labels(family: dict[str, tuple[str, ...]]) -> list[str]:
    return [label for record, belongings in family.items() for label in (record, *belongings)]


def _family(label: str) -> dict[str, tuple[str, ...]]:
    return next(family for family in FAMILIES if label in family)


def _plural(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name_plural)


def _key(record: Any) -> str:
    return (
        BETWEEN.join([record.place, record.actor, record.kind])
        if isinstance(record, Control)
        else record.id
    )
