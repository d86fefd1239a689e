"""The process that keeps PostgreSQL running as long as somebody uses it.

Run as a file: `python -I keeper.py HOME SOCKETS LOCK COMMAND...`, where HOME is the folder
described in cluster.py, SOCKETS the folder of the server's socket, LOCK the inherited file number
of the locked `keeper.lock` and COMMAND the server's command line. It writes to the output it was
given, which is the server's log.

Users are counted by the kernel: each holds a shared lock on `users.lock`, which ends with the
process however that ends. When the keeper gets the exclusive lock, nobody is left.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.25
# The server stays this long without users, so that one command after another finds it running.
LINGER_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
LOG_BYTES = 10_000_000


def open_lock(path: Path) -> int:
    """Open a lock file, made if absent, and return its file number. It is never removed."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(lock: int, *, shared: bool = False) -> bool:
    """Take the lock without waiting; tell whether it was free."""
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def running_server(data: Path) -> psutil.Process | None:
    """Return the server that works on the folder `data`, if one does."""
    try:
        server = psutil.Process(int(_pid_lines(data)[0]))
        words = server.cmdline()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    # The process may be a stranger that got the number of a server of long ago. The command line
    # is readable where the working folder is not: for root in a container, for one.
    ours = bool(words) and Path(words[0]).name == "postgres" and str(data) in words
    return server if ours else None


def _pid_lines(data: Path) -> list[str]:
    """Return the lines of the server's own note: process id first, state in the eighth."""
    return (data / "postmaster.pid").read_text().splitlines()


def _is_ready(data: Path, server: psutil.Process) -> bool:
    try:
        lines = _pid_lines(data)
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready"


def _clear_way(data: Path, sockets: Path) -> None:
    """Make the notes of a dead server harmless: its process id may belong to a stranger now."""
    for note in sockets.glob(".s.PGSQL.*.lock"):
        note.unlink()
    note = data / "postmaster.pid"
    try:
        lines = _pid_lines(data)
    except FileNotFoundError:
        return
    if not lines or not lines[0].strip().isdigit():
        note.unlink()  # cut short by a power failure; the server would refuse to start
    else:
        # The server takes its parent's id for a left note, and goes on to check the note's shared
        # memory. To remove the note would lose that check against leftover server processes.
        lines[0] = str(os.getpid())
        note.write_text("\n".join(lines) + "\n")


@dataclass
class Keeper:
    """Keeps one server: starts, adopts, restarts and finally stops it."""

    home: Path
    sockets: Path
    command: Sequence[str]
    users: int
    proven: bool = False
    failures: int = 0

    @property
    def data(self) -> Path:
        """The folder that the server works on."""
        return self.home / "data"

    def run(self) -> int:
        """Keep the server until the last user has left. Returns 1 if it never came up."""
        while self.data.exists():
            adopted = running_server(self.data)
            server = adopted or self._launch()
            self.proven = self.proven or adopted is not None
            if self._unused_before_end(server):
                _say("the last user has left, stopping the server")
                with suppress(psutil.NoSuchProcess):
                    server.send_signal(signal.SIGINT)  # rolls back what is open, saves the rest
                server.wait()
                return 0
            if try_lock(self.users):
                return 0
            if not self._is_worth_another_try():
                _say("the server did not start")
                return 1
            self._pause()
        return 1

    def _launch(self) -> psutil.Process:
        _clear_way(self.data, self.sockets)
        # The keeper is the only one to stop the server: no signal of a terminal reaches it.
        return psutil.Popen(self.command, stdin=subprocess.DEVNULL, cwd="/")

    def _unused_before_end(self, server: psutil.Process) -> bool:
        """Wait until nobody uses the server (True, and the users' lock is ours) or it ends."""
        free_since = None
        while _is_alive(server):
            self._watch(server)
            if not try_lock(self.users):
                free_since = None
                continue
            free_since = free_since or time.monotonic()
            if time.monotonic() - free_since >= LINGER_SECONDS:
                return True
            fcntl.flock(self.users, fcntl.LOCK_UN)  # let new users in meanwhile
        return False

    def _watch(self, server: psutil.Process) -> None:
        if _is_ready(self.data, server):
            self.proven, self.failures = True, 0
        log = self.home / "server.log"
        with suppress(OSError):  # a full disk, or a folder just removed, is no reason to give up
            if log.stat().st_size > LOG_BYTES:
                # Everybody appends to the file, so it can be emptied while it is in use.
                shutil.copyfile(log, log.with_name("server.log.1"))
                os.truncate(log, 0)

    def _is_worth_another_try(self) -> bool:
        """Tell whether to start the server again: always if it was up before, else not at all.

        Unless another process works on the data: a server of a keeper just killed, or leftovers of
        a killed server that end with their last query.
        """
        recent = (self.home / "server.log").read_bytes()[-2000:]
        busy = b"pre-existing shared memory block" in recent
        return self.proven or busy or running_server(self.data) is not None

    def _pause(self) -> None:
        pause = min(POLL_SECONDS * 2**self.failures, LONGEST_PAUSE_SECONDS)
        self.failures = min(self.failures + 1, 10)
        _say(f"the server has ended, starting it again in {pause} s")
        time.sleep(pause)


def _is_alive(server: psutil.Process) -> bool:
    """Wait one poll for the server's end; tell whether it still runs."""
    try:
        server.wait(POLL_SECONDS)
    except psutil.TimeoutExpired:
        return True
    return False


def _say(message: str) -> None:
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    sys.stdout.write(f"{now} keeper: {message}\n")
    sys.stdout.flush()


def main(home: Path, sockets: Path, lock: int, command: Sequence[str]) -> int:
    """Leave the starter, then keep the server. Returns the exit status."""
    os.set_inheritable(lock, False)
    if os.fork():
        return 0  # the starter waits for this process only and gets no child to look after
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Users decide, not signals: when a machine stops, they end first and then the server.
        signal.signal(number, lambda *_: None)
    return Keeper(home, sockets, command, open_lock(home / "users.lock")).run()


if __name__ == "__main__":
    _, home, sockets, lock, *command = sys.argv
    sys.exit(main(Path(home), Path(sockets), int(lock), command))
