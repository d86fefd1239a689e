"""Opening files to import: plain, gzip or zip; UTF-8 with or without BOM; never more than the limits.

What is wrong with the file as a whole is a WrongFile, one sentence that says what to do. What is wrong
with one row is Rejected, and the reading goes on.
"""

import csv
import gzip
import hashlib
import io
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

HEAD = 256 * 1024
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class WrongFile(ValueError):
    """A file that cannot be read as what it was said to be."""


@dataclass(frozen=True)
class Limits:
    """How much a file may hold: unpacked bytes, rows, columns, characters in a cell."""

    size: int = 64 * 1024**3
    rows: int = 100_000_000
    columns: int = 2_000
    cell: int = 131_072


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be taken: where, which column, what it says there, and why not."""

    line: int
    reason: str
    column: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Skipped:
    """A row that is none of what a reader takes, by design: where, and why. It is no error."""

    line: int
    reason: str


@dataclass(frozen=True)
class Cells:
    """A row of a table: the line it begins on, and its cells by column."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table: its columns in order, and its rows, those that are no rows of it included."""

    columns: Sequence[str]
    rows: Iterator[Cells | Rejected]


class SourceFile:
    """A file to import. It is opened anew for each reading."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.path = path
        self.limits = limits or Limits()
        self._raw: BinaryIO | None = None
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
                raise WrongFile(
                    f"{path} is a pipe or a device, which can be read only once; write it to a file and "
                    "name that."
                )
            self.size = found.st_size
            with path.open("rb") as file:
                self._magic = file.read(4)
        except OSError as error:
            raise WrongFile(f"{path} cannot be read: {error.strerror}.") from error

    @property
    def name(self) -> str:
        """The name of the file without folders."""
        return self.path.name

    def checksum(self) -> str:
        """Return the SHA-256 of the file as it lies there, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def position(self) -> int:
        """Return how many of `size` bytes have been read so far."""
        return self._raw.tell() if self._raw and not self._raw.closed else 0

    def head(self) -> str:
        """Return the beginning of what is in the file, for telling what it is."""
        with self.binary() as file:
            data = file.read(HEAD)
        if data.startswith(UTF_16):
            raise WrongFile(
                f"{self.name} is not UTF-8 but UTF-16; convert the file, for instance with "
                "iconv -f UTF-16 -t UTF-8."
            )
        return data.decode("utf-8-sig", errors="replace")

    @contextmanager
    def binary(self) -> Iterator[IO[bytes]]:
        """Open what is in the file; raise WrongFile when it is damaged or over the limit."""
        with self.path.open("rb") as raw:
            self._raw = raw
            try:
                bounded: Any = _Bounded(self._unpacked(raw), self)
                yield io.BufferedReader(bounded, 256 * 1024)
            except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, OSError) as error:
                raise WrongFile(f"{self.name} is damaged or cut short: {error}.") from error
            finally:
                self._raw = None

    @contextmanager
    def lines(self) -> Iterator[Iterator[str]]:
        """Open the lines of text in the file, with their ends; raise WrongFile for other bytes."""
        with self.binary() as file:
            yield self._decoded(file)

    def _decoded(self, file: IO[bytes]) -> Iterator[str]:
        # One line at a time, so that the error can say which.
        longest = 64 * self.limits.cell
        number = 0
        while line := file.readline(longest):
            number += 1
            if len(line) == longest:
                raise WrongFile(f"{self.name}, line {number} is longer than {longest:,} bytes.")
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise WrongFile(
                    f"{self.name}, line {number} is not UTF-8 (byte 0x{line[error.start]:02X}); "
                    "convert the file, for instance with iconv -f LATIN1 -t UTF-8."
                ) from error

    def _unpacked(self, raw: BinaryIO) -> IO[bytes]:
        if self._magic.startswith(GZIP):
            return gzip.open(raw)  # type: ignore[return-value]
        if self._magic.startswith(ZIP):
            archive = zipfile.ZipFile(raw)
            members = [name for name in archive.namelist() if not name.endswith("/")]
            if len(members) != 1:
                names = ", ".join(members[:5]) or "nothing"
                raise WrongFile(
                    f"{self.name} holds {len(members)} files ({names}); unpack it and name one."
                )
            return archive.open(members[0])
        return raw


class _Bounded(io.RawIOBase):
    """Passes on a stream, up to the limit of unpacked bytes."""

    def __init__(self, stream: IO[bytes], source: SourceFile) -> None:
        self.stream, self.source = stream, source
        self.left = source.limits.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.stream.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            raise WrongFile(
                f"{self.source.name} unpacks to more than {self.source.limits.size:,} bytes."
            )
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_table(
    source: SourceFile,
    *,
    delimiter: str = ",",
    columns: Sequence[str] | None = None,
    quoted: bool = True,
) -> Iterator[Table]:
    """Open a table with a header, or with the given columns if it has none.

    Yields its rows with their line. A row whose cells are not those of the header, with a quote
    that is never closed or a NUL in it, is Rejected. Raises WrongFile.
    """
    with source.lines() as lines:
        rows = _records(source, lines, delimiter, quoted)
        if columns is None:
            first = next(rows, None)
            if not isinstance(first, tuple):
                raise WrongFile(f"{source.name} is empty or has no header.")
            columns = [name.strip() for name in first[1]]
        if len(columns) > source.limits.columns:
            raise WrongFile(f"{source.name} has more than {source.limits.columns:,} columns.")
        doubled = {name for name in columns if name and list(columns).count(name) > 1}
        if doubled:
            raise WrongFile(f"{source.name} has the column {doubled.pop()!r} more than once.")
        yield Table(columns, _cells(source, columns, rows))


def _records(
    source: SourceFile, lines: Iterator[str], delimiter: str, quoted: bool
) -> Iterator[tuple[int, list[str]] | Rejected]:
    quotes = _QuoteCount(lines)
    csv.field_size_limit(source.limits.cell)
    reader = csv.reader(
        quotes, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    while True:
        line = reader.line_num + 1
        quotes.open = False
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise WrongFile(f"{source.name}, line {line}: {error}.") from error
        if row is None:
            return
        if not row:
            continue
        if quoted and quotes.open:
            what = f"a quote is not closed; it takes in lines {line} to {reader.line_num}"
            yield Rejected(line, what)
        else:
            yield line, row


class _QuoteCount:
    """Passes lines on and notes whether their quotes are paired since it was last asked."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.open = False

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.open ^= line.count('"') % 2 == 1
            yield line


def _cells(
    source: SourceFile, columns: Sequence[str], rows: Iterator[tuple[int, list[str]] | Rejected]
) -> Iterator[Cells | Rejected]:
    wanted = len(columns)
    for row in islice(rows, source.limits.rows):
        if isinstance(row, Rejected):
            yield row
            continue
        line, cells = row
        if len(cells) != wanted:
            yield Rejected(line, f"has {len(cells)} cells, where there are {wanted} columns")
        elif "\0" in (text := "".join(cells)):
            column = next(name for name, cell in zip(columns, cells, strict=True) if "\0" in cell)
            yield Rejected(line, "holds a NUL character", column, text[:40].replace("\0", "␀"))
        else:
            yield Cells(line, dict(zip(columns, cells, strict=True)))
    if next(rows, None) is not None:
        raise WrongFile(f"{source.name} has more than {source.limits.rows:,} rows.")
