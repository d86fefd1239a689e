"""This API under other settings, as `benchmarks.reading.settings` varies them, on a port."""

import os
import sys


def main(port: int) -> None:
    """Serve until told to stop."""
    import django

    django.setup()
    from config import gate
    from config.management.commands import up
    from config.parent import announce

    workers, threads = map(int, os.environ["BENCHMARK_SERVER"].split())
    # All of them may use the database.
    up.THREADS = gate.PLACES = threads
    announce()
    up._server("127.0.0.1", port, workers).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
