from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

RECORDS = {"events", "agreements", "actors", "places", "sources"}


class EventsConfig(AppConfig):
    """What happened."""

    name = "events"

    def ready(self) -> None:
        pre_migrate.connect(remove_bodies, sender=self)
        post_migrate.connect(install_bodies, sender=self)


def remove_bodies(using: str, plan: Any, **_: Any) -> None:
    """Take function and triggers out of the way of migrations that change tables of records."""
    from events.bodies import EVENT_BODIES

    if any(migration.app_label in RECORDS for migration, _ in plan):
        EVENT_BODIES.uninstall(connections[using])


def install_bodies(using: str, **_: Any) -> None:
    """Give the database the function and triggers that keep the bodies of events."""
    from events.bodies import EVENT_BODIES

    connection = connections[using]
    if EVENT_BODIES.tables.issubset(connection.introspection.table_names()):
        EVENT_BODIES.install(connection)
