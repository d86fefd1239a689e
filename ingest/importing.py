"""Importing a file: which dataset it is, who else is importing it, and what is noted of its release."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from django.db import DatabaseError, transaction
from django.utils import timezone

from events.models import EventType
from ingest.dossier import read_draft
from ingest.files import Rejected, SourceFile, WrongFile
from ingest.ids import LONGEST
from ingest.loader import Loader
from ingest.merging import Import
from ingest.proofs import check_taken, prove
from ingest.readers.base import Heading, Outcome, Reader
from ingest.records import Dataset as DatasetRecord
from ingest.removing import lift_tombstones
from ingest.report import NothingPublished, Plan, Report
from ingest.resolution import Owner
from ingest.rows import BadRecord, RowWriter
from ingest.session import Session, is_set_up
from sources.choices import DocumentKind
from sources.models import Dataset, Document, Release
from sources.records import PUBLIC_ID

# Any number that no other lock of ours is or begins with: by itself the lock of all imports, which share
# it, with another the lock of one dataset.
IMPORT_LOCK = 20201121


@dataclass(frozen=True)
class Request:
    """What whoever imports asks for beyond the file.

    `dataset` and `release` go before what the reader and the file say. `serve`: clients may see a
    dataset although it may not be passed on to anyone. `limit`: no more than the first rows.
    `refresh`: look at every record again, also at those that say what they said.
    """

    plan: Plan
    dataset: str | None = None
    release: str | None = None
    serve: bool = False
    limit: int | None = None
    refresh: bool = False


@dataclass(frozen=True)
class Delivery:
    """Rows to import: what they are, and the SHA-256, in hex, of what they are read from."""

    heading: Heading
    checksum: str
    rows: Iterable[Outcome]
    curated: bool = False


def import_file(
    reader: Reader,
    source: SourceFile,
    request: Request,
    progress: Callable[[str], None],
    on_reject: Callable[[Rejected], None],
) -> tuple[DatasetRecord, Report]:
    """Import a file and return what it was and what became of it.

    Raises WrongFile, NothingPublished or StillNeeded, and then the data are as they were.
    """
    if reader.curated:
        with _refusals_told():
            _prove(source, request.dataset)
    heading = _heading(reader, source, request)
    checksum = source.checksum()

    def rows() -> Iterator[Outcome]:
        yield from islice(reader.read(source), request.limit)
        if source.checksum() != checksum:
            raise WrongFile(f"{source.name} changed while it was read; nothing was published.")

    delivery = Delivery(heading, checksum, rows(), reader.curated)
    return heading.dataset, import_rows(delivery, request, progress, on_reject)


def _prove(source: SourceFile, dataset: str | None) -> None:
    """Raise WrongFile with all the mistakes of a file that somebody wrote by hand."""
    try:
        draft = read_draft(source.path)
        check_taken(draft, dataset)
        prove(draft, EventType.objects.values_list("code", flat=True))
    except BadRecord as error:
        raise WrongFile(str(error)) from error


def import_rows(
    delivery: Delivery,
    request: Request,
    progress: Callable[[str], None],
    on_reject: Callable[[Rejected], None],
) -> Report:
    """Import rows, wherever they come from, and return what became of them.

    Raises NothingPublished or StillNeeded, and then the data are as they were.
    """
    dataset = delivery.heading.dataset
    with _refusals_told(), alone(dataset.id):
        writer = RowWriter(dataset, delivery.heading.passages)
        loader = Loader(writer, request.plan, progress, on_reject)
        try:
            known = Dataset.objects.filter(public_id=dataset.id).first()
            loader.stage(delivery.rows, None if request.refresh else known and known.pk)
            with transaction.atomic():
                context = _context(delivery, request)
                report = loader.merge(context)
                _note(context, delivery.checksum, report)
                transaction.set_rollback(request.plan.dry_run)
        finally:
            loader.staging.drop()
    return report


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Tell in a sentence what the database refuses."""
    try:
        yield
    except DatabaseError as error:
        if not is_set_up(error):
            raise
        raise NothingPublished(
            f"The database refused it; nothing was published: {error}"
        ) from error


def _heading(reader: Reader, source: SourceFile, request: Request) -> Heading:
    heading = reader.heading(source) if reader.heading else Heading(_described(reader))
    told = reader.release(source.name) if reader.release else None
    release = request.release or heading.dataset.release or told
    if not release:
        # What the file is not matters more than what it lacks.
        next(reader.read(source), None)
        raise WrongFile(
            f"Which release {source.name} is cannot be told from its name; say it with --release."
        )
    id_ = request.dataset or heading.dataset.id
    for what, text in (("id of a dataset", id_), ("release", release)):
        if len(text) > LONGEST:
            raise WrongFile(f"“{text[:20]}…” is too long for the {what}: {LONGEST} is the most.")
    if not re.fullmatch(PUBLIC_ID, id_):
        raise WrongFile(f"“{id_}” is no id of a dataset: lower-case words joined by hyphens.")
    if not release.strip():
        raise WrongFile("A release has a name; say it with --release.")
    dataset = replace(heading.dataset, id=id_, release=release)
    return replace(heading, dataset=dataset)


def _described(reader: Reader) -> DatasetRecord:
    if reader.dataset is None:
        raise WrongFile(f"The reader {reader.name} says nothing of its dataset.")
    return reader.dataset


@contextmanager
def alone(dataset: str) -> Iterator[None]:
    """Hold the lock of those who import this dataset; it ends with the session."""
    key = zlib.crc32(dataset.encode()) - 2**31
    with (
        _locked(
            "A backup is being restored; try again when that is done.", "_shared(%s)", IMPORT_LOCK
        ),
        _locked(
            f"{dataset} is being imported or removed by somebody else; try again when they are done.",
            "(%s, %s)",
            IMPORT_LOCK,
            key,
        ),
    ):
        yield


@contextmanager
def no_imports() -> Iterator[None]:
    """Hold the lock of all imports: what they have staged rests on the data that there are."""
    with _locked(
        "Somebody imports or removes a dataset; try again when they are done.", "(%s)", IMPORT_LOCK
    ):
        yield


@contextmanager
def _locked(refusal: str, form: str, *keys: int) -> Iterator[None]:
    """Hold a lock in one of PostgreSQL's forms; raise NothingPublished if somebody else holds it."""
    session = Session()
    if not session.value(f"SELECT pg_try_advisory_lock{form}", keys):
        raise NothingPublished(refusal)
    try:
        yield
    finally:
        session.run(f"SELECT pg_advisory_unlock{form}", keys)


def _context(delivery: Delivery, request: Request) -> Import:
    """Return what all rows have in common, with the rows of dataset and release written."""
    record = delivery.heading.dataset
    described = {
        name: value for name, value in vars(record).items() if name not in ("id", "release")
    }
    dataset, is_new = Dataset.objects.get_or_create(
        public_id=record.id,
        defaults={**described, "served": record.redistributable or request.serve},
    )
    if is_new:
        lift_tombstones(Session(), "sources.dataset")
    if dataset.name != record.name:
        raise NothingPublished(
            f"{record.id} is {dataset.name}, and the file is of {record.name}; nothing was published. "
            "Name another dataset with --dataset."
        )
    stale = [name for name, value in described.items() if getattr(dataset, name) != value]
    for name in stale:
        setattr(dataset, name, described[name])
    if request.serve and not dataset.served:
        dataset.served = True
        stale.append("served")
    if stale and not is_new:
        dataset.save(update_fields=stale)
    release, _ = Release.objects.get_or_create(
        dataset=dataset, version=record.release, defaults={"checksum": delivery.checksum}
    )
    document = None if delivery.curated else _document(dataset)
    owner = Owner(dataset.pk, record.id, delivery.curated, record.redistributable)
    return Import(owner, release.pk, document, request.plan.whole)


def _document(dataset: Dataset) -> int:
    """Return the document that stands for a dataset, for what is added from it to other records."""
    document, _ = Document.objects.get_or_create(
        public_id=dataset.public_id,
        defaults={
            "kind": DocumentKind.DATASET,
            "title": dataset.name,
            "link": dataset.website,
            "dataset": dataset,
        },
    )
    return int(document.pk)


def _changed(report: Report) -> bool:
    return any(tally.new or tally.changed or tally.removed for tally in report.tallies.values())


def _note(context: Import, checksum: str, report: Report) -> None:
    """Note what an import did with its release, unless it changed nothing."""
    release = Release.objects.get(pk=context.release)
    if not _changed(report) and release.read is not None:
        return
    tallies = [tally for label, tally in report.tallies.items() if label in report.told]
    release.checksum = checksum
    release.loaded_at = timezone.now()
    release.read, release.rejected = report.read, report.rejected
    release.new = sum(tally.new for tally in tallies)
    release.changed = sum(tally.changed for tally in tallies)
    release.unchanged = sum(tally.unchanged for tally in tallies)
    release.removed = sum(tally.removed for tally in tallies)
    release.save()
