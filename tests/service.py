"""The service as a user starts it, for tests that ask it over the network."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parents[1]
PATIENCE = 60


class Service:
    """One running service and what it printed."""

    def __init__(self, data: Path, **environment: str) -> None:
        known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = known | {"DATELINE_DATA": str(data)} | environment
        self.data = data
        self.log = data.parent / f"log-{time.monotonic_ns()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def base(self) -> str:
        """Return the address that was printed, once it answers."""
        for _ in range(PATIENCE * 10):
            assert self.process.poll() is None, self.said
            if "curl '" in self.said:
                base = self.said.partition("curl '")[2].partition("/api")[0]
                try:
                    fetch(f"{base}/livez")
                except OSError:
                    pass
                else:
                    return base
            time.sleep(0.1)
        raise AssertionError(self.said)

    def manage(self, *command: str, **environment: str) -> str:
        """Return what a command says that is run beside the service."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_curator(self, name: str, password: str) -> None:
        """Add an account that may do everything in the admin."""
        account = {"DJANGO_SUPERUSER_PASSWORD": password, "DJANGO_SUPERUSER_EMAIL": "a@example.org"}
        self.manage("createsuperuser", "--noinput", "--username", name, **account)

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer; another child watches over what they share."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it has just ended
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def interrupt(self) -> None:
        """Press Ctrl-C: a signal to every process of the terminal's group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(PATIENCE)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


def fetch(url: str | urllib.request.Request) -> Any:
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
