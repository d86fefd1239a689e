"""Files of the pages: what is taken from others has its licence beside it, and is small enough to be sent."""

import gzip
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

STATIC: Path = settings.PROJECT / "explorer" / "static" / "explorer"
LAND = STATIC / "vendor" / "land" / "land.json"
OURS = sorted(path for path in STATIC.glob("*") if path.is_file())


def test_licences_stand_beside_what_is_taken_from_others() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert (folder / "LICENSE").stat().st_size > 500
        assert re.search(r"npm package [\w-]+ \d+\.\d+\.\d+", (folder / "NOTICE").read_text())


def test_the_land_is_the_same_compressed() -> None:
    compressed = LAND.with_suffix(".json.gz")
    assert gzip.decompress(compressed.read_bytes()) == LAND.read_bytes()
    assert compressed.stat().st_size < 300_000


def test_the_land_lies_on_the_earth_and_crosses_it_nowhere() -> None:
    """Nothing is drawn across the map where land crosses the 180th meridian."""
    land = json.loads(LAND.read_text())
    assert land["type"] == "MultiPolygon"
    for polygon in land["coordinates"]:
        for ring in polygon:
            assert ring[0] == ring[-1]
            for (west, south), (east, _) in pairwise(ring):
                assert -180 <= west <= 180
                assert -90 <= south <= 90
                assert abs(west - east) < 60 or south == -90


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_file_of_ours_names_another_host_or_writes_markup(path: Path) -> None:
    text = path.read_text()
    assert "http:" not in text
    assert "https:" not in text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert len(text.splitlines()) <= 800


def test_modules_import_what_is_there() -> None:
    for path in OURS:
        if path.suffix == ".js":
            for name in re.findall(r'from "\./([\w.]+)"', path.read_text()):
                assert (STATIC / name).is_file(), f"{path.name}: {name}"


def test_files_are_sent_compressed_where_they_are_so(client: Any) -> None:
    sent = client.get("/static/explorer/vendor/land/land.json", headers={"accept-encoding": "gzip"})
    assert sent["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(b"".join(sent)))["type"] == "MultiPolygon"
