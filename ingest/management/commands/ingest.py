import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingest.files import Rejected, SourceFile, WrongFile
from ingest.importing import Request, import_file
from ingest.progress import Progress, print_report
from ingest.readers import READERS
from ingest.readers.base import Reader
from ingest.removing import StillNeeded
from ingest.report import NothingPublished, Plan
from ingest.session import ImporterCommand


class Command(ImporterCommand):
    """Imports a file of an event dataset, a dossier or a gazetteer."""

    help = "Import a file: manage.py ingest ucdp-ged GEDEvent_v23_1.csv.gz"

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        # Else an option between the two positionals would end them, the second being optional.
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reader", choices=list(READERS), help="What the file is.")
        parser.add_argument("file", nargs="?", help="Plain, gz or zip. The gazetteer has its own.")
        parser.add_argument("--dataset", metavar="ID", help="Dataset to load it into.")
        parser.add_argument("--release", metavar="VERSION", help="Which release of it the file is.")
        parser.add_argument(
            "--partial",
            action="store_true",
            help="The file is a part of its release: records that it leaves out stay.",
        )
        parser.add_argument(
            "--serve",
            action="store_true",
            help="Show it to clients although it may not be passed on to anyone: for a service that "
            "only those can reach who may see it.",
        )
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="Write every record anew: after a change of types or of the gazetteer.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Do all of it, and undo it.")
        parser.add_argument("--limit", type=_rows, metavar="N", help="Only the first N rows.")
        parser.add_argument(
            "--reject-report", type=Path, metavar="FILE", help="Write rejected rows here, as CSV."
        )
        parser.add_argument(
            "--max-rejected",
            type=_share,
            default=0.01,
            metavar="PERCENT",
            help="Publish nothing when more rows than this are rejected (default 1%%).",
        )
        parser.add_argument(
            "--max-removed",
            type=_share,
            default=0.2,
            metavar="PERCENT",
            help="Publish nothing when more of the dataset than this would be removed (default 20%%).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        reader = READERS[options["reader"]]
        request = Request(
            Plan(
                whole=reader.whole and not options["partial"] and options["limit"] is None,
                most_rejected=options["max_rejected"],
                most_removed=options["max_removed"],
                dry_run=options["dry_run"],
            ),
            options["dataset"],
            options["release"],
            options["serve"],
            options["limit"],
            options["refresh"],
        )
        try:
            source = SourceFile(_path(reader, options["file"]))
            with (
                _reject_report(options["reject_report"], source) as on_reject,
                Progress(source) as progress,
            ):
                dataset, report = import_file(reader, source, request, progress.say, on_reject)
        except WrongFile as error:
            told, guess = str(error), _guess(reader, options["file"])
            raise CommandError(f"{told.rstrip('.')}.{guess}" if guess else told) from error
        except (NothingPublished, StillNeeded) as error:
            raise CommandError(str(error)) from error
        print_report(dataset, report, progress.seconds, dry_run=options["dry_run"])


def _path(reader: Reader, name: str | None) -> Path:
    if name is None and not reader.builtin:
        raise CommandError(f"Name the file: manage.py ingest {reader.name} FILE")
    name = name or next(iter(reader.builtin))
    return Path(name) if Path(name).exists() else reader.builtin.get(name, Path(name))


def _guess(reader: Reader, name: str | None) -> str:
    """Return what a wrong file looks like instead, as a sentence, where that can be told."""
    try:
        head = SourceFile(_path(reader, name)).head()
    except (WrongFile, CommandError):
        return ""
    for other in READERS.values():
        if other is not reader and other.recognises(head):
            return f" It looks like {other.what}: manage.py ingest {other.name} {name}"
    return ""


def _ignore(_: Rejected) -> None:
    """Take a rejected row and write it nowhere: the closing table counts it."""


@contextmanager
def _reject_report(path: Path | None, source: SourceFile) -> Iterator[Any]:
    """Yield a function that takes rejected rows, and writes them to the file if there is one.

    The file is written when the import has come to an end, also to that of too many rejected. One that
    is there stays as it is when the import fails in another way.
    """
    if path is None:
        yield _ignore
        return
    with _writing(path):
        is_new = not path.exists()
        if not is_new and path.samefile(source.path):
            raise CommandError(f"{path} is the file that is imported; write the report to another.")
        if path.is_file() or path.is_dir():
            # What cannot be written is told before the work, not after it.
            path.open("r+b").close()
        folder = path.parent if is_new or path.is_file() else None
        spool = TemporaryFile("w+", encoding="utf-8", newline="", dir=folder)  # noqa: SIM115 (closed below)
    with spool:
        writer = csv.writer(spool)
        writer.writerow(["line", "column", "value", "reason"])

        def write(row: Rejected) -> None:
            with _writing(path):
                writer.writerow([row.line, row.column, row.value, row.reason])

        try:
            yield write
        except (NothingPublished, StillNeeded):
            _finish(spool, path)
            raise
        _finish(spool, path)


def _finish(spool: Any, path: Path) -> None:
    with _writing(path), path.open("w", encoding="utf-8", newline="") as file:
        spool.seek(0)
        copyfileobj(spool, file)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _rows(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _share(text: str) -> float:
    percent = float(text.removesuffix("%"))
    if not 0 <= percent <= 100:
        raise ValueError(text)
    return percent / 100
