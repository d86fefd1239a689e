"""A relay between the service and its database, which can be slow, silent or cut."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

PIECE = 16_384


class Relay:
    """Passes on what comes to a port of its own, after `delay` seconds; while it is silent, nothing."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay = 0.0
        self.flows = threading.Event()
        self.flows.set()
        # After so many bytes of the database's next answers its connection is cut.
        self.cut_after: int | None = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            self.open += [client, server]
            self._start(self._pass, client, server, False)
            self._start(self._pass, server, client, True)

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                if self.delay:
                    time.sleep(self.delay)
                self.flows.wait()
                if answers and self.cut_after is not None:
                    target.sendall(piece[: self.cut_after])
                    break
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def reset(self) -> None:
        """Cut every connection, without a word."""
        ends, self.open = self.open, []
        for end in ends:
            with suppress(OSError):
                # Closed with a reset, as by a machine that has lost its memory.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listener.close()
        self.flows.set()
        self.reset()
