"""What readers make of files: the records of the pipeline, as plain data.

The fields are the keys that a dossier uses; a field without a default has to be there. References to
other records are ids. Dates of events are texts in EDTF, days are `datetime.date`.

A dataset's reader proposes the places, actors and documents that its rows speak of. The loader
finds out which of them are there already: by a code, by id, by name and whereabouts.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Dataset:
    id: str
    name: str
    description: str
    licence: str
    citation: str
    redistributable: bool
    release: str
    licence_url: str | None = None
    attribution: str | None = None
    website: str | None = None


@dataclass(frozen=True)
class Publisher:
    id: str
    name: str
    url: str | None = None


@dataclass(frozen=True)
class Source:
    id: str
    kind: str
    title: str
    publisher: str | None = None
    url: str | None = None
    language: str | None = None
    published: date | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Passage:
    """A span of a source: characters `start` to `end` (not included) of a paragraph, with its hash."""

    source: str
    paragraph: int
    start: int
    end: int
    sha256: str


@dataclass(frozen=True)
class Cite:
    """Evidence: a passage by name, or a source with a locator; and the fields that rest on it.

    A locator is a text, such as `row 5`; `paragraph 3` is read as that paragraph.
    """

    supports: list[str]
    passage: str | None = None
    source: str | None = None
    locator: str | None = None
    attributed_to: str | None = None


@dataclass(frozen=True)
class Name:
    name: str
    language: str | None = None
    kind: str = "alternate"
    source: str | None = None


@dataclass(frozen=True)
class Code:
    """What a record is called in another scheme, as text: leading zeros count."""

    scheme: str
    code: str


@dataclass(frozen=True)
class Place:
    id: str
    name: str
    kind: str
    cites: list[Cite]
    within: str | None = None
    iso: str | None = None
    iso3: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    geonames: int | None = None
    wikidata: str | None = None
    names: list[Name] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)


@dataclass(frozen=True)
class Affiliation:
    organisation: str
    title: str
    cites: list[Cite]
    date: str | None = None
    date_precision: str | None = None


@dataclass(frozen=True)
class Actor:
    id: str
    name: str
    kind: str
    cites: list[Cite]
    country: str | None = None
    description: str | None = None
    wikidata: str | None = None
    names: list[Name] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    affiliations: list[Affiliation] = field(default_factory=list)


@dataclass(frozen=True)
class Control:
    """Who holds a place, or is recognised to hold it."""

    place: str
    actor: str
    kind: str
    cites: list[Cite]
    date: str | None = None
    date_precision: str | None = None


@dataclass(frozen=True)
class Party:
    actor: str
    role: str


@dataclass(frozen=True)
class Due:
    qualifier: str
    date: date
    note: str | None = None


@dataclass(frozen=True)
class Provision:
    """An undertaking. `code` is what a dataset codes it as, `level` how far it goes there."""

    id: str
    number: int
    kind: str
    text: str
    status: str
    cites: list[Cite]
    as_of: date | None = None
    code: Code | None = None
    level: int | None = None
    obligor: str | None = None
    beneficiary: str | None = None
    place: str | None = None
    due: Due | None = None
    asserted_by: str | None = None


@dataclass(frozen=True)
class Agreement:
    """An agreement. `key` identifies it in its dataset; without one, `id` does."""

    id: str
    title: str
    kind: str
    status: str
    cites: list[Cite]
    date: str | None = None
    date_precision: str | None = None
    summary: str | None = None
    key: str | None = None
    codes: list[Code] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    provisions: list[Provision] = field(default_factory=list)


@dataclass(frozen=True)
class Participant:
    """What an actor is to an event; `deaths` is how many of its own people died there."""

    actor: str
    role: str
    name_in_source: str | None = None
    deaths: int | None = None


@dataclass(frozen=True)
class Figure:
    """A number of people: what is not known is null."""

    low: int | None = None
    best: int | None = None
    high: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Deaths(Figure):
    """How many died in all; and of these, civilians and people of whom it is not known."""

    civilians: int | None = None
    unknown: int | None = None


@dataclass(frozen=True)
class Link:
    kind: str
    event: str


@dataclass(frozen=True)
class Event:
    """An event. `key` identifies it in its dataset; without one, `id` does.

    `type` is a PLOVER type, or the code that the dataset gives it, which the crosswalk of types
    translates: `ucdp:1`, `cameo:0231`, `acled:Battles/Armed clash`.
    """

    id: str
    title: str
    type: str
    status: str
    certainty: str
    cites: list[Cite]
    summary: str | None = None
    codes: list[Code] = field(default_factory=list)
    date: str | None = None
    date_precision: str | None = None
    place: str | None = None
    place_precision: str | None = None
    place_name_in_source: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    participants: list[Participant] = field(default_factory=list)
    deaths: Deaths = field(default_factory=Deaths)
    displaced: Figure = field(default_factory=Figure)
    agreement: str | None = None
    fulfils: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    part_of: str | None = None
    related: list[Link] = field(default_factory=list)
    key: str | None = None


@dataclass(frozen=True)
class Dossier:
    dataset: Dataset
    sources: list[Source]
    events: list[Event]
    publishers: list[Publisher] = field(default_factory=list)
    passages: dict[str, Passage] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    control: list[Control] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)


@dataclass(frozen=True)
class TypeCode:
    """The code of a type in another scheme, and how well the two match."""

    scheme: str
    code: str
    match: str
    label: str | None = None


@dataclass(frozen=True)
class Mode:
    code: str
    label: str
    definition: str
    codes: list[TypeCode] = field(default_factory=list)


@dataclass(frozen=True)
class EventType:
    code: str
    label: str
    definition: str
    quad: int | None = None
    codes: list[TypeCode] = field(default_factory=list)
    modes: list[Mode] = field(default_factory=list)
