"""Datasette over a copy of the events in SQLite: one flat table, an index for each column it is asked by.

Its answers are rows and not nested records, in an envelope of its own: what it does is less.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

COLUMNS = {
    # Rows come in the order of this, unless something else is asked for: the newest first.
    "key": "row_number() OVER (ORDER BY e.sort_date DESC, e.id DESC)",
    "id": "e.public_id",
    "title": "e.title",
    "summary": "e.summary",
    "type": "t.code",
    "root_type": "r.code",
    "status": "e.status",
    "certainty": "e.certainty",
    "sort_date": "e.sort_date::text",
    "end_date": "e.end_date::text",
    "edtf": "e.edtf",
    "place": "l.name",
    "country": "n.name",
    "latitude": "coalesce(e.latitude, l.latitude)",
    "longitude": "coalesce(e.longitude, l.longitude)",
    "actors": "(SELECT string_agg(a.name, '; ' ORDER BY p.position) FROM events_participation p "
    "JOIN actors_actor a ON a.id = p.actor_id WHERE p.event_id = e.id)",
    "deaths_best": "e.deaths_best",
    "displaced_best": "e.displaced_best",
    "dataset": "d.public_id",
    "release": "s.version",
    "updated_at": "e.updated_at::text",
    "revision": "e.revision",
}
INDEXES = ("id", "place", "country", "type", "sort_date")


def copy_events(connection: Any, path: Path) -> None:
    """Write the events of a PostgreSQL connection (psycopg's) to a SQLite file at `path`."""
    from benchmarks.reading.contestants.sql import REFERENCES

    named = ", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())
    gaps = ", ".join("?" * len(COLUMNS))
    target = sqlite3.connect(path)
    with target:
        target.execute("PRAGMA journal_mode = OFF")
        target.execute(
            f"CREATE TABLE events (key INTEGER PRIMARY KEY, {', '.join(list(COLUMNS)[1:])})"
        )
        with connection.transaction(), connection.cursor("events") as cursor:
            cursor.itersize = 5_000
            cursor.execute(f"SELECT {named} FROM events_event e {REFERENCES} ORDER BY 1")
            target.executemany(f"INSERT INTO events VALUES ({gaps})", cursor)
        for column in INDEXES:
            target.execute(f"CREATE INDEX events_{column} ON events ({column})")
        target.execute("ANALYZE")
    target.close()


def application() -> Any:
    """Return Datasette as an ASGI application over the file that the run has made."""
    from datasette.app import Datasette

    path = os.environ["BENCHMARK_SQLITE"]
    settings = {"num_sql_threads": 4, "suggest_facets": False, "sql_time_limit_ms": 30_000}
    return Datasette(immutables=[path], settings=settings).app()
