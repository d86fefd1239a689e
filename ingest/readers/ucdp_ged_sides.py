"""The two sides of UCDP's georeferenced events: states, civilians and armed groups."""

import re
from functools import lru_cache

from ingest.ids import slug
from ingest.readers.ucdp_ged_places import country
from ingest.records import Actor, Code, Name, Place

GOVERNMENT = "Government of "
# Who is a side for what they believe or whom they follow, and has no organisation.
CIVILIANS = re.compile(r"Civilians|Supporters of .+|(?:Christians|Hindus|Muslims|Sikhs) \(.+\)")


@lru_cache(maxsize=20_000)
def side(name: str, number: str | None) -> tuple[Actor, tuple[Place, ...]]:
    """Return the actor that UCDP calls `name`, with its number if the file has them; its country.

    A government is the state that it governs, and goes by its name too. Several names with commas
    between them are one actor, as they are one number to UCDP.
    """
    states = name.removeprefix(GOVERNMENT).split(f", {GOVERNMENT}")
    if name.startswith(GOVERNMENT):
        nation = country(states[0]) if len(states) == 1 else None
        kind = "state"
    else:
        nation = None
        kind = "civilian-group" if CIVILIANS.fullmatch(name) else "armed-group"
    actor = Actor(
        id=f"ucdp-actor-{number}" if number else slug("ucdp-actor", name),
        name=name,
        kind=kind,
        cites=[],
        country=nation.id if nation else None,
        names=_state_names(name, states[0], nation.name) if nation else [],
        codes=[Code("ucdp-actor", number)] if number else [],
    )
    return actor, (nation,) if nation else ()


def _state_names(name: str, written: str, nation: str) -> list[Name]:
    """Return the names of a state: its country's, and UCDP's without the older one in brackets."""
    names = (nation, f"{GOVERNMENT}{nation}", written, written.partition(" (")[0])
    return [Name(other) for other in dict.fromkeys(names) if other != name]
