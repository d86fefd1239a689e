"""An invented world: words, countries with all that lies in them, and who acts there.

All of it follows from a `Random`, of which only `random()` is asked: Python keeps that sequence the same
from version to version. What comes up how often follows Zipf's law, as it does in news: the second of a
list half as often as the first, the third a third.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, sqrt
from random import Random
from typing import Generic, TypeVar

from ingest.ids import slug
from ingest.records import Actor, Place

T = TypeVar("T")
A = TypeVar("A", "Acting", "Country")

YEARS = range(1989, 2024)
COUNTRIES = 120
# The most parts that a part of a country has: provinces of it, their districts, their settlements.
MOST_PARTS = (12, 4, 4)
# Actors besides those that every country has: this many in the first, ever fewer in those after it.
MOST_ACTORS = 150
ORGANISATIONS = 40
# The part of the globe that the countries share out: south, west, north, east, in degrees.
GLOBE = (-56.0, -170.0, 72.0, 170.0)

ONSETS = ("b", "br", "d", "dr", "g", "gr", "h", "j", "kal", "l", "m", "n", "p", "r", "s", "t", "v")
VOWELS = ("a", "e", "i", "o", "u", "ai", "ea")
CODAS = ("", "", "", "l", "m", "n", "r", "s", "rd", "nt")
ENDINGS = ("ia", "stan", "mark", "ar", "onia", "esh")

# Whom every country has, as long as there is the country.
STANDING = (
    ("state", "{country}"),
    ("government-body", "Government of {country}"),
    ("armed-force", "Army of {country}"),
    ("civilian-group", "Civilians of {country}"),
)
# Who comes and goes.
PASSING = (
    ("armed-group", "{name} Liberation Front"),
    ("armed-group", "People’s Guard of {name}"),
    ("organisation", "{name} Party"),
    ("person", "{name} {other}"),
    ("armed-group", "{name} Brigade"),
    ("civilian-group", "Farmers of {name}"),
    ("media", "{name} Courier"),
    ("government-body", "Police of {name}"),
)


class Draw(Generic[T]):
    """Draws from a list, given a chance from 0 to 1. The n-th comes up like 1/n, or as `weights` say."""

    def __init__(self, items: Sequence[T], weights: Iterable[float] | None = None) -> None:
        self.items = items
        sums = list(accumulate(weights or (1 / rank for rank in range(1, len(items) + 1))))
        self.bounds = [total / sums[-1] for total in sums[:-1]]

    def __call__(self, chance: float) -> T:
        return self.items[bisect(self.bounds, chance)]


@dataclass(frozen=True)
class Box:
    """A piece of the globe between two parallels and two meridians, in degrees."""

    south: float
    west: float
    north: float
    east: float

    def split(self, count: int) -> Iterator["Box"]:
        """Yield `count` boxes within this one that do not overlap."""
        columns = ceil(sqrt(count))
        height = (self.north - self.south) / ceil(count / columns)
        width = (self.east - self.west) / columns
        for number in range(count):
            row, column = divmod(number, columns)
            south, west = self.south + row * height, self.west + column * width
            yield Box(south, west, south + height, west + width)

    def point(self, random: Random) -> tuple[float, float]:
        """Return latitude and longitude of some point inside, four decimals of them."""
        return (
            round(self.south + (0.1 + 0.8 * random.random()) * (self.north - self.south), 4),
            round(self.west + (0.1 + 0.8 * random.random()) * (self.east - self.west), 4),
        )


class Language:
    """A language that nobody speaks; no word of it comes twice."""

    def __init__(self, random: Random) -> None:
        self.chance = random.random
        self.said: set[str] = set()

    def word(self, syllables: int, ending: str = "") -> str:
        """Return a new word of so many syllables, or more when these are used up."""
        tries = 0
        while True:
            word = "".join(self._syllable() for _ in range(syllables + tries // 20)) + ending
            if word not in self.said:
                self.said.add(word)
                return word
            tries += 1

    def name(self, ending: str = "") -> str:
        """Return a new name of two or three syllables."""
        return self.word(2 + int(self.chance() * 2), ending).capitalize()

    def _syllable(self) -> str:
        return "".join(
            sounds[int(self.chance() * len(sounds))] for sounds in (ONSETS, VOWELS, CODAS)
        )


@dataclass(frozen=True)
class Acting:
    """An actor and the years in which it is active; `needs` are the records that it refers to."""

    actor: Actor
    years: range
    needs: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Country:
    """A country: the years in which news come from it, its settlements, and its actors.

    A settlement is given with all that it lies in, the country first. The first of the actors are the
    most frequent.
    """

    place: Place
    years: range
    settlements: Draw[tuple[Place, ...]]
    actors: list[Acting]


class World:
    """The countries of a world, the most frequent first, and organisations that belong to none."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"world {seed}")  # noqa: S311 (no secrets are made of it)
        self.language = Language(self.random)
        boxes = list(Box(*GLOBE).split(COUNTRIES))
        boxes.sort(key=lambda _: self.random.random())
        self.countries = [self._country(rank, box) for rank, box in enumerate(boxes)]
        self.organisations = [
            self._actor(
                "organisation",
                f"{self.language.name()} Organisation",
                # Of what comes first there is always some.
                self._years() if rank else YEARS,
            )
            for rank in range(ORGANISATIONS)
        ]

    def _country(self, rank: int, box: Box) -> Country:
        ending = ENDINGS[int(self.random.random() * len(ENDINGS))]
        place = self._place("country", self.language.name(ending), box, ())
        years = self._years() if rank else YEARS
        settlements = Draw(list(self._inside((place,), box)))
        actors = [
            self._actor(kind, pattern.format(country=place.name), years, place)
            for kind, pattern in STANDING
        ]
        for _ in range(4 + round(MOST_ACTORS / (rank + 1) ** 0.7)):
            kind, pattern = PASSING[int(self.random.random() * len(PASSING))]
            name = pattern.format(name=self.language.name(), other=self.language.name())
            actors.append(self._actor(kind, name, self._years(years), place))
        return Country(place, years, settlements, actors)

    def _inside(self, chain: tuple[Place, ...], box: Box) -> Iterator[tuple[Place, ...]]:
        """Yield the settlements in the last place of a chain, each with all that it lies in."""
        level = len(chain) - 1
        kind = ("province", "district", "settlement")[level]
        for part in box.split(1 + int(self.random.random() * MOST_PARTS[level])):
            longer = (*chain, self._place(kind, self.language.name(), part, chain))
            if kind == "settlement":
                yield longer
            else:
                yield from self._inside(longer, part)

    def _place(self, kind: str, name: str, box: Box, chain: tuple[Place, ...]) -> Place:
        latitude, longitude = box.point(self.random)
        return Place(
            id=slug("synthetic", name),
            name=name,
            kind=kind,
            cites=[],
            within=chain[-1].id if chain else None,
            latitude=latitude,
            longitude=longitude,
        )

    def _actor(self, kind: str, name: str, years: range, country: Place | None = None) -> Acting:
        actor = Actor(
            id=slug("synthetic", name),
            name=name,
            kind=kind,
            cites=[],
            country=country.id if country else None,
        )
        return Acting(actor, years, (country,) if country else ())

    def _years(self, within: range = YEARS) -> range:
        """Return some years in a row."""
        length = 1 + int(self.random.random() * len(within))
        start = within.start + int(self.random.random() * (len(within) - length + 1))
        return range(start, start + length)


def active(items: Sequence[A], year: int) -> Draw[A]:
    """Return the draw from those that are active in a year, each as frequent as among all."""
    found = [(item, 1 / rank) for rank, item in enumerate(items, 1) if year in item.years]
    return Draw([item for item, _ in found], [weight for _, weight in found])
