"""The service answers as the document says, whatever it is asked: rightly, wrongly, oddly.

EXAMPLES says how many requests are made up for each operation; those that the document itself leads
to, its examples and the bounds of its parameters, come on top.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import HERE
from tests.service import PROJECT

pytestmark = [pytest.mark.client, pytest.mark.enable_socket]

COMMAND = "from schemathesis.cli import schemathesis; schemathesis()"
EXAMPLES = os.environ.get("EXAMPLES") or "15"


def test_answers_are_as_the_document_says(base: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", COMMAND),
            *("--config-file", HERE / "schemathesis.toml"),
            *("run", f"{base}/api/schema.json"),
            *("--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"),
            # Its rule for what has to be accepted knows the schema only; ours is `acceptance`.
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
            *("--max-examples", EXAMPLES, "--generation-deterministic"),
            *("--continue-on-failure", "--no-color"),
        ],
        # Its notes for a replay are left where it runs.
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "SCHEMATHESIS_HOOKS": "tests.clients.fuzzing",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)  # noqa: T201 (shown with -s: how much was asked)
    assert done.returncode == 0, done.stdout
