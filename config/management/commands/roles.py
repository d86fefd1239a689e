from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from config.roles import EXIST, roles


class Command(BaseCommand):
    """Prints the SQL that makes the roles that are missing, for whoever may run it."""

    help = "Show as whom imports and the API connect, and print the SQL that makes what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = roles(connection)
        with connection.cursor() as cursor:
            cursor.execute(EXIST, [[role.name for role in wanted]])
            names, _ = cursor.fetchone()
        if not wanted:
            self.stdout.write(
                "-- Everybody connects as the owner: set DATABASE_IMPORTER_URL and DATABASE_READER_URL."
            )
        for role in wanted:
            if role.name in names:
                self.stdout.write(f"-- {role.kind}: {role.name} is there.")
            else:
                self.stdout.write(f"-- {role.kind}: {role.name}; then `manage.py migrate` grants.")
                self.stdout.write(role.statement())
