"""What is asked of an import, and what it did."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How many records of a kind were new, changed or left as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


class NothingPublished(ValueError):
    """An import that was called off as a whole; the data are as they were."""


@dataclass(frozen=True)
class Plan:
    """How a file is to be imported.

    `whole`: what the file leaves out is removed. `most_rejected` is the share of rows, from 0 to 1,
    that may be rejected; `most_removed` the share of the dataset's records that may be removed.
    """

    whole: bool
    most_rejected: float = 0.01
    most_removed: float = 0.2
    dry_run: bool = False


@dataclass
class Report:
    """What an import did: rows read and rejected, and for each kind of record what became of it.

    `reasons` counts the rejected by reason, `skipped` those that are none of what the reader takes;
    `unread` are those of the rejected that the reader could not make out; `notes` are sentences for
    whoever imports.
    """

    read: int = 0
    rejected: int = 0
    unread: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    tallies: dict[str, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    # The kinds of records that the file is about.
    told: frozenset[str] = frozenset()

    @property
    def published(self) -> int:
        """How many rows are published: those read, but for the rejected and those out of scope."""
        return self.read - self.rejected - self.skipped.total()
