"""An embedded PostgreSQL: a database with nothing to install and nothing to run first.

It starts with the first connection and stops when the last process that uses it has ended.
"""

from pathlib import Path
from typing import Any

from config.embedded.cluster import NAME, Cluster
from config.embedded.errors import EmbeddedPostgresError
from config.embedded.starter import ensure_running

__all__ = ["Cluster", "EmbeddedPostgresError", "ensure_running", "settings_for"]


def settings_for(folder: Path) -> dict[str, Any]:
    """Return Django's settings for the database in `folder`. Starts and makes nothing."""
    cluster = Cluster(folder)
    parameters = cluster.connection_parameters()
    return {
        "ENGINE": "config.embedded",
        "NAME": NAME,
        "USER": parameters["user"],
        "HOST": parameters["host"],
        "PORT": str(parameters["port"]),
        "EMBEDDED_FOLDER": cluster.folder,
    }
