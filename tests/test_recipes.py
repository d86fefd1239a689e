"""The recipes of docs/recipes.md, and those of the README's table, as a reader would run them, against a running service.

Those in Python need what `make test-recipes` installs.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.service import Service, free_port

RECIPES = (settings.PROJECT / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", RECIPES, re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"

# How a block is run: the program, and what comes before its text.
PROGRAMS = {
    "sh": ["bash", "-euo", "pipefail", "-c"],
    "js": ["node", "--input-type=module", "--eval"],
    "r": ["Rscript", "-e"],
    "python": [sys.executable, "-c"],
}

pytestmark = [pytest.mark.client, pytest.mark.processes, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("recipes") / "data"
    service = Service(data, PORT=str(free_port()), WORKERS="1")
    try:
        yield service.base()
        service.interrupt()
    finally:
        if service.process.poll() is None:
            service.kill()


def missing(language: str, text: str) -> list[str]:
    """Return what a recipe needs and is not installed here."""
    needed = {"sh": r"(?:^|\| )(\w+)", "python": r"^(?:import|from) (\w+)"}.get(language)
    found = re.findall(needed, text, re.MULTILINE) if needed else []
    present = find_spec if language == "python" else shutil.which
    program = PROGRAMS[language][0]
    return [name for name in found if not present(name)] or [program] * (not shutil.which(program))


def named(block: tuple[str, str]) -> str:
    language, text = block
    return f"{language}-{BLOCKS.index(block)}-{text.split()[1]}"


@pytest.mark.parametrize("block", [b for b in BLOCKS if b[0] != "text"], ids=named)
def test_a_recipe_finds_what_it_asks_for(
    block: tuple[str, str], address: str, tmp_path: Path
) -> None:
    language, text = block
    if lacking := missing(language, text):
        pytest.skip(f"not installed here: {', '.join(lacking)}")
    assert ADDRESS in text
    assert "Aghdam" in run(language, text.replace(ADDRESS, address), tmp_path)


def run(language: str, text: str, folder: Path) -> str:
    """Return what a recipe prints. What those in Python install for their user, they do in `folder`."""
    home = {"HOME": str(folder)} if language == "python" else {}
    done: Any = subprocess.run(
        [*PROGRAMS[language], text],
        cwd=folder,
        env={**os.environ, "NO_PROXY": "*", **home},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return str(done.stdout.decode(errors="replace"))


# What the README's table shows for each language is an expression, and how its value is printed.
README = (settings.PROJECT / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (JavaScript|Python|R) \| `([^`]+)`", README, re.MULTILINE)
PRINTED = {
    "JavaScript": ("js", "console.log(JSON.stringify({}));"),
    "Python": ("python", "import pandas as pd\nprint({}.to_string())"),
    "R": ("r", "print({})"),
}


@pytest.mark.parametrize(("name", "expression"), ROWS)
def test_the_readme_says_how_each_language_asks(
    name: str, expression: str, address: str, tmp_path: Path
) -> None:
    language, printed = PRINTED[name]
    text = printed.replace("{}", expression)
    if lacking := missing(language, text):
        pytest.skip(f"not installed here: {', '.join(lacking)}")
    assert "Aghdam" in run(language, text.replace(ADDRESS, address), tmp_path)


GDAL = """
import pyogrio
print(pyogrio.read_dataframe({source!r})["place_name"].to_string())
"""


@pytest.mark.parametrize("prefix", ["GeoJSON:", "/vsicurl_streaming/"])
def test_gdal_reads_what_is_named_as_the_recipes_say(
    prefix: str, address: str, tmp_path: Path
) -> None:
    """For `ogr2ogr` and QGIS, which are seldom here: the GDAL that pyogrio brings opens the same name."""
    if not find_spec("pyogrio"):
        pytest.skip("not installed here: pyogrio")
    (source,) = re.findall(r"^ogr2ogr .* 'GeoJSON:(\S+)'", RECIPES, re.MULTILINE)
    assert prefix in RECIPES
    source = prefix + source.replace(ADDRESS, address)
    assert "Aghdam" in run("python", GDAL.format(source=source), tmp_path)


WITH_PANDAS = [block for block in BLOCKS if "pd.read_csv(" in block[1]]


@pytest.mark.parametrize("block", WITH_PANDAS, ids=named)
def test_to_pandas_na_is_a_text(block: tuple[str, str], address: str, tmp_path: Path) -> None:
    """It is the code of Namibia; of the article's records none has it."""
    language, text = block
    if lacking := missing(language, text):
        pytest.skip(f"not installed here: {', '.join(lacking)}")
    (source,) = re.findall(rf'"{ADDRESS}(\S+)"', text)
    with urlopen(address + source) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode(), newline="")))
    file = tmp_path / "events.csv"
    with file.open("w", encoding="utf-8", newline="") as written:
        table = csv.DictWriter(written, rows[0])
        table.writeheader()
        table.writerows(
            row | dict.fromkeys(("place_name", "actors", "actor_ids", "actor_roles"), "NA")
            for row in rows
        )
    printed = run(language, text.replace(ADDRESS + source, str(file)), tmp_path)
    assert printed.count(" NA ") >= len(rows)


def test_every_language_is_run_by_something() -> None:
    assert {language for language, _ in BLOCKS} - {"text"} == set(PROGRAMS)
    assert {name for name, _ in ROWS} == set(PRINTED)
