"""Events of ACLED: what each column of a row means.

Codes and their meaning are those of ACLED's codebook of October 2024.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from ingest.files import Cells
from ingest.ids import slug
from ingest.readers.acled_actors import (
    INTER,
    NOBODY,
    actor,
    kind_of_form,
    kind_of_type,
    roles,
    short_name,
    type_of_crowd,
)
from ingest.readers.acled_places import NEAR, PRECISIONS, Location, places
from ingest.readers.base import Record, Row, Unreadable, degrees, whole_number
from ingest.records import Cite, Code, Deaths, Event, Participant, Place, Source

SUPPORTS = ["title", "summary", "date", "place", "deaths", "participants"]
# The codebook: 0 is also written where sources say nothing of deaths.
NONE_REPORTED = "0 where none were reported, or nothing was said of them"

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
DAY_IN_WORDS = re.compile(r"(\d{1,2}) ([A-Za-z]+) (\d{4})")
WHERE = (
    *("country", "iso", "iso3", "admin1", "admin2", "location"),
    *("geo_precision", "latitude", "longitude"),
)
# ACLED begins in 1997; a year long before is a slip such as 0025.
EARLIEST = 1900
DAY, WEEK, MONTH = "1", "2", "3"


def event_row(kinds: Mapping[str, str], cells: Cells) -> Row | None:
    """Return the event of a row, None for a row of HXL tags; raise Unreadable.

    `kinds` are those of the actors whose name does not tell what they are.
    """
    get = cells.values.get
    key = get("event_id_cnty", "").strip()
    if key.startswith("#"):
        return None
    if not key:
        raise Unreadable("event_id_cnty", None, "is empty")
    day, precision = _day(get("event_date", "")), get("time_precision", "").strip()
    if get("year", "").strip() not in ("", str(day.year)):
        raise Unreadable("year", get("year"), f"is not the year of {day}")
    type_ = _required(cells, "event_type")
    # The force used against protesters has been spelled both ways.
    sub_type = get("sub_event_type", "").strip().replace("protestors", "protesters")
    location, where, place_precision = _where(tuple(get(column, "").strip() for column in WHERE))
    types = inter(cells, 1), inter(cells, 2)
    participants, needs, names = _participants(cells, roles(type_, *types), kinds)
    cites, sources = _sources(get("source", ""))
    code = "/".join(filter(None, (type_, sub_type)))
    event = Event(
        id="",
        key=key,
        title=_title(sub_type or type_, names, location),
        type=f"acled:{code}",
        status="occurred",
        certainty="confirmed",
        cites=cites,
        summary=get("notes", "").strip() or None,
        codes=_codes(cells, code, types),
        date=_edtf(day, precision),
        place=where[-1].id,
        place_precision=place_precision,
        place_name_in_source=location.location or None,
        latitude=location.latitude,
        longitude=location.longitude,
        participants=participants,
        deaths=_deaths(whole_number(cells, "fatalities")),
    )
    return Row(cells.line, event, [*where, *needs, *sources])


def inter(cells: Cells, number: int) -> int:
    """Return the type of actor 1 or 2; raise Unreadable for one that is not in the codebook."""
    column = f"inter{number}"
    text = cells.values.get(column, "").strip()
    type_ = INTER.get(text.casefold())
    if type_ is None:
        raise Unreadable(column, text, "is no type of actor")
    return type_ or type_of_crowd(cells.values.get(f"actor{number}", "").strip())


@lru_cache(maxsize=50_000)
def _day(text: str) -> date:
    """Return the day of `2020-11-20` or `20 November 2020`; raise Unreadable."""
    written = text.strip()
    try:
        if form := ISO_DAY.fullmatch(written):
            year, month, day = (int(part) for part in form.groups())
        elif form := DAY_IN_WORDS.fullmatch(written):
            year, month = int(form[3]), MONTHS.index(form[2].casefold()) + 1
            day = int(form[1])
        else:
            raise ValueError(written)
        found = date(year, month, day)
    except ValueError:
        reason = "is no day like 2020-11-20 or 20 November 2020"
        raise Unreadable("event_date", written, reason) from None
    if found.year < EARLIEST:
        raise Unreadable("event_date", written, f"is before {EARLIEST}")
    return found


@lru_cache(maxsize=50_000)
def _edtf(day: date, precision: str) -> str:
    """Return the day, or the week or month one day of which it stands for; raise Unreadable.

    The codebook: of an event that is known to a week the day given is the middle of it, a Wednesday
    or Thursday, so the week is that from Monday to Sunday. Of one that is known to a month it is
    the middle, or the first or last day when the source says so.
    """
    if precision == DAY:
        return day.isoformat()
    if precision == WEEK:
        monday = day - timedelta(days=day.weekday())
        return f"[{monday}..{monday + timedelta(days=6)}]"
    if precision == MONTH:
        return f"{day:%Y-%m}"
    raise Unreadable("time_precision", precision, "is not 1, 2 or 3")


@lru_cache(maxsize=100_000)
def _where(texts: tuple[str, ...]) -> tuple[Location, list[Place], str]:
    """Return what the columns WHERE say, the places, and how exactly the last is meant."""
    cells = Cells(0, dict(zip(WHERE, texts, strict=True)))
    country, iso, iso3, admin1, admin2, name, precision, *_ = texts
    if precision not in PRECISIONS:
        raise Unreadable("geo_precision", precision, "is not 1, 2 or 3")
    latitude, longitude = degrees(cells, "latitude", 90), degrees(cells, "longitude", 180)
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise Unreadable(missing, None, "is empty, and the other coordinate is not")
    if not country:
        raise Unreadable("country", None, "is empty")
    location = Location(country, iso, iso3, admin1, admin2, name, precision, latitude, longitude)
    return location, *places(location)


def _required(cells: Cells, column: str) -> str:
    text = cells.values.get(column, "").strip()
    if not text:
        raise Unreadable(column, None, "is empty")
    return text


def _participants(
    cells: Cells, played: tuple[str, str], kinds: Mapping[str, str]
) -> tuple[list[Participant], list[Record], list[str]]:
    """Return who took part, the records of them, and the main actors' names.

    `played` are the roles of the two main actors. Each takes part once in each role; one that is only named beside a main actor, once.
    """
    get = cells.values.get
    main = [get(column, "").strip() for column in ("actor1", "actor2")]
    parts = {(name, role): None for name, role in zip(main, played, strict=True) if name}
    for name in (*_list(get("assoc_actor_1", "")), *_list(get("assoc_actor_2", ""))):
        if name not in main:
            parts[name, "participant"] = None
    participants: list[Participant] = []
    needs: list[Record] = []
    for name, role in parts:
        kind = kind_of_form(name) or kinds.get(name) or kind_of_type(NOBODY)
        participant, records = _participant(name, role, kind)
        participants.append(participant)
        needs += records
    return participants, needs, [name for name in main if name]


@lru_cache(maxsize=50_000)
def _participant(name: str, role: str, kind: str) -> tuple[Participant, tuple[Record, ...]]:
    record, nation = actor(name, kind)
    return Participant(record.id, role, name_in_source=name), (*nation, record)


def _codes(cells: Cells, code: str, types: tuple[int, int]) -> list[Code]:
    codes = [_code("acled", code)]
    if any(types) and "inter1" in cells.values:
        # As in the codebook's table: the lower first, and 0 for no second one.
        written = "".join(str(type_) for type_ in sorted(types) if type_).ljust(2, "0")
        codes.append(_code("acled-interaction", written))
    if target := cells.values.get("civilian_targeting", "").strip():
        codes.append(_code("acled-civilian-targeting", target))
    if tags := cells.values.get("tags", ""):
        codes += [_code("acled-tag", tag) for tag in _list(tags)]
    return codes


@lru_cache(maxsize=10_000)
def _code(scheme: str, code: str) -> Code:
    return Code(scheme, code)


@lru_cache(maxsize=1_000)
def _deaths(number: int | None) -> Deaths:
    return Deaths(best=number, note=NONE_REPORTED if number == 0 else None)


@lru_cache(maxsize=50_000)
def _list(text: str) -> tuple[str, ...]:
    """Return the parts of a list with semicolons, each once."""
    parts = (" ".join(part.split()) for part in text.split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _title(what: str, names: list[str], location: Location) -> str:
    where = ", ".join(filter(None, (location.location or location.admin1, location.country)))
    near = "near " if location.precision == NEAR else ""
    who = " and ".join(map(short_name, names))
    return f"{what}: {who}, {near}{where}" if who else f"{what}, {near}{where}"


@lru_cache(maxsize=50_000)
def _sources(text: str) -> tuple[list[Cite], list[Source]]:
    """Return a cite of each newspaper, agency or channel that the row names; ACLED names no report."""
    sources = [_source(name) for name in _list(text)]
    return [Cite(supports=SUPPORTS, source=source.id) for source in sources], sources


@lru_cache(maxsize=20_000)
def _source(name: str) -> Source:
    return Source(id=slug("acled-source", name), kind="publication", title=name)
