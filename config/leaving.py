"""What a worker does that another takes the place of: it accepts no more connections, and closes those that it has.

A connection is closed with an answer on it, which tells the client to make another for the next request. To close
it at any other time would break off a request that is on its way.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

# Header fields of every answer from here on.
FIELDS: list[tuple[str, str]] = []


def leave(listening: int) -> None:
    """Accept nothing more on the socket with this file descriptor, and let connections end with an answer each."""
    FIELDS[:] = [("Connection", "close")]
    # The server accepts from a descriptor. What this one stands for is listened on by others, and may not be shut
    # down; so it, and every copy of it, comes to stand for a socket that nobody connects to.
    nobody = socket.socket()
    nobody.setblocking(False)
    nobody.bind(("127.0.0.1", 0))
    nobody.listen()
    wanted = os.fstat(listening).st_ino
    for copy in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        with suppress(OSError):  # the list itself is closed by now
            if os.fstat(copy).st_ino == wanted:
                os.dup2(nobody.fileno(), copy)
