"""Who GDELT says acts: CAMEO's codes of actors, as actors of ours.

A code is a row of parts of three characters: `AZEMIL` is Azerbaijan's military, `NGOUSAJEW` a Jewish
non-governmental organisation of the United States. An actor is its code; the name that the article
gives it (BONN, WOJCIECH JARUZELSKI) stays with the event.
"""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from ingest.countries import country_place
from ingest.ids import slug
from ingest.records import Actor, Code, Place

VOCABULARY = Path(__file__).with_name("cameo_actors.yaml")
PART = 3
ETHNIC = re.compile("[a-z]+")
# What a group is named after goes without saying once the group is named.
UNSAID = {"IGO", "NGO", "NGM", "INT"}


@dataclass(frozen=True, slots=True)
class Who:
    """An actor, words for it in a title, and the records that it refers to, itself included."""

    actor: Actor
    words: str
    needs: tuple[Place | Actor, ...]


@dataclass(slots=True)
class _Parts:
    """What the parts of a code stand for, by sort."""

    countries: list[Place] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    communities: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@lru_cache(maxsize=50_000)
def who(code: str) -> Who:
    """Return the actor that a code stands for."""
    parts = _parts(code)
    words = _words(parts) or code
    # A generic actor must not be taken for one of the same name in another dataset.
    alone = not (parts.countries or parts.regions or parts.groups or parts.communities)
    country = parts.countries[-1] if parts.countries else None
    actor = Actor(
        # Ethnic codes differ from those of countries by case alone: che is Chechen, CHE Switzerland.
        id=slug("gdelt", ETHNIC.sub(r"-ethnic-\g<0>-", code)),
        name=f"{words} (country not stated)" if alone else words,
        kind=_kind(parts),
        cites=[],
        country=country.id if country else None,
        codes=[Code("cameo-actor", code)],
    )
    return Who(actor, words, (country, actor) if country else (actor,))


@lru_cache(maxsize=50_000)
def named(name: str) -> Who:
    """Return the actor of that name, which GDELT knows no code for."""
    actor = Actor(id=slug("gdelt-name", name), name=name, kind="organisation", cites=[])
    return Who(actor, name, (actor,))


def _parts(code: str) -> _Parts:
    vocabulary = _vocabulary()
    parts = _Parts()
    for start in range(0, len(code), PART):
        part = code[start : start + PART]
        if part in vocabulary["roles"]:
            parts.roles.append(part)
        # Before countries: SUN is Sunni in GDELT, and not the Soviet Union.
        elif part in vocabulary["religions"]:
            parts.communities.append(vocabulary["religions"][part])
        elif part in vocabulary["ethnic"]:
            parts.communities.append(vocabulary["ethnic"][part])
        elif part.isupper() and (country := country_place(part, "cameo")):
            parts.countries.append(country)
        elif part in vocabulary["groups"]:
            parts.groups.append(part)
        elif part in vocabulary["regions"]:
            parts.regions.append(vocabulary["regions"][part])
        else:
            parts.unknown.append(part)
    return parts


def _words(parts: _Parts) -> str:
    """Return the name that the parts make: `Azerbaijan: military`."""
    vocabulary = _vocabulary()
    roles = dict.fromkeys(parts.roles)
    heads = [country.name for country in parts.countries]
    if parts.groups:
        roles = {role: None for role in roles if role not in UNSAID}
        heads += [vocabulary["groups"][group] for group in parts.groups]
    else:
        heads += parts.regions + parts.communities
    head = ", ".join(dict.fromkeys(heads))
    rest = ", ".join(vocabulary["roles"][role][0] for role in roles)
    words = f"{head}: {rest}" if head and rest else head or rest
    if words and parts.unknown:
        words = f"{words} ({' '.join(parts.unknown)})"
    return words[:1].upper() + words[1:]


def _kind(parts: _Parts) -> str:
    """Return what sort of actor it is: what its first role, or else its group, makes it."""
    vocabulary = _vocabulary()
    armed = any(group in vocabulary["armed"] for group in parts.groups)
    if parts.roles:
        kind: str = vocabulary["roles"][parts.roles[0]][1]
        return kind
    if parts.groups:
        return "armed-group" if armed else "organisation"
    if parts.communities:
        return "civilian-group"
    return "state" if parts.countries and not parts.unknown else "organisation"


@cache
def _vocabulary() -> dict[str, Any]:
    vocabulary: dict[str, Any] = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
    return vocabulary
