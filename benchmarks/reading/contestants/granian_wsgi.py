"""Serves a WSGI application with the server, the workers and the threads that this API has."""

import sys

# As `manage.py up` has by default; a test compares.
WORKERS, THREADS = 2, 8


def main(target: str, port: int) -> None:
    """Serve until told to stop."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
