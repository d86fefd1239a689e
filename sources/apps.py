from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class SourcesConfig(AppConfig):
    """How we know."""

    name = "sources"

    def ready(self) -> None:
        post_migrate.connect(install_revision, sender=self)


def install_revision(using: str, **_: Any) -> None:
    """Let the database count the changes of what is served."""
    from sources.revision import install

    if "sources_revision" in connections[using].introspection.table_names():
        install(connections[using])
