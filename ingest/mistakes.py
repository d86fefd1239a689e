"""What is wrong in a file that people wrote: every mistake with its line, all of them at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingest.rows import BadRecord

# More are not told at once: they mostly come from one.
MOST = 40


@dataclass(frozen=True, order=True)
class Mistake:
    """What is wrong, on which line, and of which record and key, such as `events > it-happens > date`."""

    line: int
    where: str
    what: str


class BadDossier(BadRecord):
    """All the mistakes of a file, as they come in it."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        found = sorted(set(mistakes))
        told = [_told(file, mistake) for mistake in found[:MOST]]
        if len(found) > MOST:
            told.append(f"And {len(found) - MOST} more.")
        ValueError.__init__(
            self,
            told[0] if len(found) == 1 else "\n".join([f"{len(found)} mistakes in {file}:", *told]),
        )
        self.where, self.what = file, str(self)
        self.column = self.value = None


def _told(file: str, mistake: Mistake) -> str:
    where = f"{mistake.where}: " if mistake.where else ""
    return f"{file}:{mistake.line}: {where}{mistake.what}"


@dataclass
class Places:
    """Where each record and key of a file stands, by its path: the lines, and what is written there."""

    lines: dict[str, list[int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, where: str) -> int:
        """Return the line of a path, or of what it is in."""
        while where and where not in self.lines:
            where = where.rpartition(" > ")[0]
        return self.lines.get(where, [1])[0]

    def add(self, where: str, what: str, line: int | None = None) -> None:
        self.mistakes.append(Mistake(line or self.line(where), where, what))

    def below(self, where: str) -> Iterator[tuple[str, str]]:
        """Yield the paths within a record at which a text stands, and the text."""
        for path, text in self.texts.items():
            if path.startswith(f"{where} > "):
                yield path, text
