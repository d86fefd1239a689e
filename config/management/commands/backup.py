from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from rich.console import Console

from config.backup import BackupError
from config.backup.dumping import back_up


class Command(BaseCommand):
    """Writes all that the database holds to one file, also while the service runs and imports go on."""

    help = "Write the database to one new file: manage.py backup dateline.backup"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="A file that is not there yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        path, began = options["file"], monotonic()
        try:
            with Console(stderr=True).status("reading the database"):
                manifest = back_up(path)
        except (BackupError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{path}: {manifest.contents}; {path.stat().st_size / 1e6:,.1f} MB, "
            f"{monotonic() - began:.1f} seconds."
        )
