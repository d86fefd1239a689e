from io import StringIO
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import Count
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from events.uses import count_uses
from ingest.importing import alone
from ingest.removing import StillNeeded, remove_dataset, remove_release
from ingest.report import NothingPublished
from ingest.session import ImporterCommand, Session
from sources.models import Dataset, Release

# Wide enough for any row: what does not fit a terminal is wrapped there, and stays whole in a file.
WIDTH = 200
ACTIONS = ("list", "show", "remove", "serve", "withhold")


class Command(ImporterCommand):
    """Lists datasets and their releases, shows one, removes it, or decides who sees it."""

    help = "List datasets; or: datasets show|remove|serve|withhold ID [--release VERSION]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
        parser.add_argument("dataset", nargs="?", metavar="ID")
        parser.add_argument(
            "--release",
            metavar="VERSION",
            help="With remove: only the records that are as this release has them.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        action, name = options["action"], options["dataset"]
        if options["release"] and action != "remove":
            raise CommandError("--release goes with remove.")
        if action == "list":
            if name:
                raise CommandError(f"Did you mean: manage.py datasets show {name}?")
            return self._list()
        if name is None:
            raise CommandError(f"Say which dataset: manage.py datasets {action} ID")
        if action == "show":
            return self._show(_dataset(name))
        if action == "remove":
            return self._remove(name, options["release"])
        return self._decide(_dataset(name), served=action == "serve")

    def _list(self) -> None:
        table = _table("id", "licence", "events", "agreements", "releases", "clients")
        counts = {
            relation: dict(Dataset.objects.values_list("pk").annotate(Count(relation)))
            for relation in ("events", "agreements", "releases")
        }
        for dataset in Dataset.objects.order_by("public_id"):
            table.add_row(
                dataset.public_id,
                dataset.licence,
                *(f"{counts[relation][dataset.pk]:,}" for relation in counts),
                "see it" if dataset.served else "do not see it",
            )
        self._print(table)

    def _show(self, dataset: Dataset) -> None:
        passed_on = "may be passed on" if dataset.redistributable else "may not be passed on"
        seen = "clients see it" if dataset.served else "clients do not see it"
        lines = [
            f"{dataset.public_id}: {dataset.name}",
            f"{dataset.licence}; {passed_on}; {seen}",
            dataset.citation,
        ]
        self.stdout.write("\n".join(lines))
        table = _table(
            *("release", "loaded", "read", "rejected", "new", "changed", "unchanged", "removed"),
            *("events as it has them", "checksum"),
        )
        releases = dataset.releases.annotate(as_it_has=Count("events")).order_by("loaded_at", "pk")
        for release in releases:
            counts = (
                release.read,
                release.rejected,
                release.new,
                release.changed,
                release.unchanged,
                release.removed,
                release.as_it_has,
            )
            table.add_row(
                release.version,
                f"{release.loaded_at:%Y-%m-%d %H:%M}",
                *("" if count is None else f"{count:,}" for count in counts),
                release.checksum[:12],
            )
        self._print(table)

    def _remove(self, name: str, version: str | None) -> None:
        dataset = _dataset(name)
        try:
            with alone(name), transaction.atomic():
                session = Session()
                session.lock_writers()
                if version is None:
                    removed = remove_dataset(session, dataset.pk)
                else:
                    removed = remove_release(session, dataset.pk, _release(dataset, version))
                count_uses(session.cursor)
        except (StillNeeded, NothingPublished) as error:
            raise CommandError(str(error)) from error
        what = f"{name} {version}" if version else name
        counts = ", ".join(f"{count:,} {noun}" for noun, count in removed.items() if count)
        self.stdout.write(f"Removed {what}: {counts or 'no records'}.")

    def _decide(self, dataset: Dataset, *, served: bool) -> None:
        dataset.served = served
        with transaction.atomic(), connection.cursor() as cursor:
            dataset.save(update_fields=["served"])
            count_uses(cursor)
        self.stdout.write(
            f"Clients see {dataset.public_id}."
            if served
            else f"Clients do not see {dataset.public_id} any more."
        )

    def _print(self, table: Table) -> None:
        text = StringIO()
        Console(file=text, width=WIDTH).print(table)
        self.stdout.write(text.getvalue(), ending="")


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _dataset(name: str) -> Dataset:
    dataset = Dataset.objects.filter(public_id=name).first()
    if dataset is None:
        known = ", ".join(Dataset.objects.order_by("public_id").values_list("public_id", flat=True))
        raise CommandError(f"There is no dataset “{name}”. Known are: {known or 'none'}.")
    found: Dataset = dataset
    return found


def _release(dataset: Dataset, version: str) -> int:
    release = Release.objects.filter(dataset=dataset, version=version).first()
    if release is None:
        known = ", ".join(dataset.releases.values_list("version", flat=True))
        raise CommandError(f"{dataset} has no release “{version}”. It has: {known or 'none'}.")
    return int(release.pk)
