"""This API, as `manage.py up` serves it, on a port of ours.

`up` itself would load the article's records, which the other contestants do not tell whole.
"""

import os
import sys


def main(port: int) -> None:
    """Serve until told to stop."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from benchmarks.reading.contestants.granian_wsgi import WORKERS
    from config.gate import PLACES
    from config.management.commands import up
    from config.parent import announce

    # PostgreSQL has connections for a hundred threads, and everybody here has sixteen.
    up.THREADS = int(os.environ.get("BENCHMARK_THREADS", PLACES))
    announce()
    up._server("127.0.0.1", port, WORKERS).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
