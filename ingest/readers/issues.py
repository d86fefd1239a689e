"""What datasets of agreements code in them, issue by issue: as provisions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from ingest.records import Code, Provision


@dataclass(frozen=True)
class Issue:
    """An issue that a dataset codes. `number` is its place in the vocabulary, which never changes.

    `graded`: its value says how far a provision goes, and not only that there is one.
    """

    scheme: str
    code: str
    number: int
    theme: str
    text: str
    graded: bool = False


def read_issues(path: Path, scheme: str, sentence: str = "{}") -> Iterator[Issue]:
    """Yield the issues of a vocabulary file in their order; `sentence` makes their `about` one."""
    number = 0
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["themes"]:
        for theme, issues in group.items():
            for code, given in issues.items():
                number += 1
                entry = {"about": given} if isinstance(given, str) else given
                text = entry.get("says") or sentence.format(entry["about"])
                yield Issue(scheme, code, number, theme, text, graded="scale" in entry)


@lru_cache(maxsize=4096)
def coded(issue: Issue, value: int) -> Provision:
    """Return the provision that a coded value stands for; its id is left to the loader.

    A value of 1 where there is no other grade says no more than that the provision is there. A
    higher one is kept even there.
    """
    return Provision(
        id="",
        number=issue.number,
        kind=issue.theme,
        text=issue.text,
        status="unknown",
        cites=[],
        code=Code(issue.scheme, issue.code),
        level=value if issue.graded or value > 1 else None,
    )
