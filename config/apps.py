import logging
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

log = logging.getLogger(__name__)


class ConfigConfig(AppConfig):
    """How the pieces are put together; holds the command that runs the service."""

    name = "config"

    def ready(self) -> None:
        # Sent once all tables are there, in the name of each app that has models, as this one has not.
        post_migrate.connect(install_roles, sender=apps.get_app_config("sources"))


def install_roles(using: str, **_: Any) -> None:
    """Make the roles that connect under names of their own, and let them do what they have to."""
    from config.roles import grant, make, roles

    connection = connections[using]
    wanted = roles(connection)
    with connection.maker() if hasattr(connection, "maker") else connection.cursor() as cursor:
        absent = make(cursor, wanted)
    for role in wanted:
        if role in absent:
            log.warning(
                "There is no role %s: see `manage.py roles`, then migrate again.", role.name
            )
        else:
            grant(connection, role)
