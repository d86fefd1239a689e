"""Metrics for Prometheus, if they are asked for: what the workers count, and what the database says when it is asked.

Each worker counts in files of its own (`PROMETHEUS_MULTIPROC_DIR`), which the main process adds up for whoever asks it. It
needs the package prometheus-client.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import Error, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.tracing import KEPT, ROUTE
from config.access import Answered
from sources.models import Revision

# Nobody else is to see them.
ADDRESS = "127.0.0.1"

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
# From a kept answer to the limit of a statement, in seconds.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("dateline_requests", "Requests answered.", ["route", "method", "status"])
DURATION = Histogram(
    "dateline_request_duration_seconds",
    "Time to the last byte of an answer.",
    ["route"],
    buckets=BUCKETS,
)
KEPT_ANSWERS = Counter("dateline_kept_answers", "Answers that were kept and given again.")
ERRORS = Counter(
    "dateline_database_errors", "Statements that failed, by class of SQLSTATE.", ["sqlstate_class"]
)

# Not what they do, which a role is told of its own alone.
CONNECTIONS = """
    SELECT usename, count(*), current_setting('max_connections')::int FROM pg_stat_activity
    WHERE datname = current_database() AND usename IS NOT NULL GROUP BY 1"""


@lru_cache(maxsize=4096)
def _of(route: str, method: str, status: int) -> tuple[Any, Any]:
    return REQUESTS.labels(route, method, str(status)), DURATION.labels(route)


def count(answered: Answered) -> None:
    """Count a request."""
    request = answered.request
    method = request["REQUEST_METHOD"]
    requests, duration = _of(
        request.get(ROUTE, "none"), method if method in METHODS else "other", answered.status
    )
    requests.inc()
    duration.observe(answered.seconds)
    if KEPT in request:
        KEPT_ANSWERS.inc()


def count_error(error: BaseException) -> None:
    """Count a statement that failed: class 08 is a lost connection, 57 one that was ended."""
    state = getattr(error.__cause__, "sqlstate", None)
    ERRORS.labels(state[:2] if state else "none").inc()


class Database(Collector):
    """What the database says of the data and of its connections, at the moment that it is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield it; of a database that does not answer, that it does not."""
        up = GaugeMetricFamily("dateline_database_up", "Whether the database answers.")
        try:
            found = list(_asked())
            up.add_metric([], 1)
            yield from found
        except Error:
            up.add_metric([], 0)
        finally:
            connection.close()
        yield up


def _asked() -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '2s'")
        cursor.execute(CONNECTIONS)
        connections = GaugeMetricFamily(
            "dateline_database_connections", "Connections to the database.", labels=["role"]
        )
        rows = cursor.fetchall()
    for role, number, _ in rows:
        connections.add_metric([role], number)
    yield connections
    yield GaugeMetricFamily(
        "dateline_database_connections_max", "Connections that the server allows.", value=rows[0][2]
    )
    revision = Revision.current()
    age = timezone.now() - revision.changed_at
    yield GaugeMetricFamily("dateline_data_revision", "The data revision.", value=revision.number)
    yield GaugeMetricFamily(
        "dateline_data_age_seconds", "Time since the data changed last.", value=age.total_seconds()
    )


def serve(folder: Path, port: int) -> None:
    """Tell what workers counted in `folder`, on a port of this machine alone. Raises OSError if it is taken."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    registry.register(Database())
    start_http_server(port, addr=ADDRESS, registry=registry)
