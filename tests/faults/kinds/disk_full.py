"""The disk of the database fills up while an import writes, and is made room on again."""

import ctypes
import os
import shutil
import time
from pathlib import Path

from tests.faults.invariants import checksum
from tests.faults.kinds import Fault, Impossible
from tests.faults.load import Load
from tests.faults.stage import IMPORT, Stage, finished, until
from tests.service import fetch

# What is left of the disk when the import begins: less than it writes.
LEFT = 40 * 2**20
ROOM = 700 * 2**20


def on_a_small_disk(stage: Stage) -> int:
    """Move the data to a disk of memory that holds a little more than they are."""
    size = sum(path.stat().st_size for path in stage.data.rglob("*") if path.is_file())
    moved = stage.data.rename(stage.data.with_name("moved"))
    stage.data.mkdir()
    library = ctypes.CDLL(None, use_errno=True)
    options = f"size={size + ROOM}".encode()
    if library.mount(b"tmpfs", bytes(stage.data), b"tmpfs", 0, options):
        stage.data.rmdir()
        moved.rename(stage.data)
        raise Impossible(f"no disk of memory: {os.strerror(ctypes.get_errno())}")
    stage.unmount = lambda: library.umount2(bytes(stage.data), 2)
    stage.data.chmod(0o700)
    for path in moved.iterdir():
        _move(path, stage.data / path.name)
    shutil.rmtree(moved)
    return 0


def _move(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True) if source.is_dir() else shutil.copy2(
        source, target
    )
    for path in (source, *source.rglob("*")):
        found = path.lstat()
        os.chown(target / path.relative_to(source), found.st_uid, found.st_gid)


def strike(stage: Stage, load: Load, measure: float) -> None:
    before = checksum(stage)
    filler = stage.data / "filler"
    for _ in range(max(1, round(2 * measure))):
        _fill(filler)
        process = stage.command(*IMPORT)
        out, _ = process.communicate(timeout=120)
        assert process.returncode, f"the disk was not full: {out.decode()}"
        time.sleep(3)
        filler.unlink()
        until(lambda: _serves(stage), 60, "the service's return")
        assert checksum(stage) == before
    finished(stage.command(*IMPORT))


def _fill(filler: Path) -> None:
    free = shutil.disk_usage(filler.parent).free
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - LEFT))


def _serves(stage: Stage) -> bool:
    try:
        return bool(fetch(f"{stage.base}/api/events?place=Aghdam")["count"])
    except OSError:
        return False


FAULT = Fault(
    "disk full in an import", strike, 8, 6, imports=True, fails=False, before=on_a_small_disk
)
