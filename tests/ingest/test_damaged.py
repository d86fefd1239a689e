"""Files that are damaged, hostile or not there: one sentence each, and nothing is published."""

import gzip
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError

from ingest.files import Limits, SourceFile, WrongFile
from ingest.readers import READERS

SAMPLE = Path(__file__).parent / "samples" / "ucdp_ged_49.csv"
GEOJSON = Path(__file__).parent / "samples" / "ucdp_ged.geojson"
HEAD, *ROWS = SAMPLE.read_bytes().splitlines(keepends=True)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


WHOLE = SAMPLE.read_bytes()
PACKED = gzip.compress(WHOLE * 50)
DAMAGED = {
    "empty": (b"", "is empty"),
    "only white space": (b"\n\n \n", "missing|is empty"),
    "cut gzip": (PACKED[: len(PACKED) // 2], "damaged or cut short"),
    "gzip with a wrong sum": (PACKED[:-8] + bytes(8), "damaged or cut short"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "gzip's first bytes": (b"\x1f\x8b", "damaged or cut short"),
    "cut zip": (zipped(a=WHOLE * 50)[:2000], "damaged or cut short"),
    "zip of two": (zipped(a=WHOLE, b=WHOLE), r"holds 2 files \(a, b\); unpack it and name one"),
    "zip of nothing": (b"PK\x05\x06" + bytes(18), "holds 0 files"),
    "latin 1": (HEAD + ROWS[0].replace(b"mill", b"m\xfcll"), "line 2 is not UTF-8"),
    "utf-16": (WHOLE.decode().encode("utf-16"), "UTF-8"),
    "a huge cell": (HEAD + ROWS[0].replace(b"police", b"x" * 200_000), "line 2"),
    "a huge line": (HEAD + b"x" * 9_000_000, "line 2"),
    "too many columns": (HEAD.strip() + b"".join(b",c%d" % n for n in range(3_000)) + b"\n", "2,000"),
    "a column twice": (HEAD.strip() + b",best\n", "the column 'best' more than once"),
    "cut JSON": (GEOJSON.read_bytes()[:-200], "damaged|cut short|JSON"),
    "not JSON": (b'{"type": "FeatureCollection", "features": [}', "JSON|missing"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_in_a_sentence(
    shared: Any, write: Any, content: bytes, said: str
) -> None:
    path = write(content, "GEDEvent_v31_1.csv")
    with pytest.raises(CommandError, match=said) as refused:
        shared.load("ucdp-ged", path, "--max-rejected=100")
    assert "\n" not in str(refused.value)
    assert not shared.sql("SELECT FROM sources_dataset WHERE public_id = 'ucdp-ged'")


def test_a_file_that_is_none(shared: Any, tmp_path: Path) -> None:
    for path, said in ((tmp_path, "directory"), (tmp_path / "no.csv", "No such file")):
        for reader in READERS:
            with pytest.raises(CommandError, match=said):
                shared.load(reader, path, "--release=1")
    with pytest.raises(CommandError, match="Name the file"):
        shared.load("ucdp-ged", None)
    with pytest.raises(CommandError, match="cannot be written"):
        shared.load("ucdp-ged", SAMPLE, "--release=1", f"--reject-report={tmp_path}/no/such.csv")


def test_a_bomb_is_not_unpacked_beyond_the_limit(write: Any) -> None:
    bomb = write(gzip.compress(HEAD + b"\n" * 20_000_000), "bomb.csv.gz")
    source = SourceFile(bomb, Limits(size=1_000_000))
    with pytest.raises(WrongFile, match="unpacks to more than 1,000,000 bytes"):
        list(READERS["ucdp-ged"].read(source))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROWS[0].replace(b"police", b'"police'), "a quote is not closed"),
        (ROWS[0].replace(b"police", b"pol\0ice"), "holds a NUL character"),
        (b"1,2,3\n", "has 3 cells, where there are 49 columns"),
    ],
)
def test_a_damaged_row_is_rejected_alone(world: Any, write: Any, row: bytes, said: str) -> None:
    path = write(HEAD + ROWS[1] + row, "GEDEvent_v31_1.csv")
    done = world.load("ucdp-ged", path, "--max-rejected=50")
    assert (done.read, done.published, done.rejected) == (2, 1, 1)
    assert said in done.text


@pytest.mark.parametrize("which", [1, 3])
def test_json_may_hold_what_no_text_can(world: Any, write: Any, which: int) -> None:
    parts = GEOJSON.read_bytes().split(b"Blue Front")
    hostile = b"Blue Front".join(parts[:which]) + rb"a\u0000b" + b"Blue Front".join(parts[which:])
    path = write(hostile, "GEDEvent_v31_1.geojson")
    done = world.load("ucdp-ged", path, "--max-rejected=60")
    assert (done.rejected, done.published) == (1, done.read - 1)


@pytest.mark.parametrize("options", [["--dataset=Not an id"], ["--release= "]])
def test_a_name_that_none_can_have_is_refused_in_a_sentence(
    shared: Any, options: list[str]
) -> None:
    with pytest.raises(CommandError) as refused:
        shared.load("ucdp-ged", SAMPLE, "--release=1", *options)
    assert "\n" not in str(refused.value)


def test_a_dataset_is_not_taken_for_another(shared: Any) -> None:
    before = shared.served()
    with pytest.raises(CommandError):
        shared.load("ucdp-ged", SAMPLE, "--release=1", "--dataset=aghdam-2020", "--partial")
    assert shared.served() == before


DOSSIER = (settings.PROJECT / "fixtures" / "source" / "aghdam-2020.yaml").read_bytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zipped(dossier=data)])
def test_a_dossier_is_taken_as_it_is_packed(shared: Any, write: Any, pack: Any) -> None:
    done = shared.load("dossier", write(pack(DOSSIER), "packed"), "--dry-run")
    assert done.published == done.read > 50


NO_DOSSIERS = {
    "binary": (b"\x7fELF\xff\xfe\x00", "line 1 is not UTF-8"),
    "control characters": (b"dataset: a\x00b", "the character U\\+0000 may not be in it"),
    "empty": (b"", "d.yaml:1: it is empty; manage.py new_dossier writes one"),
    "cut gzip": (gzip.compress(DOSSIER)[:2000], "damaged or cut short"),
    "gzip of no text": (gzip.compress(b"\xff\xd8\xff"), "line 1 is not UTF-8"),
    "zip of two": (zipped(a=DOSSIER, b=DOSSIER), "unpack it and name one"),
    "latin 1": ("dataset: Agdam, é".encode("latin1"), "line 1 is not UTF-8"),
    "utf-16": (DOSSIER.decode().encode("utf-16"), "is not UTF-8"),
    "a table": (WHOLE, "should be a mapping|this is not YAML"),
    "JSON of another kind": (
        GEOJSON.read_bytes(),
        "this is no dossier, which has dataset, sources, events: there is no key “type”",
    ),
    "an open bracket": (b"dataset: [", "d.yaml:1: this is not YAML: "),
    "a key twice": (b"dataset: 1\ndataset: 2", "stands twice in the mapping at line 1"),
    "a list as a key": (b"? [a]\n: b", "this is not YAML"),
    "no day": (b"dataset: 2020-99-99", "this is not YAML"),
    "brackets without end": (b"[" * 5_000, "this is not YAML"),
    "a number of 5,000 digits": (b"dataset: " + b"9" * 5_000, "this is not YAML"),
}


@pytest.mark.parametrize(("content", "said"), NO_DOSSIERS.values(), ids=NO_DOSSIERS)
def test_what_is_no_dossier_is_refused_in_a_few_lines(
    shared: Any, write: Any, content: bytes, said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        shared.load("dossier", write(content, "d.yaml"))
    lines = str(refused.value).splitlines()
    assert len(lines) < 6
    assert all(len(line) < 400 for line in lines)


@pytest.mark.parametrize("number", [2**31, -(2**31), 2**70, -(10**400)])
def test_a_number_that_is_too_large_is_told_as_such(shared: Any, write: Any, number: int) -> None:
    old = b"paragraph: 1,"
    assert old in DOSSIER
    path = write(DOSSIER.replace(old, b"paragraph: %d," % number, 1), "d.yaml")
    with pytest.raises(CommandError, match="is not between -2,147,483,647 and 2,147,483,647"):
        shared.load("dossier", path)


def test_a_pipe_is_refused_in_a_sentence(shared: Any, tmp_path: Path) -> None:
    """It would be read as an empty file, or never, as it can be read only once."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for reader in READERS:
        for path in (pipe, "/dev/null"):
            with pytest.raises(
                CommandError, match="is a pipe or a device, which can be read only once"
            ):
                shared.load(reader, path, "--release=1")


@pytest.mark.parametrize("option", ["--dataset=" + "a" * 8_000, "--release=" + "b" * 8_000])
def test_a_name_that_is_too_long_is_refused_in_a_sentence(shared: Any, option: str) -> None:
    with pytest.raises(CommandError, match="is too long for the") as refused:
        shared.load("ucdp-ged", SAMPLE, "--release=1", option)
    assert len(str(refused.value)) < 100
