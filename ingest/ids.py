"""Ids made of texts."""

import hashlib
import re

from anyascii import anyascii

LONGEST = 100


def slug(*parts: str) -> str:
    """Return an id made of texts: lower-case ASCII words joined by hyphens, 100 characters at most.

    What is cut off, and what has no letters in it, is told apart by a hash of the whole.
    """
    whole = "-".join(parts)
    words = "-".join(re.findall(r"[a-z0-9]+", anyascii(whole).casefold()))
    if words and len(words) <= LONGEST:
        return words
    mark = hashlib.sha256(whole.encode()).hexdigest()[:10]
    return f"{words[: LONGEST - 11].rstrip('-')}-{mark}".lstrip("-")
