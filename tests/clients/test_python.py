"""A Python client is made of the document, passes mypy and works."""

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.clients.conftest import DOCUMENT, HERE, run

pytestmark = [pytest.mark.client, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the generated client and our use of it."""
    if not find_spec("openapi_python_client"):
        pytest.skip("needs openapi-python-client, of the dependency group `clients`")
    folder = tmp_path_factory.mktemp("python")
    generate = ["-m", "openapi_python_client", "generate", "--meta", "none", "--path", DOCUMENT]
    told = run(sys.executable, *generate, "--output-path", folder / "dateline_client", cwd=folder)
    # Ruff, which is not on the path of tests, would only put the client in its format.
    told = told.replace("Skipping Integration\n\nruff is not in PATH", "")
    assert "Unable" not in told, told
    assert "unsupported" not in told.lower(), told
    shutil.copy(HERE / "python" / "use.py", folder)
    return folder


def test_its_types_hold(folder: Path) -> None:
    run(sys.executable, "-m", "mypy", "--strict", "--no-incremental", "use.py", cwd=folder)


def test_it_works(folder: Path, base: str) -> None:
    told = json.loads(run(sys.executable, folder / "use.py", base, cwd=folder))
    assert told == {
        "found": "azerbaijani-forces-enter-aghdam",
        "status": "occurred",
        "resolved": "aghdam",
        "refused": ["place", "unknown_name", "Aghdam"],
        "missing": "/problems/not-found",
        "pages": 4,
    }
