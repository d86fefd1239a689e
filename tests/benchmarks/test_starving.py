"""Readers are answered beside those who ask for much: once and short. No time is asserted."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.processes]

EVENTS = 3_000


def test_readers_are_answered_beside_those_who_ask_for_much(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.starving", "--smoke", "--events", str(EVENTS)]
    command += ["--rounds", "1", "--seconds", "3", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()
    ]
    told = {name: row for name, *row in rows[2:]}
    assert told.keys() == {"alone", "files", "lists", "summaries", "files and lists"}
    for name, (_, failed, _, _, _, answered, _, otherwise) in told.items():
        assert (failed, otherwise) == ("0", "0"), done.stdout
        assert name == "alone" or int(answered), done.stdout
