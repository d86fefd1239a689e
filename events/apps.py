from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class EventsConfig(AppConfig):
    """What happened."""

    name = "events"

    def ready(self) -> None:
        post_migrate.connect(install_bodies, sender=self)


def install_bodies(using: str, **_: Any) -> None:
    """Give the database the function and triggers that keep the bodies of events."""
    from events.bodies import EVENT_BODIES

    connection = connections[using]
    if EVENT_BODIES.body_model._meta.db_table in connection.introspection.table_names():
        EVENT_BODIES.install(connection)
