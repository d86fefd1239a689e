"""Names in any spelling: folding, and what is near.

Plain functions of text, so that models and importers can share them with the HTTP side.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA

# A name at least this like what was asked for (1 is equal) is worth suggesting: two slips in a word
# of five letters pass, another word does not. Two letters changed round count as one slip.
NEAR_ENOUGH = 0.6

# Letters of a part of a name that tell something, words of it that are tried together, and how many names
# are looked at more closely.
TELLING = 3
RUN = 5
CANDIDATES = 50


def fold(name: str) -> str:
    """Return `name` as lower-case ASCII letters and digits, whatever its script.

    A name without letters or digits folds to itself without white space, so that a fold is empty
    only when the name is blank.
    """
    text = anyascii(unicodedata.normalize("NFKC", name)).casefold()
    return "".join(filter(str.isalnum, text)) or "".join(name.split())


def nearest(
    wanted: str, known: Iterable[str], limit: int = 1, near_enough: float = NEAR_ENOUGH
) -> list[str]:
    """Return up to `limit` of the `known` names that are near `wanted`, the nearest first."""
    found = process.extract(
        wanted,
        list(known),
        scorer=OSA.normalized_similarity,
        processor=fold,
        limit=limit,
        score_cutoff=near_enough,
    )
    return [name for name, _, _ in found]


class NearMiss:
    """A name that nobody bears, and which of the known folds may be what was meant by it.

    `candidates` are folds, the likeliest first: the one that is nearest as a whole (then it is `misspelt`);
    where none is near, those that hold all words of the name, the shortest first, and those that are some
    of its words.
    """

    def __init__(self, asked: str, folds: Sequence[str]) -> None:
        self.asked = asked
        near = process.extractOne(
            fold(asked), folds, scorer=OSA.normalized_similarity, score_cutoff=NEAR_ENOUGH
        )
        self.misspelt = near is not None
        self.candidates = [near[0]] if near else self._related(folds)

    def _related(self, folds: Sequence[str]) -> list[str]:
        words = _words(self.asked)
        if len("".join(words)) < TELLING:
            return []
        # The longest word is the one that fewest hold.
        longest = max(words, key=len)
        holding = [known for known in folds if longest in known]
        holding = [known for known in holding if all(word in known for word in words)]
        runs = {
            "".join(words[first : first + length])
            for length in range(1, RUN + 1)
            for first in range(len(words))
        }
        parts = {run for run in runs if len(run) >= TELLING}.intersection(folds)
        return [
            *sorted(holding, key=lambda known: (len(known), known))[:CANDIDATES],
            *sorted(parts, key=lambda known: (-len(known), known)),
        ]

    def choose(self, written: Mapping[str, Sequence[tuple[str, str]]]) -> str | None:
        """Return what to suggest: of a candidate, how it is `written`, and what is suggested for that."""
        for candidate in self.candidates:
            for term, suggestion in written.get(candidate, ()):
                if self.misspelt or _holds(term, self.asked) or _holds(self.asked, term):
                    return suggestion
        return None


def _words(name: str) -> list[str]:
    return [fold(word) for word in re.findall(r"[^\W_]+", name)]


def _holds(name: str, part: str) -> bool:
    """Return whether each word of `part` is in `name` and begins where a word begins there."""
    words = _words(name)
    ends = ["".join(words[number:]) for number in range(len(words))]
    return all(any(end.startswith(word) for end in ends) for word in _words(part))
