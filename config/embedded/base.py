"""Django's database backend for the embedded server: PostgreSQL's own, started when needed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient

from config.embedded.account import binaries
from config.embedded.cluster import SUPERUSER
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

    @contextmanager
    def maker(self) -> Iterator[psycopg.Cursor[Any]]:
        """Yield a cursor of the one who may make roles; the application's role may not."""
        parameters = ensure_running(self.settings_dict["EMBEDDED_FOLDER"]).connection_parameters()
        with psycopg.connect(**{**parameters, "user": SUPERUSER}, autocommit=True) as session:
            yield session.cursor()
            # Who may connect is told anew to a server that an earlier release of ours has started.
            session.execute("SELECT pg_reload_conf()")
