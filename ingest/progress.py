"""What whoever imports sees: how far it is, and what became of it."""

import time
from types import TracebackType
from typing import Self

from django.apps import apps
from rich.console import Console
from rich.progress import (
    BarColumn,
    FileSizeColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TotalFileSizeColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from ingest.files import SourceFile
from ingest.records import Dataset
from ingest.report import Report

REASONS = 10


class Progress:
    """A bar of how much of the file has been read, with rate and time left; then what is being done.

    It is drawn on terminals only.
    """

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.began = time.monotonic()
        self.seconds = 0.0
        self.bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            FileSizeColumn(),
            TextColumn("of"),
            TotalFileSizeColumn(),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task(f"reading {source.name}", total=source.size)

    def say(self, doing: str) -> None:
        """Say what is being done now, and show how much of the file has been read by now."""
        read = self.source.position() or self.source.size
        self.bar.update(self.task, description=doing, completed=read)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()
        self.seconds = time.monotonic() - self.began


def print_report(dataset: Dataset, report: Report, seconds: float, *, dry_run: bool) -> None:
    """Print what an import did."""
    console = Console(soft_wrap=True)
    table = Table(title=f"{dataset.id} {dataset.release}", title_justify="left")
    for heading in ("", "new", "changed", "unchanged", "removed"):
        table.add_column(heading, justify="right" if heading else "left")
    for label, tally in report.tallies.items():
        counts = (tally.new, tally.changed, tally.unchanged, tally.removed)
        if any(counts):
            noun = str(apps.get_model(label)._meta.verbose_name_plural)
            table.add_row(noun, *(f"{count:,}" for count in counts))
    console.print(table)
    skipped = report.skipped.total()
    parts = [
        f"{report.read:,} rows read",
        f"{report.published:,} published",
        f"{report.rejected:,} rejected",
        *([f"{skipped:,} out of scope"] if skipped else []),
        f"{seconds:.1f} seconds",
    ]
    console.print(", ".join(parts) + ".")
    for reason, count in (report.reasons + report.skipped).most_common(REASONS):
        console.print(Text(f"  {count:,} × {reason}"))
    for note in report.notes:
        console.print(Text(note))
    if dry_run:
        console.print("This was a dry run: nothing was changed.")
