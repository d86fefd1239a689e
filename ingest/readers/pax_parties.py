"""Which states signed an agreement, as far as PA-X says so in a way that a machine can trust.

PA-X pastes what stands under an agreement: names, titles, addresses, remarks. Only for agreements
between states (`Inter`, `InterIntra`) that were signed is it safe to read states out of that.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.countries import country_place
from ingest.records import Actor, Name, Place

BETWEEN_STATES = ("Inter", "InterIntra")
SIGNED = "Multiparty signed/agreed"
UNSIGNED = re.compile(r"\b(?:not signed|unsigned|without signator|no signator)", re.IGNORECASE)

UNITED_NATIONS = Actor(
    "united-nations", "United Nations", "organisation", cites=[], names=[Name("UN")]
)

# A line or clause that is a state and nothing else, by itself, for somebody or by an office.
ENDS = " \t\r.,;:-–•*[]()"
OFFICE = re.compile(
    r"(?:(?:signed )?(?:for(?: and on behalf of)?|on behalf of):?\s+)?(?:the\s+)?"
    r"(?:(?:governments?|heads? of state|presidents?|prime ministers?|foreign ministers?"
    r"|ministers? (?:of|for) (?:foreign affairs|defen[cs]e))\s+of\s+(?:the\s+)?)?",
    re.IGNORECASE,
)
# What makes the name of a state a part of another name.
BEFORE = re.compile(
    r"\b(?:north|south|east|west|(?:north|south|east|west)ern|democratic"
    r"|(?:front|forces|army|movement|party|union|liberation) (?:of|for)(?: the)?"
    r"|group(?: (?:of|for|on))?)\s+$",
    re.IGNORECASE,
)
AFTER = re.compile(
    r"\s+(?:people|liberation|patriotic|revolutionary|national (?:army|movement))", re.IGNORECASE
)
AROUND = 40
SHORTEST = 4


def names_in(conflict: str) -> list[str]:
    """Return the names of a conflict: `A/B/(C)` names A, B and C. A slash in brackets parts nothing."""
    names = (name.strip() for name in re.split(r"/(?![^()]*\))", conflict))
    return [re.sub(r"^\((.*)\)$", r"\1", name).strip() for name in names if name]


def states_that_signed(conflict: str, type_: str, status: str, parties: str) -> list[Place]:
    """Return the states that signed an agreement, each once.

    In an interstate agreement about an interstate conflict the countries of the conflict are those
    that agreed, says the codebook. Elsewhere they are what it is about; those that `parties` names
    too have signed. So have others that stand there in a line of their own.
    """
    if type_ not in BETWEEN_STATES or status != SIGNED or UNSIGNED.search(parties):
        return []
    of_conflict = _countries(conflict) if type_ == "Inter" else ()
    signed = [*of_conflict, *_named(conflict, parties), *_lines(parties)]
    return list({place.id: place for place in signed}.values())


def _countries(conflict: str) -> list[Place]:
    return [place for place in map(_country, names_in(conflict)) if place]


def _country(name: str) -> Place | None:
    place = country_place(name)
    return place if place and place.kind == "country" else None


def _named(conflict: str, parties: str) -> Iterator[Place]:
    pattern, by_name = _names(conflict)
    for match in pattern.finditer(parties):
        place = by_name.get(match[0].casefold())
        before = parties[max(0, match.start() - AROUND) : match.start()]
        of_another = BEFORE.search(before) or AFTER.match(parties, match.end())
        if place and not of_another:
            yield place


@lru_cache(maxsize=1024)
def _names(conflict: str) -> tuple[re.Pattern[str], dict[str, Place | None]]:
    """Return a pattern of all names, the longest first, and whose they are: None for a territory's."""
    by_name: dict[str, Place | None] = {}
    for spelling in names_in(conflict):
        place = _country(spelling)
        by_name[spelling.casefold()] = place
        for name in (place.name, *(name.name for name in place.names)) if place else ():
            if len(name) >= SHORTEST:
                by_name[name.casefold()] = place
    names = "|".join(map(re.escape, sorted(by_name, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?<!\w)(?:{names or '(?!)'})(?![\w-])", re.IGNORECASE), by_name


def _lines(parties: str) -> Iterator[Place]:
    for line in re.split(r"[\n;]", parties):
        text = line.strip(ENDS)
        rest = text[match.end() :] if (match := OFFICE.match(text)) else text
        if len(rest) >= SHORTEST and (place := _country(rest)):
            yield place


@lru_cache(maxsize=1024)
def state(country: str) -> Actor:
    """Return the state of the country of that name, under the country's own id and names."""
    place = country_place(country)
    if place is None:
        raise ValueError(f"no country is named {country}")
    return Actor(place.id, place.name, "state", cites=[], country=place.id, names=place.names)
