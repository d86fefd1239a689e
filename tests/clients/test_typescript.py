"""A TypeScript client is made of the document, compiles strictly and works."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import DOCUMENT, HERE, MODULES, run

pytestmark = [pytest.mark.client, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def folder(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the generated client and our use of it."""
    folder = tmp_path_factory.mktemp("typescript")
    run(MODULES / ".bin/openapi-ts", "-i", DOCUMENT, "-o", folder / "dateline", cwd=folder)
    for path in (HERE / "typescript").iterdir():
        shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(MODULES)
    return folder


@pytest.fixture(scope="module")
def types(folder: Path) -> str:
    """Return the generated types, without comments."""
    text = (folder / "dateline" / "types.gen.ts").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_nothing_is_of_any_type(folder: Path, types: str) -> None:
    calls = (folder / "dateline" / "sdk.gen.ts").read_text(encoding="utf-8")
    calls = re.sub(r"/\*.*?\*/", "", calls, flags=re.DOTALL)
    assert not re.findall(r"^.*\bany\b.*$", types + calls, re.MULTILINE)


def test_every_key_of_an_answer_is_there(types: str) -> None:
    """What is asked may leave keys out, and so may an answer whose keys are chosen; no other does."""
    chosen = r"\w+Data|Partial\w+|EventGroup"
    asked = re.compile(rf"export type (?:{chosen}) = \{{.*?^\}};", re.DOTALL | re.MULTILINE)
    answered = asked.sub("", types)
    assert "export type Event = {" in answered
    # A problem tells the id of its request where the fault is ours, and nowhere else.
    optional = re.findall(r"^.*\w\?:.*$", answered, re.MULTILINE)
    assert optional == ["    request_id?: string;"]


def test_it_compiles_strictly_and_works(node: str, folder: Path, base: str) -> None:
    run(node, MODULES / "typescript/bin/tsc", "-p", folder)
    told = json.loads(run(node, folder / "built" / "use.js", base))
    assert told == {
        "found": "azerbaijani-forces-enter-aghdam",
        "resolved": "aghdam",
        "refused": ["place", "unknown_name", "Aghdam"],
        "missing": "/problems/not-found",
        "pages": 4,
    }
