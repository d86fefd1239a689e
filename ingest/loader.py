"""The pipe: rows of a reader -> staging -> which records they are -> checks -> merge, in one transaction.

Readers of the API see the data as they were until all of it is there. What goes wrong at any point leaves
them so: staging is temporary tables, and writing is one transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.apps import apps
from django.db import connection

from api.stored import BEGIN_BULK_LOAD
from events.bodies import EVENT_BODIES
from events.models import EventType, EventTypeCode
from events.uses import count_uses
from ingest.crosswalk import Crosswalk
from ingest.files import Rejected
from ingest.intake import MAIN, Intake
from ingest.merging import (
    FAMILIES,
    Import,
    make_ready,
    note_codes,
    write_belongings,
    write_records,
)
from ingest.readers.base import Outcome
from ingest.references import checked_at_once
from ingest.refusing import CREATE, drop_staged, refuse_repeated, refuse_unfit
from ingest.removing import (
    lift_tombstones,
    mark_dropped,
    remove_dropped_parts,
    remove_marked,
    sweep,
)
from ingest.report import NothingPublished, Plan, Report
from ingest.resolution import ACTOR, PLACE, REFS, resolve
from ingest.rows import RowWriter
from ingest.session import Session
from ingest.staging import Staging, link_to, refs_of, staged_table
from ingest.tables import PROPOSED

EVENT = "events.event"
# Bodies written together.
BODIES = 50_000


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
        self.writer, self.plan, self.progress = writer, plan, progress
        self.session = Session()
        self.staging = Staging(self.session)
        self.report = Report()
        self.intake = Intake(writer, self.staging, self.report, progress, on_reject)

    def stage(self, rows: Iterable[Outcome], dataset: int | None) -> None:
        """Copy what has changed to staging. Nobody is kept waiting meanwhile."""
        self.staging.create()
        self.session.run(CREATE)
        self.intake.take(rows, self.session, dataset)
        self.staging.finish()

    def merge(self, context: Import) -> Report:
        """Write what is staged. Has to run in a transaction; raises NothingPublished, StillNeeded."""
        session = self.session
        session.run("SET LOCAL work_mem = '128MB'")
        session.run("SET LOCAL jit = off")
        context = replace(context, told=self._told())
        self.report.told = context.told
        # What is resolved now is still so when it is written.
        session.lock_writers()
        refuse_repeated(session, MAIN.values(), context.owner.pk)
        for family in FAMILIES:
            self._prepare(family, context)
        self._check_rejected()
        for family in FAMILIES:
            if EVENT in family:
                self._write_events(family, context)
            else:
                self._write(family, context)
        self.progress("gathering statistics")
        # What comes next would be planned for the tables as they were, perhaps empty.
        session.run(f"ANALYZE {', '.join(staged_table(label).table for label in self._written())}")
        self._remove(context)
        self._write_bodies()
        session.run(f"ANALYZE {', '.join(sorted(EVENT_BODIES.tables))}")
        count_uses(session.cursor)
        return self.report

    def _told(self) -> frozenset[str]:
        """Return the kinds of records that the file is about."""
        return frozenset(label for (label,) in self.session.rows("SELECT DISTINCT label FROM seen"))

    def _written(self) -> list[str]:
        return sorted(self.staging.used) or [EVENT]

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
            for line, reason, column, value in self.session.rows(
                REFUSED, {"labels": labels, "proposed": list(PROPOSED)}
            ):
                self.intake.reject(Rejected(line, reason, column, value))
        others = self.session.rows(OTHERS_REFUSED)
        self.report.notes += [
            f"{_plural(label).capitalize()} that are referred to: {count:,} × {reason} (line {line})."
            for label, reason, count, line in others
        ]
        allowed = self.plan.most_rejected * self.report.read
        if self.report.rejected > allowed:
            ((reason, count),) = self.report.reasons.most_common(1)
            raise NothingPublished(
                f"{self.report.rejected:,} of {self.report.read:,} rows are rejected, more than "
                f"{self.plan.most_rejected:.1%}; nothing was published. Most of them ({count:,}): {reason}. "
                "Mend the file (--reject-report FILE lists them), or allow more with --max-rejected."
            )

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

    def _write_events(self, family: dict[str, tuple[str, ...]], context: Import) -> None:
        session, event = self.session, staged_table(EVENT)
        session.run(BEGIN_BULK_LOAD)
        # Triggers count revisions, and look for events that would be part of themselves.
        watched = session.value(
            f"SELECT EXISTS (SELECT FROM {event.ready} WHERE NOT is_new OR part_of_id IS NOT NULL)"
        )
        if watched:
            return self._write(family, context)
        written = f"IN (SELECT id FROM {event.ready})"
        rows = [(event.table, f"c.id {written}")]
        for label in family[EVENT]:
            part = staged_table(label)
            rows.append((part.table, f"c.{link_to(part, event).column} {written}"))
        with checked_at_once(session, rows):
            return self._write(family, context)

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
        count = session.run(TOUCHED.format(ready=event.ready, size=BODIES))
        session.run("ANALYZE touched")
        parts = session.rows("SELECT min(id), max(id) FROM touched GROUP BY part ORDER BY part")
        for done, (first, last) in enumerate(parts):
            self.progress(f"writing what is served: {done * BODIES:,} of {count:,}")
            # In one query, which is planned for so many; the function is made for a few.
            these = f"SELECT id FROM touched WHERE id BETWEEN {first} AND {last}"
            condition = (
                f"{event.table}.id BETWEEN {first} AND {last} AND {event.table}.id IN ({these})"
            )
            # A body is read from its event, which nobody can remove meanwhile: nothing is left to check.
            with checked_at_once(session, []):
                for statement in EVENT_BODIES.statements(connection, condition):
                    session.run(statement)


TOUCHED = """
CREATE TEMP TABLE touched AS SELECT id, (row_number() OVER (ORDER BY id) - 1) / {size} AS part
FROM (
    SELECT id FROM {ready}
    UNION SELECT e.id FROM events_event e JOIN {ready} r ON e.part_of_id = r.id
    UNION SELECT l.event_id FROM events_eventlink l JOIN {ready} r ON l.other_id = r.id
) t
"""

REFUSED = """
SELECT DISTINCT ON (s.line) s.line, r.reason, r.field, r.value
FROM refused r JOIN seen s ON s.label = ANY(%(labels)s)
    AND (CASE WHEN s.label = ANY(%(proposed)s) AND r.ref IS NOT NULL THEN s.key = r.ref
        ELSE s.line = r.line END)
-- The cause before what follows from it.
WHERE r.label = ANY(%(labels)s)
ORDER BY s.line, r.reason LIKE 'breaks%%', r.reason, r.field
"""


# What was refused without being the record of a row: places and actors that rows refer to.
OTHERS_REFUSED = """
SELECT r.label, r.reason, count(*), min(r.line) FROM refused r
WHERE NOT EXISTS (SELECT FROM seen s WHERE (s.line = r.line OR s.key = r.ref)
    AND split_part(s.label, '.', 1) = split_part(r.label, '.', 1))
GROUP BY r.label, r.reason ORDER BY count(*) DESC LIMIT 10
"""


def _labels(family: dict[str, tuple[str, ...]]) -> list[str]:
    return [label for record, belongings in family.items() for label in (record, *belongings)]


def _family(label: str) -> dict[str, tuple[str, ...]]:
    return next(family for family in FAMILIES if label in family)


def _plural(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name_plural)
