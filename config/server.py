"""The web server: granian's, whose workers can be renewed while it serves without a request that fails.

Its own workers each make a listening socket, so that what waits there is lost with the worker; they break off
connections on which no request has begun; and a reload that cannot start them ends the service.
"""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from django.urls import get_resolver
from granian.constants import Interfaces
from granian.net import SocketHolder, SocketSpec
from granian.server import MPServer

from config.leaving import leave

log = logging.getLogger(__name__)

# How long a new worker may take to start, and an old one to end what it has begun, files above all, in seconds.
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.1
# How long an old worker goes on to answer on the connections that it has, and closes each.
LEAVE_SECONDS = 1.0
# By this a worker is told to leave. The main process is told to renew its workers by SIGHUP.
LEAVE = signal.SIGUSR1


class RenewingServer(MPServer):
    """A server whose main process holds a listening socket for each worker, and hands it from one to the next.

    Who waits there is answered by the next worker, whether the last was renewed or killed. Workers are started
    afresh, not forked: a fork would go on with the code that the main process began with, and with the locks that
    its threads held.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        multiprocessing.set_start_method("spawn", force=True)
        super().__init__(*args, interface=Interfaces.WSGI, **settings)
        # Several may listen on one port; the kernel spreads connections evenly over them. From here on others find
        # it taken, and who connects waits.
        listening = SocketSpec(self.bind_addr, self.bind_port, self.backlog)
        self.held = [self._listen(listening.build()) for _ in range(self.workers)]
        self.shares = _shares(self.workers)

    def serve(self, *_: Any, **__: Any) -> None:
        """Serve until the process is told to stop, by SIGTERM or SIGINT."""
        super().serve(spawn_target=answer)

    def _listen(self, holder: SocketHolder) -> tuple[SocketHolder, socket.socket]:
        """Return a listening socket as granian has it, and as Python can hand it on."""
        held = socket.socket(fileno=holder.get_fd())
        held.listen(self.backlog)
        return holder, held

    def _init_shared_socket(self) -> None:
        pass  # they are there

    def _drop_shared_socket(self) -> None:
        for _, held in self.held:
            held.close()

    def _spawn_worker(self, idx: int, target: Callable[..., None], callback_loader: Any) -> Any:
        self._shd, self._sso = self.held[idx]
        hears, tells = multiprocessing.Pipe(duplex=False)
        target = partial(target, tells, self.shares[idx])
        worker = super()._spawn_worker(idx, target, callback_loader)
        worker.pipe = hears, tells
        return worker

    def _spawn_workers(self, *loading: Any) -> None:
        with _out_of_earshot():
            super()._spawn_workers(*loading)

    def _respawn_workers(self, workers: list[int], *loading: Any, **_: Any) -> None:
        """Put a new worker in the place of each; of those that live, none ends before the new one is there."""
        for number in workers:
            old = self.wrks[number]
            new = self._spawn_worker(number, *loading)
            # While it is on trial, its end is seen to here.
            new.interrupt_by_parent = True
            with _out_of_earshot():
                new.start()
            starts = self._starts(new)
            if not starts and old.is_alive():
                log.error("New workers do not start; the old ones go on.")
                new.kill()
                return
            self.wrks[number] = new
            if not starts:
                # Should it end soon, the service does: there is no use in another. One that was killed is replaced.
                self.respawned_wrks[number] = time.monotonic()
            new.interrupt_by_parent = False
            if not new.is_alive() and number not in self.interrupt_children:
                self.interrupt_children.append(number)
                self.main_loop_interrupt.set()
            if old.is_alive():
                os.kill(old.inner.pid, LEAVE)
                time.sleep(LEAVE_SECONDS)
            self._end(old)

    def _starts(self, worker: Any) -> bool:
        hears, tells = worker.pipe
        # The worker has its own end of it, so that this one hears when there is none any more.
        tells.close()
        with suppress(EOFError):
            return self._waited(lambda: hears.poll(POLL_SECONDS)) and bool(hears.recv_bytes())
        return False

    def _end(self, worker: Any) -> None:
        worker.terminate()
        self._waited(lambda: worker.join(POLL_SECONDS) or not worker.is_alive())
        if worker.is_alive():
            worker.kill()
            worker.join()

    def _waited(self, happened: Callable[[], bool]) -> bool:
        """Return whether something happened before time was up, or the service was to stop."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            if self.interrupt_signal or time.monotonic() > limit:
                return False
        return True


def _shares(workers: int) -> list[set[int]]:
    """Return which processors each worker keeps to: a thread that wakes another on the same one costs it less.

    Python runs on one of them at a time in any case. Nothing where the system has no say in it.
    """
    if not hasattr(os, "sched_getaffinity"):
        return [set()] * workers
    ours = sorted(os.sched_getaffinity(0))
    return [set(ours[number::workers] or [ours[number % len(ours)]]) for number in range(workers)]


@contextmanager
def _out_of_earshot() -> Iterator[None]:
    """Let processes that are started meanwhile not hear Ctrl-C, which is pressed for all, until they listen."""
    # Which is started with the first of them otherwise, and has the signal heard again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def answer(
    tells: Connection, processors: set[int], number: int, name: str | None, load: Any, *given: Any
) -> None:
    """Be a worker, with what granian gives to one; tell when it is ready."""
    (_, holder), _ = given[0]
    listening: int = holder.get_fd()

    def loading() -> Any:
        application = load()
        # Loaded by the first request otherwise, and with it a good part of the software.
        _ = get_resolver().url_patterns
        # What is loaded stays: to look for what can go, all of it was gone through, and requests waited for that.
        gc.collect()
        gc.freeze()
        tells.send_bytes(b"ready")
        return application

    def go(_: int, __: FrameType | None) -> None:
        leave(listening)

    signal.signal(LEAVE, go)
    if processors:
        os.sched_setaffinity(0, processors)
    # Until it is ready it is ended by the main process, in the middle of whatever it loads.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    status = 1
    try:
        MPServer._spawn_wsgi_worker(number, name, loading, *given)
        status = 0
    except BaseException:
        log.exception("A worker ended")
    finally:
        logging.shutdown()
        # Threads of the server may be about to call Python, which aborts in a process that is taken down in order.
        os._exit(status)
