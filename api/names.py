"""Names in any spelling: folding, and what is near.

Plain functions of text, so that models and importers can share them with the HTTP side.
"""

import math
import unicodedata
from collections.abc import Iterable

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA

# A name at least this like what was asked for (1 is equal) is worth suggesting: two slips in a word
# of five letters pass, another word does not. Two letters changed round count as one slip.
NEAR_ENOUGH = 0.6


def fold(name: str) -> str:
    """Return `name` as lower-case ASCII letters and digits, whatever its script.

    A name without letters or digits folds to itself without white space, so that a fold is empty
    only when the name is blank.
    """
    text = anyascii(unicodedata.normalize("NFKC", name)).casefold()
    return "".join(filter(str.isalnum, text)) or "".join(name.split())


def nearest(wanted: str, known: Iterable[str], limit: int = 1) -> list[str]:
    """Return up to `limit` of the `known` names that are near `wanted`, the nearest first."""
    found = process.extract(
        wanted,
        list(known),
        scorer=OSA.normalized_similarity,
        processor=fold,
        limit=limit,
        score_cutoff=NEAR_ENOUGH,
    )
    return [name for name, _, _ in found]


def nearest_fold(wanted: str, known: Iterable[str]) -> str | None:
    """Return the one of the `known` that is nearest to `wanted`, if one is near; all are folded."""
    scorer = OSA.normalized_similarity
    found = process.extractOne(wanted, list(known), scorer=scorer, score_cutoff=NEAR_ENOUGH)
    return found[0] if found else None


def lengths_near(fold: str) -> tuple[int, int]:
    """Return the least and the most letters of what can be near to a name that is folded."""
    return math.ceil(len(fold) * NEAR_ENOUGH), math.floor(len(fold) / NEAR_ENOUGH)
