"""The whole harness of reading, once and short: all start, agree and are measured. No time is asserted."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.reading.__main__ import PEERS
from benchmarks.reading.asks import EVERYONE

ABSENT = [package for module, package in PEERS.items() if find_spec(module) is None]
ABSENT += [] if shutil.which("wrk") else ["wrk"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.skipif(bool(ABSENT), reason=f"`make bench-smoke` needs {', '.join(ABSENT)}"),
]


def test_all_contestants_start_and_agree(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.reading",
        "--smoke",
        "--data",
        str(tmp_path / "data"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = done.stdout.splitlines()
    assert all(any(name in row for row in rows if row.startswith("|  |")) for name in EVERYONE)
    for case in ("Q1", "Q9", "Q13"):
        assert len([row for row in rows if row.startswith(f"| {case} ")]) == 3
    assert "no answer" not in done.stdout
