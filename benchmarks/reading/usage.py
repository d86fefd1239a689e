"""Processor time: of a server with all its workers, and of PostgreSQL with all its processes."""

from typing import Any

import psutil


class Tree:
    """A process and all that it has started."""

    def __init__(self, process: psutil.Process) -> None:
        self.process = process

    def seconds(self) -> float:
        """Return the processor time so far, that of children that have ended included."""
        own = self.process.cpu_times()
        total: float = own.user + own.system + own.children_user + own.children_system
        for child in self.process.children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total


def postgresql(connection: Any) -> Tree | None:
    """Return the processes of the server of a Django connection; None if they are not to be seen here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        server = psutil.Process(pid).parent()
    except psutil.NoSuchProcess:
        return None
    return Tree(server) if server is not None and server.name() == "postgres" else None
