"""What is noted of requests and statements, by the settings: nothing, unless it is asked for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management.base import CommandError

from config.access import Observer, write_line
from config.statements import Failed, Statements

# The variable of prometheus_client for the folder in which processes count.
COUNTED_IN = "PROMETHEUS_MULTIPROC_DIR"


def observers() -> list[Observer]:
    """Return what is shown each request that was answered."""
    chosen: list[Observer] = [write_line] if settings.ACCESS_LOG else []
    if measures():
        from config.metrics import count

        chosen.append(count)
    return chosen


def statements() -> Statements:
    """Return what watches the statements of the database."""
    failed: Failed | None = None
    if measures():
        from config.metrics import count_error

        failed = count_error
    slow = settings.SLOW_QUERY_MS
    return Statements(None if slow is None else slow / 1000, failed)


@contextmanager
def measuring(port: int | None) -> Iterator[None]:
    """Have the processes that this one starts count, and tell on `port` what they counted.

    Raises CommandError if that cannot be.
    """
    if port is None:
        yield
        return
    with TemporaryDirectory(prefix="dateline-metrics-") as folder:
        # Read when prometheus_client is imported, which is therefore not done above.
        os.environ[COUNTED_IN] = folder
        try:
            from config.metrics import serve

            serve(Path(folder), port)
        except ImportError as error:
            raise CommandError(
                "METRICS_PORT needs prometheus-client: pip install -r requirements-metrics.txt"
            ) from error
        except OSError as error:
            raise CommandError(f"METRICS_PORT: {port} cannot be used: {error.strerror}.") from error
        yield


def measures() -> bool:
    """Return whether somebody adds up what is counted: without, prometheus-client need not be there."""
    return COUNTED_IN in os.environ
