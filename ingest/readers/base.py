"""What a reader is: a name, the dataset it reads, and a generator of rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.files import Cells, Rejected, Skipped, SourceFile, Table, WrongFile
from ingest.ids import slug as slug
from ingest.records import (
    Actor,
    Agreement,
    Control,
    Dataset,
    Event,
    Passage,
    Place,
    Publisher,
    Source,
)

Record = Publisher | Source | Place | Actor | Control | Agreement | Event


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of a file tells: its record, and the records that this one refers to.

    `line` is where the row begins. The same place, actor or document may come with any number of
    rows; readers keep those they have made (functools.lru_cache), so that the loader can tell by
    identity that it has seen one already.
    """

    line: int
    record: Record
    needs: Sequence[Record] = ()


Outcome = Row | Rejected | Skipped


@dataclass(frozen=True)
class Heading:
    """What a file says of itself: which dataset it is, and the passages that its cites name."""

    dataset: Dataset
    passages: Mapping[str, Passage] = field(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """A format that can be imported.

    `dataset` describes what is read unless the file does, by `heading`; its release is given by
    `release` from the file's name, or by the operator. `whole`: a file holds all of a release, so
    that records it leaves out are gone from the dataset. `curated`: its records mean what their ids
    say, nothing is looked up by name. `builtin` are files that come with the software, by name, the
    default first.
    """

    name: str
    what: str
    dataset: Dataset | None
    read: Callable[[SourceFile], Iterator[Outcome]]
    recognises: Callable[[str], bool]
    release: Callable[[str], str | None] | None = None
    heading: Callable[[SourceFile], Heading] | None = None
    whole: bool = True
    curated: bool = False
    builtin: Mapping[str, Path] = field(default_factory=dict)


class Unreadable(ValueError):
    """A cell that does not say what its column asks for."""

    def __init__(self, column: str, value: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


def read_rows(table: Table, read: Callable[[Cells], Row | Skipped | None]) -> Iterator[Outcome]:
    """Yield what `read` makes of each row; one that raises Unreadable is Rejected.

    `read` returns None for a row that is part of the header (HXL tags), which counts as none.
    """
    for cells in table.rows:
        if isinstance(cells, Rejected):
            yield cells
            continue
        try:
            row = read(cells)
        except Unreadable as error:
            yield Rejected(cells.line, error.reason, error.column, error.value)
            continue
        if row is not None:
            yield row


def require(source: SourceFile, what: str, columns: Iterable[str], wanted: Iterable[str]) -> None:
    """Raise WrongFile when one of the `wanted` columns is not there."""
    present = list(columns)
    missing = [name for name in wanted if name not in present]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing[:5])
        verb = "columns {} are" if len(missing) > 1 else "column {} is"
        raise WrongFile(f"{source.name} is no {what}: the {verb.format(names)} missing.")


def whole_number(
    cells: Cells, column: str, least: int = 0, most: int = 2**31 - 1, missing: str | None = ""
) -> int | None:
    """Return the number in a cell, None when it is empty or not there; raise Unreadable."""
    text = cells.values.get(column, "").strip()
    if text in ("", missing):
        return None
    if not text.isascii() or "_" in text:
        raise Unreadable(column, text, "is not a whole number")
    try:
        number = int(text) if "." not in text else int(text.rstrip("0").removesuffix("."))
    except ValueError:
        raise Unreadable(column, text, "is not a whole number") from None
    if not least <= number <= most:
        raise Unreadable(column, text, f"is not between {least:,} and {most:,}")
    return number


def degrees(cells: Cells, column: str, most: int) -> float | None:
    """Return the degrees in a cell, None when it is empty; raise Unreadable."""
    text = cells.values.get(column, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise Unreadable(column, text, "is not a number of degrees") from None
    if not -most <= number <= most:
        raise Unreadable(column, text, f"is not between -{most} and {most}")
    return number


def text_of(cells: Cells, column: str) -> str | None:
    """Return the text of a cell without white space around it, None when nothing is left."""
    return cells.values.get(column, "").strip() or None
