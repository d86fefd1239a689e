"""Events of UCDP's Georeferenced Event Dataset: what each column of a row means.

Codes and their meaning are those of the codebook of version 22.1. `low <= best <= high` does not
hold in all rows, and is not asked for here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingest.files import Cells
from ingest.readers.base import Record, Row, Unreadable, degrees, whole_number
from ingest.readers.ucdp_ged_dates import day_of_parts, event_date
from ingest.readers.ucdp_ged_places import Location, Whereabouts, whereabouts
from ingest.readers.ucdp_ged_sides import side
from ingest.readers.ucdp_ged_sources import sources
from ingest.records import Actor, Code, Deaths, Event, Participant, Place

# R writes this for what is missing.
MISSING = "NA"

ALWAYS = ("id", "type_of_violence", "side_a", "side_b", "country", "latitude", "longitude")

TYPES = {
    word: number
    for number, name in (("1", "state-based"), ("2", "non-state"), ("3", "one-sided"))
    for word in (number, f"{name} violence", f"{name} conflict")
}
ONE_SIDED = "3"
# Codes beside the type: our name of the scheme, and its column.
CODED = {
    "ucdp-conflict": "conflict_new_id",
    "ucdp-dyad": "dyad_new_id",
    "priogrid": "priogrid_gid",
}
SIDES = ("side_a", "side_a_new_id", "deaths_a", "side_b", "side_b_new_id", "deaths_b")
PLACE = ("country_id", "where_prec", "country", "adm_1", "adm_2", "where_coordinates")
SOURCES = ("source_article", "source_office", "source_date", "source_headline")
# `event_clarity`: 2 is an event that its source tells only as part of a sum.
CLARITIES = {None: "confirmed", 1: "confirmed", 2: "reported"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file calls the columns whose names differ, and whether it splits its dates."""

    low: str = "low"
    best: str = "best"
    high: str = "high"
    split_date: bool = False

    @classmethod
    def of(cls, columns: Collection[str]) -> "Layout":
        """Return the layout that columns are of, or come nearest to."""
        if "best_death" in columns:
            return cls("low_death", "best_death", "high_death", "date_start" not in columns)
        return cls()

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a file of this layout has to have."""
        dates = ("year", "month", "day") if self.split_date else ("date_start", "date_end")
        return (*ALWAYS, *dates, self.low, self.best, self.high)


def event_row(layout: Layout, cells: Cells) -> Row | None:
    """Return the event of a row, None for a row of HXL tags; raise Unreadable."""
    values = cells.values
    key = values["id"].strip()
    if not (key.isascii() and key.isdecimal()):
        if _is_tags(values):
            return None
        raise Unreadable("id", key, "is not a whole number")
    kind = TYPES.get(values["type_of_violence"].strip().casefold())
    if kind is None:
        raise Unreadable("type_of_violence", values["type_of_violence"], "is no type of violence")
    get = values.get
    sides = _sides(kind, *(get(column, "") for column in SIDES))
    latitude, longitude = _point(cells)
    place = _place(
        *(get(column, "") for column in PLACE),
        # Without names of places, so many points would only fill the cache.
        point=(latitude, longitude) if "where_coordinates" in values else (None, None),
    )
    cites, documents = sources(*(_text(get(column, "")) or "" for column in SOURCES))
    date, date_precision = _date(layout, values)
    event = Event(
        id="",
        key=key,
        title=f"{sides.words}, {place.words}" if place.words else sides.words,
        type=f"ucdp:{kind}",
        status="occurred",
        certainty=_certainty(get("event_clarity", ""), get("code_status", "")),
        cites=cites,
        codes=_codes(kind, *(get(column, "") for column in CODED.values())),
        date=date,
        date_precision=date_precision,
        place=place.place,
        place_precision=place.precision,
        place_name_in_source=(
            _text(get("where_description", "")) or _text(get("where_coordinates", ""))
        ),
        latitude=latitude,
        longitude=longitude,
        participants=sides.participants,
        deaths=Deaths(
            low=_number(layout.low, get(layout.low, "")),
            best=_number(layout.best, get(layout.best, "")),
            high=_number(layout.high, get(layout.high, "")),
            civilians=_number("deaths_civilians", get("deaths_civilians", "")),
            unknown=_number("deaths_unknown", get("deaths_unknown", "")),
        ),
    )
    return Row(cells.line, event, (*place.needs, *sides.needs, *documents))


def _is_tags(values: Mapping[str, str]) -> bool:
    """Return whether this is the row of HXL tags that copies on HDX have below the header."""
    filled = [value for value in values.values() if value]
    return bool(filled) and all(value.startswith("#") for value in filled)


@dataclass(frozen=True, slots=True)
class Sides:
    """Who was against whom, the records that this refers to, and words for it in a title."""

    participants: list[Participant]
    needs: tuple[Record, ...]
    words: str


@lru_cache(maxsize=20_000)
def _sides(kind: str, *cells: str) -> Sides:
    """Return what the cells of SIDES tell; raise Unreadable. The same sides come many times."""
    one, other = _participant("a", *cells[:3]), _participant("b", *cells[3:])
    names = one[0].name, other[0].name
    if kind == ONE_SIDED:
        roles = ("initiator", "target")
        victims = "civilians" if names[1] == "Civilians" else names[1]
        words = f"Violence by {names[0]} against {victims}"
    else:
        roles = ("participant", "participant")
        words = f"Fighting between {names[0]} and {names[1]}"
        if one[0].id == other[0].id:
            raise Unreadable("side_b", cells[3], "is also the other side")
    participants = [
        Participant(actor.id, role, name, deaths)
        for (actor, _, name, deaths), role in zip((one, other), roles, strict=True)
    ]
    return Sides(participants, (*one[1], one[0], *other[1], other[0]), words)


def _participant(
    letter: str, written: str, number: str, deaths: str
) -> tuple[Actor, tuple[Place, ...], str, int | None]:
    name = _text(written)
    if name is None:
        raise Unreadable(f"side_{letter}", written, "is empty")
    actor, nations = side(" ".join(name.split()), _code(f"side_{letter}_new_id", number))
    return actor, nations, name, _number(f"deaths_{letter}", deaths)


def _point(cells: Cells) -> tuple[float | None, float | None]:
    latitude, longitude = degrees(cells, "latitude", 90), degrees(cells, "longitude", 180)
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise Unreadable(missing, None, "is empty, and the other coordinate is not")
    return latitude, longitude


@lru_cache(maxsize=20_000)
def _place(*cells: str, point: tuple[float | None, float | None]) -> Whereabouts:
    """Return what the cells of PLACE tell; raise Unreadable. The same places come many times."""
    number, precision, *texts = cells
    country, adm_1, adm_2, where = (" ".join((_text(text) or "").split()) or None for text in texts)
    location = Location(
        country,
        adm_1,
        adm_2,
        where,
        country_id=_code("country_id", number),
        precision=_number("where_prec", precision, least=1, most=7),
        latitude=point[0],
        longitude=point[1],
    )
    return whereabouts(location)


def _date(layout: Layout, values: Mapping[str, str]) -> tuple[str, str]:
    year = values.get("year", "").strip()
    if layout.split_date:
        return day_of_parts(year, values["month"].strip(), values["day"].strip())
    first, last = values["date_start"].strip(), values["date_end"].strip()
    code = _number("date_prec", values.get("date_prec", ""), least=1, most=5)
    return event_date(first, last, code, year)


@lru_cache(maxsize=1_000)
def _certainty(clarity: str, status: str) -> str:
    """Return how sure an event is; candidate ones still to be looked into have a status so far."""
    certainty = CLARITIES[_number("event_clarity", clarity, least=1, most=2)]
    return certainty if status.strip().casefold() in ("", "clear") else "reported"


@lru_cache(maxsize=20_000)
def _codes(kind: str, *cells: str) -> list[Code]:
    coded = [
        (scheme, _code(column, cell))
        for (scheme, column), cell in zip(CODED.items(), cells, strict=True)
    ]
    return [Code("ucdp", kind), *(Code(scheme, code) for scheme, code in coded if code)]


def _code(column: str, cell: str) -> str | None:
    """Return the number that a record has in some list; 0 is none."""
    number = _number(column, cell)
    return str(number) if number else None


@lru_cache(maxsize=50_000)
def _number(column: str, cell: str, least: int = 0, most: int = 2**31 - 1) -> int | None:
    return whole_number(Cells(0, {column: cell}), column, least, most, missing=MISSING)


def _text(cell: str) -> str | None:
    text = cell.strip()
    return None if text in ("", MISSING) else text
