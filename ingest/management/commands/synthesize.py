import re
from dataclasses import replace
from time import monotonic
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console

from ingest.files import Rejected
from ingest.importing import Delivery, Request, import_rows
from ingest.progress import print_report
from ingest.readers.base import Heading
from ingest.removing import StillNeeded
from ingest.report import NothingPublished, Plan
from ingest.session import ImporterCommand
from ingest.synthesis import checksum, dataset, synthesize

# No dataset of a name that a real one could have is written over with inventions.
NAMES = re.compile(r"synthetic(-[a-z0-9]+)*")


class Command(ImporterCommand):
    """Makes up a world of events and imports it."""

    help = "Load made-up events, for benchmarks and tests: manage.py synthesize 100000"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int, metavar="N", help="How many events.")
        parser.add_argument(
            "--seed", type=int, default=1, help="Another one makes up another world (default 1)."
        )
        parser.add_argument(
            "--dataset",
            type=_dataset,
            default="synthetic",
            metavar="ID",
            help="Dataset to load them into: synthetic, or synthetic-…",
        )
        parser.add_argument("--release", metavar="VERSION", help="Default: N and the seed.")

    def handle(self, *args: Any, **options: Any) -> None:
        count, seed = options["count"], options["seed"]
        if count < 1:
            raise CommandError("N is how many events to make: 1 or more.")
        made = dataset(options["release"] or f"{count}-{seed}")
        delivery = Delivery(
            Heading(replace(made, id=options["dataset"])),
            checksum(count, seed),
            synthesize(count, seed),
        )
        # A smaller world may take the place of a larger one.
        request = Request(Plan(whole=True, most_removed=1))
        began = monotonic()
        try:
            with Console(stderr=True).status("making it up") as status:
                report = import_rows(delivery, request, status.update, _fail)
        except (NothingPublished, StillNeeded) as error:
            raise CommandError(str(error)) from error
        print_report(delivery.heading.dataset, report, monotonic() - began, dry_run=False)


def _dataset(text: str) -> str:
    if not NAMES.fullmatch(text):
        raise ValueError(text)
    return text


def _fail(rejected: Rejected) -> None:
    raise CommandError(f"Event {rejected.line} is not fit to be loaded: {rejected.reason}.")
