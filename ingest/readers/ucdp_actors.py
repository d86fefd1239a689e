"""Actors that sign peace agreements, by UCDP's numbers: one numbering through all its datasets."""

from dataclasses import replace
from functools import lru_cache

from ingest.readers.ucdp_ged_sides import side
from ingest.records import Actor, Place

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
    """Return the actor of that number and name, and the country that it refers to.

    A side of a conflict is what it is among the events; the others are organisations.
    """
    actor, countries = side(" ".join(name.split()), number)
    if number in ORGANISATIONS:
        actor = replace(actor, kind="organisation")
    return actor, countries
