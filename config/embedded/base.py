"""Django's database backend for the embedded server: PostgreSQL's own, started when needed."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient

from config.embedded.account import binaries
from config.embedded.starter import ensure_running


class EmbeddedClient(DatabaseClient):
    """The command `dbshell`, with the terminal program that comes with the server."""

    def runshell(self, parameters: Iterable[str]) -> None:
        """Start the server, then psql."""
        ensure_running(self.connection.settings_dict["EMBEDDED_FOLDER"])
        type(self).executable_name = str(binaries() / "psql")
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server, which runs as soon as a connection is asked for.

    Commands that never touch the database start nothing.
    """

    client_class = EmbeddedClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return what to connect with, to a server that runs. Connection pools ask here too."""
        ensure_running(self.settings_dict["EMBEDDED_FOLDER"])
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, or take a connection of the pool, after a look at the server's keeper."""
        ensure_running(self.settings_dict["EMBEDDED_FOLDER"])
        return super().get_new_connection(conn_params)
