"""Runs what the README tells a reader to run: `make run`, then every curl, then Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 120
README = Path(__file__).resolve().parent.parent / "README.md"
ADDRESS = "http://127.0.0.1:8000"


def main() -> int:
    """Return 0 when everything answered; otherwise say what did not."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = subprocess.Popen(
        ["make", "run"],
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Scripts that run in the background pass on that Ctrl-C is to be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert service.stdout is not None
        for line in service.stdout:
            sys.stdout.write(line)
            if "Ctrl-C stops it" in line:
                break
        commands = sorted(set(re.findall(r"^curl (?:-s )?'.*?'", README.read_text(), re.MULTILINE)))
        failed = [command for command in commands if not answers(command, port)]
    finally:
        os.killpg(service.pid, signal.SIGINT)
    status = service.wait(PATIENCE)
    print(f"{len(commands)} README commands, {len(failed)} failed; make run ended with {status}.")
    return 1 if failed or not commands else 0


def answers(command: str, port: int) -> bool:
    """Run a curl of the README against our port, for a while as the service comes up."""
    ours = command.replace(ADDRESS, f"http://127.0.0.1:{port}")
    for _ in range(50):
        done = subprocess.run(
            f"{ours} --fail --silent --show-error --globoff",
            shell=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 7:  # 7: nobody listens yet
            break
        time.sleep(0.1)
    if done.returncode:
        print(f"{command}\n  {done.stderr.decode().strip()}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
