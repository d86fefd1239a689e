"""The actors of ACLED's events: what sort each is, the names it goes by, and its part in an event.

Names, types of actor ("inter" codes) and their meaning are those of ACLED's codebook of October 2024.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from ingest.countries import country_place
from ingest.ids import slug
from ingest.records import Actor, Name, Place

NOBODY, STATE, REBELS, POLITICAL, IDENTITY, RIOTERS, PROTESTERS, CIVILIANS, OTHER = range(9)

# Exports write the type of an actor as a number or in words, in the singular since 2024.
INTER = {
    "": NOBODY,
    "state forces": STATE,
    "rebel group": REBELS,
    "rebel groups": REBELS,
    "political militia": POLITICAL,
    "political militias": POLITICAL,
    "identity militia": IDENTITY,
    "identity militias": IDENTITY,
    "rioters": RIOTERS,
    "protesters": PROTESTERS,
    "civilians": CIVILIANS,
    "external/other forces": OTHER,
    "external forces": OTHER,
    "other forces": OTHER,
} | {str(number): number for number in range(9)}

KINDS = {
    STATE: "armed-force",
    REBELS: "armed-group",
    POLITICAL: "armed-group",
    IDENTITY: "armed-group",
    RIOTERS: "civilian-group",
    PROTESTERS: "civilian-group",
    CIVILIANS: "civilian-group",
}
# A name that is now of one type and now of another is of the first of these; `organisation` is what
# is said of none: of external forces, and of those that are only named beside an actor.
RANKS = ("armed-force", "armed-group", "civilian-group", "organisation")

# Names whose form tells what they are.
FORMS = (
    (re.compile(r"(?:Mutiny of )?Military Forces of |Unidentified Military Forces"), "armed-force"),
    (re.compile(r"(?:Mutiny of )?Police Forces of |Government of "), "government-body"),
    (re.compile(r"(?:Protesters|Rioters|Civilians) \("), "civilian-group"),
    (re.compile(r"(?:Women|Men|Girls|Children|LGBTQ\+|Refugees/IDPs) \("), "civilian-group"),
    (
        re.compile(r"(?:Students|Teachers|Farmers|Fishers|Health Workers|Lawyers) \("),
        "civilian-group",
    ),
    (re.compile(r"Labou?r Group \("), "civilian-group"),
    (re.compile(r"Journalists \("), "media"),
    (re.compile(r"Unidentified (?:.+ )?(?:Armed Group|Militia|Gang)"), "armed-group"),
)
CROWDS = {"Rioters (": RIOTERS, "Protesters (": PROTESTERS, "Civilians (": CIVILIANS}

YEARS = re.compile(r"\s*\(\d{4}-(?:\d{4})?\)")
OF_STATE = re.compile(r"(?:Military Forces|Police Forces|Government) of (?:the )?(.+?) \(\d{4}-")
AT_END = re.compile(r"\(([^()]+)\)$")
SHORT_AND_LONG = re.compile(r"([^\s:]{2,20}): (\S.+)")


@lru_cache(maxsize=50_000)
def kind_of_form(name: str) -> str | None:
    """Return the kind of an actor whose name tells it, None for any other."""
    return next((kind for form, kind in FORMS if form.match(name)), None)


def kind_of_type(inter: int) -> str:
    """Return the kind of an actor of a type, where its name does not tell."""
    return KINDS.get(inter, "organisation")


def type_of_crowd(name: str) -> int:
    """Return the type that the name of rioters, protesters or civilians tells, or NOBODY."""
    return next((type_ for words, type_ in CROWDS.items() if name.startswith(words)), NOBODY)


@lru_cache(maxsize=50_000)
def actor(name: str, kind: str) -> tuple[Actor, tuple[Place, ...]]:
    """Return the actor, and the country that its name says it belongs to.

    ACLED tells regimes apart by their years: without them, the forces of a state go by their name
    too. A group with a short and a long name goes by each.
    """
    found = OF_STATE.search(name) or AT_END.search(name)
    nation = country_place(found[1]) if found else None
    return Actor(
        id=slug("acled", name),
        name=name,
        kind=kind,
        cites=[],
        country=nation.id if nation else None,
        names=[Name(other) for other in _other_names(name)],
    ), (nation,) if nation else ()


def _other_names(name: str) -> list[str]:
    names = [YEARS.sub("", name)]
    if parts := SHORT_AND_LONG.fullmatch(name):
        names += parts.groups()
    return [other for other in dict.fromkeys(names) if other != name]


@lru_cache(maxsize=50_000)
def short_name(name: str) -> str:
    """Return a name for a title: without years."""
    return YEARS.sub("", name)


@lru_cache(maxsize=1_000)
def roles(event_type: str, first: int, second: int) -> tuple[str, str]:
    """Return the roles of the two main actors, by their types.

    The order in which ACLED names them does not tell who did it (codebook, `actor1`), but who they
    are may: civilians never use violence, protesters protest, rioters riot. Both sides of a battle,
    and of remote violence between armed groups, take part.
    """
    return _role(event_type, first, second), _role(event_type, second, first)


def _role(event_type: str, own: int, other: int) -> str:
    if event_type == "Protests":
        return "initiator" if own == PROTESTERS else "participant"
    if event_type == "Riots" and own == RIOTERS:
        return "initiator"
    one_sided = event_type in ("Violence against civilians", "Explosions/Remote violence")
    if own == CIVILIANS and other != CIVILIANS and (one_sided or event_type == "Riots"):
        return "target"
    if one_sided and other in (CIVILIANS, NOBODY) and own != CIVILIANS:
        return "initiator"
    return "participant"


def surest(kinds: Mapping[str, str], name: str, inter: int) -> str:
    """Return the kind of a name given the kinds known so far and one more type of it."""
    return min(kinds.get(name, RANKS[-1]), kind_of_type(inter), key=RANKS.index)
