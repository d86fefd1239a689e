"""How a process comes to use the server: it takes a lock, and starts a keeper if there is none."""

import fcntl
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.embedded import keeper
from config.embedded.account import Account, clean_environment
from config.embedded.cluster import Cluster
from config.embedded.errors import EmbeddedPostgresError

POLL_SECONDS = 0.05
NOTICE_AFTER_SECONDS = 5.0
REVIVE_EVERY_SECONDS = 5.0
CONNECT_SECONDS = 5
LOG_LINES = 15
LAUNCHES = 3

# The server's words, in the language that we set: for ever closed to us, and full.
REFUSALS = ("authentication failed", "no pg_hba.conf entry", '" does not exist')
EXCESSES = ("too many clients", "remaining connection slots")


@dataclass
class _Right:
    """What this process holds of one server; the kernel takes it back when the process ends."""

    users: int  # file number of users.lock, locked shared
    keeper: int  # file number of keeper.lock, to look at only
    revived: float = -math.inf  # when we last started a keeper for a dead one, monotonic seconds


@dataclass
class _Process:
    """What this process uses, by the cluster's home, how long it waits, and the guard of its threads."""

    patience: float = math.inf
    rights: dict[Path, _Right] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def renew_guard(self) -> None:
        """Give a forked child a free guard; its parent's thread cannot free the copied one."""
        self.guard = threading.Lock()


_this = _Process()
os.register_at_fork(after_in_child=_this.renew_guard)


def wait_at_most(seconds: float) -> None:
    """Let this process wait no longer for a server that does not answer: who is asked by others has to answer, too."""
    _this.patience = seconds


def ensure_running(folder: Path) -> Cluster:
    """Make sure that the database in `folder` runs as long as this process lives; return it.

    The first call starts the server, or makes it first, and waits until it answers: as long as it
    takes, with a line on the error output after five seconds. Later calls cost microseconds. They
    do not wait: a server that ends while it is in use is started again by itself.

    Raises EmbeddedPostgresError when the server cannot be made or started, or not in the time that there is
    (`wait_at_most`).
    """
    cluster = Cluster(folder)
    right = _this.rights.get(cluster.home)
    if right is None or not _keeper_lives(right.keeper):
        with _this.guard:
            right = _this.rights.get(cluster.home)
            if right is None:
                _this.rights[cluster.home] = _enter(cluster)
            else:
                _revive(cluster, right)
    return cluster


def _keeper_lives(lock: int) -> bool:
    if not keeper.try_lock(lock, shared=True):
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def _enter(cluster: Cluster) -> _Right:
    """Become a user of the server and wait until it answers."""
    account = cluster.prepare()
    with _start_lock(cluster):
        locks = (cluster.home / "users.lock", cluster.home / "keeper.lock")
        right = _Right(*map(keeper.open_lock, locks))
        try:
            _wait(lambda: keeper.try_lock(right.users, shared=True), "the database to stop first")
            cluster.make(account)
            start = _Start(cluster, account, right.keeper)
            _wait(start.is_done, f"the database to start (see {cluster.log})")
        except BaseException:
            os.close(right.users)
            os.close(right.keeper)
            raise
        return right


def _revive(cluster: Cluster, right: _Right) -> None:
    """Replace a keeper that was killed, without waiting; the server itself may still run."""
    if time.monotonic() - right.revived > REVIVE_EVERY_SECONDS:
        right.revived = time.monotonic()
        _launch_keeper(cluster, cluster.prepare())


@contextmanager
def _start_lock(cluster: Cluster) -> Iterator[None]:
    lock = keeper.open_lock(cluster.home / "start.lock")
    try:
        _wait(lambda: keeper.try_lock(lock), "another process to start the database")
        yield
    finally:
        # Unlocked, not only closed: a child forked meanwhile has a copy of the open file.
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


@dataclass
class _Start:
    """One start of a server, asked again and again until it is done."""

    cluster: Cluster
    account: Account
    keeper: int  # file number of keeper.lock
    launches: int = 0

    def is_done(self) -> bool:
        """Tell whether the server answers. Raises EmbeddedPostgresError when it never will."""
        if not _keeper_lives(self.keeper):
            # A keeper gives up on a server that cannot start. One that was killed deserves another.
            if self.launches == LAUNCHES:
                raise _failure(self.cluster)
            self.launches += 1
            _launch_keeper(self.cluster, self.account)
        return _answers(self.cluster)


def _launch_keeper(cluster: Cluster, account: Account) -> None:
    """Start a keeper unless there is one."""
    lock = keeper.open_lock(cluster.home / "keeper.lock")
    try:
        if keeper.try_lock(lock):
            _run_keeper(cluster, account, lock)
    finally:
        os.close(lock)  # the keeper has inherited the locked file, so the lock stays


def _run_keeper(cluster: Cluster, account: Account, lock: int) -> None:
    program = [sys.executable, "-I", keeper.__file__]
    places = [str(cluster.home), str(cluster.socket_folder)]
    with cluster.log.open("ab") as log:
        # A session of its own: Ctrl-C in a terminal reaches neither keeper nor server.
        done = subprocess.run(  # noqa: S603 - our own programs, no shell
            [*program, *places, str(lock), *cluster.server_command(account)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=clean_environment(),
            pass_fds=(lock,),
            start_new_session=True,
            check=False,
        )
    if done.returncode:
        raise _failure(cluster)


def _answers(cluster: Cluster) -> bool:
    """Tell whether the application's role can connect. Raises when it never will."""
    parameters = cluster.connection_parameters()
    try:
        seconds = int(min(CONNECT_SECONDS, _this.patience))
        psycopg.connect(**parameters, connect_timeout=seconds).close()
    except psycopg.OperationalError as error:
        if any(refusal in str(error) for refusal in REFUSALS):
            raise EmbeddedPostgresError(
                f"PostgreSQL runs on {cluster.data} but does not let us in: {error}"
            ) from error
        # Full is up; anything else is a server that is still starting, recovering or stopping.
        return any(excess in str(error) for excess in EXCESSES)
    return True


def _failure(cluster: Cluster) -> EmbeddedPostgresError:
    lines = cluster.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
    return EmbeddedPostgresError(
        f"PostgreSQL did not start on {cluster.data}. The end of {cluster.log}:\n"
        + "\n".join(lines)
    )


def _wait(is_done: Callable[[], bool], goal: str) -> None:
    """Wait until `is_done`, however long, and say so once when it takes long, or raise when time is up."""
    limit = time.monotonic() + _this.patience
    notice_at = time.monotonic() + NOTICE_AFTER_SECONDS
    while not is_done():
        if time.monotonic() > limit:
            raise EmbeddedPostgresError(
                f"It took longer than {_this.patience:g} seconds for {goal}."
            )
        if time.monotonic() > notice_at:
            sys.stderr.write(f"Still waiting for {goal}.\n")
            notice_at = math.inf
        time.sleep(POLL_SECONDS)
