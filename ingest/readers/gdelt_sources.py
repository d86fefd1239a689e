"""What GDELT's events rest on: the address or the name of the first report that told of one."""

import hashlib
import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from ingest.ids import slug
from ingest.readers.base import Unreadable
from ingest.records import Cite, Publisher, Source

SUPPORTS = ["type", "date", "place", "participants"]
LONGEST_URL = 2_000
ADDRESS = re.compile(r"https?://[^\s/?#]\S*")
ENDING = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
NUMBER = re.compile(r"\d{5,}")
FEWEST_WORDS = 3


@lru_cache(maxsize=20_000)
def cited(text: str) -> tuple[list[Cite], tuple[Publisher | Source, ...]]:
    """Return the cites of an event by its `SOURCEURL`, and the records that they refer to.

    Where the report is not on the web, the text is its name. Raises Unreadable.
    """
    if not text:
        return [], ()
    id_ = f"gdelt-{hashlib.sha256(text.encode()).hexdigest()[:20]}"
    cites = [Cite(supports=SUPPORTS, source=id_)]
    if not ADDRESS.fullmatch(text):
        return cites, (Source(id=id_, kind="article", title=text),)
    if len(text) > LONGEST_URL:
        raise Unreadable("SOURCEURL", text, f"is longer than {LONGEST_URL:,} characters")
    try:
        address = urlsplit(text)
        host = (address.hostname or "").removeprefix("www.")
    except ValueError as error:
        raise Unreadable("SOURCEURL", text, "is not a web address") from error
    if not host:
        raise Unreadable("SOURCEURL", text, "is not a web address")
    publisher = _publisher(host)
    title = _title(address.path, host) or text.partition("://")[2]
    source = Source(id=id_, kind="article", title=title, publisher=publisher.id, url=text)
    return cites, (publisher, source)


@lru_cache(maxsize=10_000)
def _publisher(host: str) -> Publisher:
    return Publisher(id=slug(host), name=host)


def _title(path: str, host: str) -> str | None:
    """Return the words of an address that has some: `Talks go on in the capital (example.org)`."""
    for segment in reversed(path.split("/")):
        words = re.split(r"[-_+\s\0]+", ENDING.sub("", unquote(segment)).strip("-_+ "))
        # Numbers and hashes at the ends are the site's own.
        while words and not WORD.fullmatch(words[-1]):
            words.pop()
        while words and NUMBER.fullmatch(words[0]):
            del words[0]
        if sum(bool(WORD.fullmatch(word)) for word in words) >= FEWEST_WORDS:
            text = " ".join(words)
            return f"{text[:1].upper()}{text[1:]} ({host})"
    return None
