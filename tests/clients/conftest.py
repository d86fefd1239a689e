"""A service that is asked from outside, and the tools that ask it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import PROJECT, Service, free_port

HERE = Path(__file__).parent
DOCUMENT = PROJECT / "openapi.yaml"
MODULES = HERE / "node_modules"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Return a service that holds the article's records."""
    started = Service(tmp_path_factory.mktemp("service") / "data", PORT=str(free_port()))
    try:
        yield started
    finally:
        started.interrupt()


@pytest.fixture(scope="session")
def base(service: Service) -> str:
    """Return the address of the service."""
    return service.base()


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of Node, with what package.json names installed."""
    found = shutil.which("node")
    if not found or not MODULES.is_dir():
        pytest.skip("needs Node and its packages: `make test-clients` where npm is installed")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("needs Chromium: apt install chromium")
    return found


def run(*command: str | Path, cwd: Path = HERE) -> str:
    """Return what a command says; fail with it when the command fails."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
