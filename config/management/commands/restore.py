from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from rich.console import Console

from config.backup import BackupError
from config.backup.restoring import restore
from sources.models import Revision


class Command(BaseCommand):
    """Brings back what `manage.py backup` wrote: all of it, or nothing."""

    help = "Bring a backup back into an empty database: manage.py restore dateline.backup"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="What manage.py backup wrote.")
        parser.add_argument(
            "--replace", action="store_true", help="Put it in the place of all that is there now."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, began = options["file"], monotonic()
        try:
            with Console(stderr=True).status("restoring"):
                manifest = restore(path, replace=options["replace"])
        except (BackupError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored, and every table is as it was backed up: {manifest.contents}.\n"
            f"It is data revision {Revision.current().number} now. {monotonic() - began:.1f} seconds."
        )
