"""Passages of a text: where they stand, and whether they still say what was cited."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# How a locator names a paragraph, no characters of it.
PARAGRAPH = re.compile(r"paragraph ([1-9]\d{0,5})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (not included) of a paragraph, and the hash of what stands there."""

    paragraph: int
    start: int
    end: int
    sha256: str


def paragraphs(text: str) -> list[str]:
    """Return the blocks of `text` between empty lines, in order; the first is number 1."""
    return [block.strip("\n") for block in re.split(r"\n[^\S\n]*\n", text) if block.strip()]


def paragraph_named(locator: str | None) -> int | None:
    """Return the number that `paragraph 3` says; None where a locator says something else."""
    named = PARAGRAPH.fullmatch((locator or "").strip())
    return int(named[1]) if named else None


def digest(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def find(text: str, words: str) -> Iterator[Span]:
    """Yield every span of `text` that reads `words`."""
    for number, block in enumerate(paragraphs(text), 1):
        for match in re.finditer(re.escape(words), block):
            yield Span(number, match.start(), match.end(), digest(words))


def mistake(text: str, span: Span) -> str | None:
    """Return what is wrong with `span` in `text`, or None when it says what was cited."""
    blocks = paragraphs(text)
    if span.paragraph > len(blocks):
        return f"there are only {len(blocks)} paragraphs"
    block = blocks[span.paragraph - 1]
    if span.end > len(block):
        return f"paragraph {span.paragraph} has only {len(block)} characters"
    if digest(block[span.start : span.end]) != span.sha256:
        return "the passage there is not the one that was cited"
    return None
