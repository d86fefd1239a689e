"""The file of a backup: a ZIP of `manifest.json` and `database.dump`, which pg_restore reads by itself, too.

A ZIP has its table of contents at the end, so that one that was cut off is no ZIP, and a checksum of what
it holds. The dump is compressed already and is not compressed again.
"""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.backup.errors import BackupError
from config.backup.manifest import Manifest

MANIFEST, DUMP = "manifest.json", "database.dump"
HEAD = b"PK\x03\x04"


@contextmanager
def new_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Write a file that is there when it is whole, and not before; nobody but us may read it.

    Raises BackupError if there is one of this name, which stays as it is, or it cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise BackupError(f"{path} is there already and stays as it is; name another file.")
    try:
        # Of mode 0600: it holds the hashes of passwords.
        draft, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(draft, "wb") as file:
                with zipfile.ZipFile(file, "w") as archive:
                    yield archive
                file.flush()
                os.fsync(file.fileno())
            _name(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(
            f"{path} cannot be written: {error.strerror}. There is no such file now."
        ) from error


def _name(draft: Path, path: Path) -> None:
    """Give a draft its name, which survives a power cut."""
    try:
        # A link never takes the place of another file.
        path.hardlink_to(draft)
    except FileExistsError:
        raise BackupError(f"{path} has been made by somebody else meanwhile and stays.") from None
    except OSError:
        draft.rename(path)  # on disks without links, such as memory sticks
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[Manifest, IO[bytes]]]:
    """Open a backup: what it says of itself, and its dump. All of it is read once, to see that it is whole.

    Raises BackupError when it is not.
    """
    with _opened(path) as archive:
        manifest = _checked(path, archive)
        with archive.open(DUMP) as dump:
            yield manifest, dump


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    except zipfile.BadZipFile as error:
        raise BackupError(f"{path} {_what_it_is(path)}.") from error


def _checked(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        archive.getinfo(DUMP)
        manifest = Manifest.from_json(archive.read(MANIFEST))
        damaged = archive.testzip() is not None
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    except (KeyError, ValueError) as error:
        raise BackupError(f"{path} is no backup that manage.py backup has made.") from error
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError):
        damaged = True
    if damaged:
        raise BackupError(f"{path} is damaged: what it holds does not have its checksum.")
    return manifest


def _what_it_is(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(5)
    if head.startswith(HEAD):
        return "is cut off: its end is missing"
    if head == b"PGDMP":
        return "is a dump of pg_dump, which pg_restore puts into an empty database"
    return "is no backup that manage.py backup has made"
