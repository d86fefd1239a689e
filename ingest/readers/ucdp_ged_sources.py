"""What UCDP's georeferenced events rest on: the articles and reports that a row lists."""

import hashlib
from datetime import date
from functools import lru_cache

from ingest.ids import slug
from ingest.records import Cite, Publisher, Source

SUPPORTS = ["title", "date", "place", "deaths", "participants"]
# The codebook: this year stands for a date that is missing.
NO_YEAR = 1753


def sources(
    article: str, offices: str, days: str, headlines: str
) -> tuple[list[Cite], list[Publisher | Source]]:
    """Return a cite for each source in four cells of a row, and the records they refer to."""
    cites: list[Cite] = []
    needs: list[Publisher | Source] = []
    for reference in dict.fromkeys(_references(article, offices, days, headlines)):
        cite, records = _source(*reference)
        cites.append(cite)
        needs += records
    return cites, needs


def _references(
    article: str, offices: str, days: str, headlines: str
) -> list[tuple[str, str, str]]:
    """Return title, office and day of each source; what cannot be told apart is one title.

    The lists are joined by semicolons, and a headline may hold one: then the headlines are found in
    the list of whole articles, each in quotes as "office,day,headline".
    """
    if not offices:
        return [(_plain(article), "", "")] if article else []
    office, day, title = offices.split(";"), days.split(";"), headlines.split(";")
    if len(title) != len(office):
        entries = zip(article[1:-1].split('";"'), day, strict=False)
        title = [entry.partition(f",{published},")[2] for entry, published in entries]
    if not len(title) == len(office) == len(day) or not all(title):
        return [(_plain(article or headlines or offices), "", "")]
    return [
        (_plain(headline), _plain(name), _plain(published))
        for headline, name, published in zip(title, office, day, strict=True)
        if headline.strip() or name.strip()
    ]


def _plain(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=20_000)
def _source(title: str, office: str, day: str) -> tuple[Cite, tuple[Publisher | Source, ...]]:
    publisher = _publisher(office) if office else None
    mark = hashlib.sha256("\n".join((title, office, day)).encode()).hexdigest()[:16]
    source = Source(
        id=f"ucdp-source-{mark}",
        kind="article",
        title=title or f"{office}, {day}".strip(" ,"),
        publisher=publisher.id if publisher else None,
        published=_day(day),
    )
    needs = (publisher, source) if publisher else (source,)
    return Cite(supports=SUPPORTS, source=source.id), needs


@lru_cache(maxsize=5_000)
def _publisher(name: str) -> Publisher:
    """Return the publisher; names that differ in case or accents only are two, as in the file."""
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return Publisher(f"{slug('ucdp', name)[:90].rstrip('-')}-{mark}", name)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return None if day.year == NO_YEAR else day
