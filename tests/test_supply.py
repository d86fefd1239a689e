"""What the service is made of: listed, and asked after; both are targets of the Makefile."""

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.service import free_port

PROJECT = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.enable_socket,
    pytest.mark.skipif(
        not (find_spec("pip_audit") and find_spec("cyclonedx_py")),
        reason="`make sbom` installs what this needs",
    ),
]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--silent", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_every_package_is_listed_with_its_hashes(tmp_path: Path) -> None:
    listed: list[str] = []
    for name in ("one", "two"):
        done = make("sbom", f"SBOM={tmp_path / name}")
        assert done.returncode == 0, done.stderr
        listed.append((tmp_path / name).read_text())
    assert listed[0] == listed[1]
    told: Any = json.loads(listed[0])
    assert told["bomFormat"] == "CycloneDX"
    assert told["metadata"]["component"]["name"] == "dateline"
    locked = re.findall(r"^([a-z0-9-]+)\S*?==([\w.]+)", _locked(), re.MULTILINE)
    assert {(one["name"], one["version"]) for one in told["components"]} == set(locked)
    hashes = {h["content"] for h in _hashes(told)}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", _locked()))


def test_where_nobody_can_be_asked_nothing_passes() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    done = make("audit", f"AUDIT=--vulnerability-service osv --osv-url {nowhere}")
    assert done.returncode != 0
    for path in PROJECT.glob("requirements*.txt"):
        assert f" {path.name}" in done.stdout.partition("NOT PASSED:")[2]
    assert "could not be asked for" in done.stdout


def _locked() -> str:
    return (PROJECT / "requirements.txt").read_text()


def _hashes(told: Any) -> list[Any]:
    return [
        each
        for one in told["components"]
        for reference in one["externalReferences"]
        for each in reference["hashes"]
    ]
