from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class SourcesConfig(AppConfig):
    """How we know."""

    name = "sources"

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self)


def install_triggers(using: str, **_: Any) -> None:
    """Let the database count the changes of what is served, and keep those of curators."""
    from sources import revision, trail

    tables = connections[using].introspection.table_names()
    if "sources_revision" in tables:
        revision.install(connections[using])
    if "sources_edit" in tables:
        trail.install(connections[using])
