"""Actors of the Uppsala Conflict Data Program: one numbering through all its datasets."""

from functools import lru_cache

from ingest.countries import country_place
from ingest.records import Actor, Code, Name, Place

GOVERNMENT = "Government of "

# UCDP says of an actor what it is in its actor dataset only. Those that sign peace agreements as
# third parties are no armed groups: organisations of states, missions of theirs, and a party.
ORGANISATIONS = {
    "2316": "UDPS",
    "4231": "African Union",
    "5848": "MINUSCA",
    "7050": "CEN-SAD",
    "7051": "ECCAS",
    "7052": "United Nations",
    "7053": "European Union",
    "7054": "International Organisation of La Francophonie",
    "7062": "OAU",
    "7065": "ECOWAS",
    "7066": "OIC",
    "7071": "IGAD",
    "7075": "Arab League",
    "7078": "OSCE",
    "7379": "COI",
    "7380": "ICGLR",
    "7385": "ICGL",
    "7387": "Commonwealth Organization",
}


@lru_cache(maxsize=20_000)
def ucdp_actor(number: str, name: str) -> tuple[Actor, tuple[Place, ...]]:
    """Return the actor of that number and name, and the records that it refers to.

    “Government of X” is the state X, which goes by the name of its country too. Whoever is neither
    that nor a known organisation is an armed group.
    """
    code = Code("ucdp-actor", number)
    name = " ".join(name.split())
    id_ = f"ucdp-actor-{number}"
    state = name.removeprefix(GOVERNMENT)
    if state == name:
        kind = "organisation" if number in ORGANISATIONS else "armed-group"
        return Actor(id_, name, kind, cites=[], codes=[code]), ()
    country = country_place(state)
    names = [Name(other) for other in dict.fromkeys([state, country.name if country else state])]
    actor = Actor(
        id=id_,
        name=name,
        kind="state",
        cites=[],
        country=country.id if country else None,
        names=names,
        codes=[code],
    )
    return actor, (country,) if country else ()
