"""What an event is found by when filters seldom meet: words and marks in one column, which one index inverts.

Beside the words of an event stand *marks* of what else it can be asked for: its places, types, actors and so on.
Each index of one filter finds all that this filter asks for, and where two are large, reading both takes long
though few events have both. In an inverted index (GIN) the events of two terms are held against each other
without looking at them, and what is left out (`exclude_place`) is left out there as well.

A mark begins with a sign that is in no word.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.db.models.functions import Floor
from django.db.models.lookups import In

from api.areas import Area
from api.resolution import Match
from api.search import web_search
from api.stored import Kept
from places.models import LEVELS
from places.queries import around

# Kinds of marks, each with what follows it. Of 0, the number of digits is 0.
PLACE, TYPE, ACTOR, DATASET, AGREEMENT = "=p", "=t", "=a", "=d", "=g"  # a key
STATUS, CERTAINTY = "=s", "=y"  # the word
CODE = "=c"  # a digest of scheme and code
LEAST = "=l"  # each number from 0 to that of the digits of how many died, at least
MOST = "=m"  # the number of digits of how many died, at most
SQUARE = "=q"  # the size of a square on the map, its row and column
LONG = "=long"  # nothing: it lasted over a month

# Squares are so many degrees wide; an area is covered by the smallest of which so many are enough.
SIZES, ENOUGH = (1, 3, 9, 27), 16
# Hexadecimal digits of a digest.
DIGEST = 16


def select(condition: str) -> str:
    """Return the query for the terms of events for which a condition in SQL holds, with when and where they were."""
    marks = [
        *(f"'{PLACE}' || place_level_{level}" for level in range(1, LEVELS + 1)),
        *(f"'{TYPE}' || {column}" for column in ("type_id", "root_type_id")),
        f"'{DATASET}' || events_event.dataset_id",
        f"'{AGREEMENT}' || agreement_id",
        f"'{STATUS}' || status",
        f"'{CERTAINTY}' || certainty",
        f"'{MOST}' || {_digits('coalesce(deaths_best, deaths_high)')}",
        *(_square(size) for size in SIZES),
        f"CASE WHEN lasting THEN '{LONG}' END",
    ]
    return f"""
        SELECT events_event.id, sort_date, start_date, end_date, north, east, search || array_to_tsvector(
            array_remove(ARRAY[{", ".join(marks)}], NULL)
            || ARRAY(SELECT '{ACTOR}' || actor_id FROM events_participation
                WHERE event_id = events_event.id)
            || ARRAY(SELECT '{LEAST}' || n
                FROM generate_series(0, {_digits("coalesce(deaths_best, deaths_low)")}) n)
            || ARRAY(SELECT '{CODE}' || left(md5(length(scheme) || ':' || scheme || code), {DIGEST})
                FROM events_eventcode WHERE event_id = events_event.id))
        FROM events_event LEFT JOIN places_place ON places_place.id = place_id
            CROSS JOIN LATERAL (SELECT coalesce(events_event.latitude, places_place.latitude),
                coalesce(events_event.longitude, places_place.longitude)) point (north, east)
        WHERE {condition}"""  # noqa: S608 (our own names)


def _digits(number: str) -> str:
    return f"CASE {number} WHEN 0 THEN 0 ELSE length({number}::text) END"


def _square(size: int) -> str:
    """Return SQL for the mark of the square that a point lies in."""
    return (
        f"'{SQUARE}{size}:' || floor((north + 90) / {size}) || ':' || floor((east + 180) / {size})"
    )


COLUMNS = ("sort_date", "start_date", "end_date", "latitude", "longitude", "terms")
TERMS = Kept("events_eventterms", "event_id", COLUMNS, select)


@dataclass(frozen=True)
class Asked:
    """What a filter asks of the terms of an event: marks of which it has any, or, if `without`, none.

    `is_all` says that the filter asks nothing else, or nothing but `beside`, which the row of the terms tells: that
    may be all that is asked, if there are no marks.
    """

    marks: Sequence[str]
    is_all: bool = True
    without: bool = False
    beside: Q | None = None

    @property
    def text(self) -> str:
        """The query as PostgreSQL writes it."""
        any_of = " | ".join(f"'{mark}'" for mark in self.marks)
        return f"{'!' * self.without}({any_of})"


LASTING, NOT_LASTING = Asked([LONG]), Asked([LONG], without=True)


def asked_of(names: Iterable[str], values: Mapping[str, Any]) -> dict[str, Asked]:
    """Return what filters ask of terms, by their names; those that ask nothing of them are left out."""
    asked = {name: ASKED[name](values[name], values) for name in names if name in ASKED}
    return {name: each for name, each in asked.items() if each.marks or each.beside}


class _Written(SearchQuery):
    """A query as PostgreSQL writes it, which takes nothing for a word of a language."""

    template = "%(expressions)s::tsquery"


def query(asked: Iterable[Asked], words: str | None) -> SearchQuery:
    """Return the query for events that have what is asked for, and the words of a text."""
    written = _Written(" & ".join(each.text for each in asked if each.marks))
    return written if words is None else web_search(words) & written


Asking = Callable[[Any, Mapping[str, Any]], Asked]


def _keys(kind: str, *, without: bool = False) -> Asking:
    return lambda records, _: Asked([f"{kind}{r.pk}" for r in records], without=without)


def _words(kind: str) -> Asking:
    return lambda words, _: Asked([kind + word for word in words])


def _place(places: list[Match], values: Mapping[str, Any]) -> Asked:
    return Asked([f"{PLACE}{place.pk}" for place in places], values["place_match"] != "exact")


def _actor(actors: list[Match], values: Mapping[str, Any]) -> Asked:
    return Asked([f"{ACTOR}{actor.pk}" for actor in actors], not values["actor_role"])


def _code(codes: list[tuple[str, str]], _: Mapping[str, Any]) -> Asked:
    texts = [f"{len(scheme)}:{scheme}{code}" for scheme, code in codes]
    digests = [md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
    return Asked([CODE + digest[:DIGEST] for digest in digests])


def _at_least(deaths: int, _: Mapping[str, Any]) -> Asked:
    digits = _number_of_digits(deaths)
    return Asked([f"{LEAST}{digits}"], not deaths or _number_of_digits(deaths - 1) < digits)


def _at_most(deaths: int, _: Mapping[str, Any]) -> Asked:
    digits = _number_of_digits(deaths)
    return Asked(
        [f"{MOST}{number}" for number in range(digits + 1)], _number_of_digits(deaths + 1) > digits
    )


def _number_of_digits(number: int) -> int:
    return len(str(number)) if number > 0 else 0


def _in_area(area: Area, _: Mapping[str, Any]) -> Asked:
    """Return the squares that an area lies in, none if it is too large, and beside them where it ends."""
    covers = (area.box().squares(size, ENOUGH) for size in SIZES)
    size, squares = next(
        ((s, cover) for s, cover in zip(SIZES, covers, strict=True) if cover), (0, [])
    )
    marks = [f"{SQUARE}{size}:{row}:{column}" for row, column in squares]
    bands = Q(In(Floor("latitude"), area.box().bands()))
    return Asked(marks, beside=bands & area.contains())


ASKED: Mapping[str, Asking] = {
    "place": _place,
    "country": _keys(PLACE),
    "actor": _actor,
    "type": _keys(TYPE),
    "root_type": _keys(TYPE),
    "dataset": _keys(DATASET),
    "agreement": _keys(AGREEMENT),
    "status": _words(STATUS),
    "certainty": _words(CERTAINTY),
    "code": _code,
    "deaths_min": _at_least,
    "deaths_max": _at_most,
    "bbox": _in_area,
    "near": lambda point, values: _in_area(around(point, values), values),
    "exclude_place": _keys(PLACE, without=True),
    "exclude_actor": _keys(ACTOR, without=True),
    "exclude_type": _keys(TYPE, without=True),
    "exclude_dataset": _keys(DATASET, without=True),
}
