"""Made-up events, as many as wanted: for benchmarks, and for soaking a service.

The events are invented, and how they are distributed is not: a few places, actors, types and words account
for most, countries and actors come and go, there is more news every year, most dates are known to the
day, most figures are not known. Same count and seed, same records; of two counts with one seed, the
smaller is the beginning of the larger.
"""

import hashlib
from bisect import bisect
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from ingest.invention import YEARS, Acting, Country, Draw, Language, World, active
from ingest.readers.base import Record, Row
from ingest.records import Code, Dataset, Deaths, Event, Figure, Participant, Place

# Raised whenever the same seed makes other records than before.
VERSION = 2

# Types of our vocabulary, the most frequent first.
TYPES = (
    *("CONSULT", "ASSAULT/firearms", "AGREE", "ACCUSE/disapprove", "PROTEST/demo", "SUPPORT"),
    *("ASSAULT/explosives", "COOPERATE", "COERCE/arrest", "CONSULT/visit", "ASSAULT/heavy-weapons"),
    *("ASSAULT/aerial", "REQUEST/change", "AID", "THREATEN/violence", "PROTEST/riot", "REJECT"),
    *("ASSAULT/drone", "MOBILIZE/troops", "SANCTION/convict", "ASSAULT/abduct", "COERCE/restrict"),
    *("PROTEST/strike", "RETREAT/withdraw", "ACCUSE/allege", "ASSAULT/beat", "CONCEDE", "OTHER"),
    *("COERCE/seize", "RETREAT/ceasefire", "ASSAULT/suicide-attack", "THREATEN", "COERCE/curfew"),
    *("RETREAT/release", "REQUEST/assist", "PROTEST/obstruct", "ASSAULT/targeted", "COERCE/cyber"),
    *("CONSULT/phone", "RETREAT/disarm", "PROTEST/hunger", "ASSAULT/unconventional"),
)
WORDS, LEFT_OUT = 4_000, 10
# How much more there is in a year than in the one before.
GROWTH = 1.05

# Types in which all sides do the same; in the others one does it to another.
MUTUAL = frozenset({"AGREE", "CONSULT", "CONSULT/phone", "COOPERATE"})
# How many levels of its place are known of an event, and how closely.
PLACES = Draw(
    [(4, "exact"), (4, "near"), (3, "district"), (2, "province"), (1, "country")],
    [60, 20, 9, 7, 4],
)
# How an event's date is known: to the day, as days throughout or one of them, as a month or a year.
DATES = Draw(["day", "throughout", "within", "month", "year"], [80, 6, 8, 4, 2])
STATUSES = Draw(["occurred", "failed", "expected"], [96, 3, 1])
CERTAINTIES = Draw(["confirmed", "reported", "alleged"], [70, 20, 10])
NOBODY_DIED, NOBODY_FLED = Deaths(), Figure()
LONGEST_SUMMARY = 40


def dataset(release: str) -> Dataset:
    """Return what is said of a release of made-up events."""
    return Dataset(
        id="synthetic",
        name="Synthetic events",
        description=(
            "Invented events of an invented world, made by this software to measure and to test it: "
            "none of it happened."
        ),
        licence="CC0-1.0",
        licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
        citation="Synthetic events, made by Dateline. Invented; nothing to cite.",
        redistributable=True,
        release=release,
    )


def checksum(count: int, seed: int) -> str:
    """Return the SHA-256, in hex, of all that the records follow from."""
    return hashlib.sha256(f"synthetic {VERSION} {count} {seed}".encode()).hexdigest()


def synthesize(count: int, seed: int) -> Iterator[Row]:
    """Yield `count` made-up events, each with the places and actors that it refers to."""
    newsroom = Newsroom(World(seed), seed)
    for number in range(1, count + 1):
        yield newsroom.row(number)


class Year:
    """What a year has to tell of: its days, and who is active in it."""

    def __init__(self, world: World, number: int) -> None:
        self.number = number
        first = date(number, 1, 1)
        self.days = [str(first + timedelta(days)) for days in range(365)]
        self.countries = active(world.countries, number)
        self.organisations = active(world.organisations, number)
        self.actors = {
            country.place.id: active(country.actors, number) for country in self.countries.items
        }


class Newsroom:
    """Makes up one event of a world after another."""

    def __init__(self, world: World, seed: int) -> None:
        self.chance = Random(f"events {seed}").random  # noqa: S311 (no secrets are made of it)
        self.years = Draw(
            [Year(world, year) for year in YEARS], [GROWTH**age for age in range(len(YEARS))]
        )
        codes = [[Code("synthetic", f"{number:03}")] for number in range(len(TYPES))]
        self.types = Draw(list(zip(TYPES, codes, strict=True)))
        language = Language(Random(f"words {seed}"))  # noqa: S311 (as above)
        # The most frequent words of a language are those that no search looks for, and left out here.
        weights = (1 / (LEFT_OUT + rank) for rank in range(1, WORDS + 1))
        self.words = Draw([language.word(2 + rank % 2) for rank in range(WORDS)], weights)

    def row(self, number: int) -> Row:
        """Return the next event, which gets this number."""
        chance = self.chance
        year = self.years(chance())
        country = year.countries(chance())
        levels, precision = PLACES(chance())
        places = country.settlements(chance())[:levels]
        place = places[-1]
        sides = self._sides(year, country)
        type_, codes = self.types(chance())
        deaths = self._deaths() if type_.startswith("ASSAULT") else NOBODY_DIED
        latitude, longitude = self._beside(place) if levels == len(places) == 4 else (None, None)
        event = Event(
            id="",
            key=str(number),
            title=f"{sides[0].actor.name} {self._text(2)} {sides[-1].actor.name} in {place.name}",
            type=type_,
            status=STATUSES(chance()),
            certainty=CERTAINTIES(chance()),
            cites=[],
            summary=self._summary(),
            codes=codes,
            date=self._date(year),
            place=place.id,
            place_precision=precision,
            latitude=latitude,
            longitude=longitude,
            participants=self._participants(type_, sides, deaths),
            deaths=deaths,
            displaced=self._displaced(),
        )
        needs: list[Record] = list(places)
        for side in sides:
            needs += (*side.needs, side.actor)
        return Row(number, event, needs)

    def _sides(self, year: Year, country: Country) -> list[Acting]:
        """Return one to three actors, no one twice: of the country, of another, of none."""
        chance = self.chance
        actors = year.actors[country.place.id]
        sides = [actors(chance())]
        if chance() < 0.85:
            other = country if chance() < 0.9 else year.countries(chance())
            side = year.actors[other.place.id](chance())
            if side is not sides[0]:
                sides.append(side)
        if chance() < 0.1:
            sides.append(year.organisations(chance()))
        return sides

    def _participants(self, type_: str, sides: list[Acting], deaths: Deaths) -> list[Participant]:
        roles = ("initiator", "target", "observer")
        if type_ in MUTUAL:
            roles = ("participant", "participant", "mediator")
        died = deaths.best if deaths.best and self.chance() < 0.3 else None
        return [
            Participant(side.actor.id, role, deaths=died if role == "target" else None)
            for side, role in zip(sides, roles, strict=False)
        ]

    def _date(self, year: Year) -> str:
        how = DATES(self.chance())
        if how == "year":
            return str(year.number)
        days = year.days
        start = int(self.chance() * len(days))
        if how == "day":
            return days[start]
        if how == "month":
            return days[start][:7]
        end = min(start + 1 + int(self.chance() * 6), len(days) - 1)
        if end == start:
            return days[start]
        return (
            f"{days[start]}/{days[end]}" if how == "throughout" else f"[{days[start]}..{days[end]}]"
        )

    def _beside(self, place: Place) -> tuple[float, float]:
        """Return latitude and longitude of a spot within some kilometres of a place."""
        assert place.latitude is not None and place.longitude is not None  # noqa: S101, PT018
        return (
            round(place.latitude + self.chance() * 0.1 - 0.05, 4),
            round(place.longitude + self.chance() * 0.1 - 0.05, 4),
        )

    def _text(self, length: int) -> str:
        # A call for each word would cost as much as all the rest of an event.
        chance, words, bounds = self.chance, self.words.items, self.words.bounds
        return " ".join([words[bisect(bounds, chance())] for _ in range(length)])

    def _summary(self) -> str | None:
        length = int(self.chance() * 1.4 * LONGEST_SUMMARY) - int(0.4 * LONGEST_SUMMARY)
        return self._text(length).capitalize() + "." if length > 0 else None

    def _deaths(self) -> Deaths:
        chance = self.chance
        if chance() < 0.2:
            return NOBODY_DIED
        best = self._figure(0.6) - 1
        if chance() < 0.2:
            return Deaths(best=best)
        civilians = int(chance() * (best + 1)) if chance() < 0.4 else None
        low, high = best - int(chance() * best / 2), best + int(chance() * best)
        return Deaths(low, best, high, civilians=civilians)

    def _displaced(self) -> Figure:
        return Figure(best=100 * self._figure(0.9)) if self.chance() < 0.03 else NOBODY_FLED

    def _figure(self, exponent: float) -> int:
        """Return a number from 1 on, mostly small and at times large: a Pareto distribution."""
        return int((1 - self.chance()) ** -exponent)
