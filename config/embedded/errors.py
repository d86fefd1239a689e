"""The one error of the embedded database."""

import psycopg


class EmbeddedPostgresError(psycopg.OperationalError):
    """The embedded PostgreSQL cannot be made or started; the text says why and what to do.

    It is an operational error of the driver, so Django reports it as a database that is down.
    """
