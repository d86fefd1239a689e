"""Workers of the web server end with the process that started them, however that ends."""

import os
import signal
import threading
import time

PARENT = "DATELINE_PARENT"
POLL_SECONDS = 0.5
# How long requests may take to end once the parent is gone.
GRACE_SECONDS = 5


def announce() -> None:
    """Let the processes that this one starts know whom to end with."""
    os.environ[PARENT] = str(os.getpid())


def end_with_parent() -> None:
    """Watch the process that announced itself, if one did; end this one when it is gone."""
    parent = int(os.environ.get(PARENT, "0"))
    if parent and parent != os.getpid():
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
