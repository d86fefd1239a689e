"""Load: `wrk` asks a list of addresses in turn, over so many connections, for some seconds."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("urls.lua")
MISSING = (
    "The load is made by wrk, which is not here. On Debian and Ubuntu: apt install wrk; on macOS: "
    "brew install wrk."
)
# An answer that takes longer is counted as late, in seconds.
LONGEST = 30


class NoLoad(RuntimeError):
    """No load could be made."""


@dataclass(frozen=True)
class Load:
    """What came of some seconds of load: answers, and milliseconds until half and 99 % of them came.

    Of `requests` some may be `refused`: an error instead of an answer, such as that it would take too long.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    size: int
    late: int = 0
    refused: int = 0

    @property
    def rate(self) -> float:
        """Return the answers of a second; errors are none."""
        return (self.requests - self.refused) / self.seconds


def find_wrk() -> str:
    """Return the path of the load generator; raise NoLoad that says how to get it."""
    path = shutil.which("wrk")
    if path is None:
        raise NoLoad(MISSING)
    return path


def put_load(base: str, addresses: Path, connections: int, seconds: int) -> Load:
    """Ask the addresses in a file at `base`; raise NoLoad when that cannot be done."""
    command = [find_wrk(), "--threads", "1", "--connections", str(connections)]
    command += ["--duration", f"{seconds}s", "--timeout", f"{LONGEST}s"]
    command += ["--script", str(SCRIPT), base, "--", str(addresses)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoLoad(done.stderr.strip() or done.stdout.strip())
    return read_load(done.stdout)


def read_load(output: str) -> Load:
    """Return what the script reported; raise NoLoad where it did not, or connections broke off."""
    lines = [line for line in output.splitlines() if line.startswith("measured ")]
    if not lines:
        raise NoLoad(f"wrk reported nothing: {output.strip()}")
    pairs = (word.partition("=") for word in lines[-1].split()[1:])
    said = {name: int(number) for name, _, number in pairs}
    if said["broken"]:
        raise NoLoad(f"{said['broken']} connections were broken off.")
    return Load(
        requests=said["requests"],
        seconds=said["microseconds"] / 1e6,
        p50=said["p50"] / 1e3,
        p99=said["p99"] / 1e3,
        size=said["bytes"],
        late=said["late"],
        refused=said["refused"],
    )


def write_addresses(path: Path, addresses: Sequence[tuple[str, str]]) -> None:
    """Write addresses and the ETags to ask with (empty for none) for the script."""
    lines = (f"{address}\t{etag}" if etag else address for address, etag in addresses)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
