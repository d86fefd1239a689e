"""GDELT's event database: machine-coded events of the world's news since 1979, in CAMEO's terms.

Format: the codebooks of GDELT Event Database 1.0 and 2.0. Cells between tabs, no header, no quotes;
61 in a row of 2.0, 58 in one of 1.0, and 57 in the back-files before April 2013, which lack the last.
The rows of one file need not have the same number of them.

GDELT's codes are taken as they are: nobody vouches for them, so every event is `reported`.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from ingest.files import Cells, Rejected, SourceFile, Table, WrongFile
from ingest.readers.base import Outcome, Reader, Row, Unreadable, degrees, read_rows, text_of
from ingest.readers.cameo import event_label
from ingest.readers.gdelt_actors import Who, named, who
from ingest.readers.gdelt_places import Location, whereabouts
from ingest.readers.gdelt_sources import cited
from ingest.records import Code, Dataset, Event, Participant

_ACTOR = (
    *("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code"),
    *("Religion2Code", "Type1Code", "Type2Code", "Type3Code"),
)
_GEO = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
COLUMNS = (
    *("GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"),
    *(f"{actor}{name}" for actor in ("Actor1", "Actor2") for name in _ACTOR),
    *("IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass"),
    *("GoldsteinScale", "NumMentions", "NumSources", "NumArticles", "AvgTone"),
    *(f"{geo}_{name}" for geo in ("Actor1Geo", "Actor2Geo", "ActionGeo") for name in _GEO),
    *("DATEADDED", "SOURCEURL"),
)
COLUMNS_1_0 = tuple(name for name in COLUMNS if not name.endswith("_ADM2Code"))
LAYOUTS = {len(names): names for names in (COLUMNS, COLUMNS_1_0, COLUMNS_1_0[:-1])}

REDUCED = ("date", "source", "target", "cameocode", "numevents")
PARTICIPANTS = (("Actor1", "initiator"), ("Actor2", "target"))
ACTOR_CODE = re.compile(r"[A-Za-z0-9]+")
DAY = re.compile(r"[0-9]{8}")
PLACE_TYPES = frozenset("012345")
# Of the file's beginning, how many lines to look at: the first may be a damaged one.
LOOKED_AT = 20


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield an event for each row of a GDELT file; raise WrongFile."""
    head = source.head()
    if not recognises(head):
        raise WrongFile(_refusal(source.name, head))
    with source.lines() as lines:
        yield from read_rows(Table(COLUMNS, _rows(source, lines)), _event)


def recognises(head: str) -> bool:
    """Tell by the beginning of a file whether it is a GDELT event file."""
    return any(_is_event(line.split("\t")) for line in _first_lines(head))


def release(name: str) -> str | None:
    """Return the time that a file's name gives, or its stem.

    Of the same time there is a second file, 20190121220000.translation.export.CSV.zip: what was told
    in other languages than English.
    """
    stem, *endings = name.split(".")
    return f"{stem}-translation" if stem and "translation" in endings else stem or None


def _first_lines(head: str) -> list[str]:
    return [line for line in head.split("\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]


def _is_event(cells: list[str]) -> bool:
    columns = LAYOUTS.get(len(cells))
    if columns is None:
        return False
    first = dict(zip(columns, cells, strict=True))
    root = first["EventRootCode"]
    return (
        first["GLOBALEVENTID"].isdecimal()
        and DAY.fullmatch(first["SQLDATE"]) is not None
        and (not root or first["EventCode"].startswith(root))
    )


def _refusal(name: str, head: str) -> str:
    lines = _first_lines(head)
    if not lines:
        return f"{name} is empty."
    cells = [cell.strip() for cell in lines[0].split("\t")]
    if tuple(cell.casefold() for cell in cells[: len(REDUCED)]) == REDUCED:
        return (
            f"{name} is GDELT's reduced file, which counts events by day and pair of actors and has "
            "no ids, names or sources; load the full files of these years."
        )
    if len(cells) in LAYOUTS:
        return f"{name} is no GDELT event file: its first columns are not `GLOBALEVENTID` and `SQLDATE`."
    return (
        f"{name} is no GDELT event file: its first row has {len(cells)} cells between tabs, where "
        "GDELT 2.0 has 61, and 1.0 has 58 or 57."
    )


def _rows(source: SourceFile, lines: Iterator[str]) -> Iterator[Cells | Rejected]:
    """Yield the cells of each line by the columns that their number stands for."""
    limits = source.limits
    read = 0
    for line, text in enumerate(lines, 1):
        cells = text.rstrip("\r\n").split("\t")
        if len(cells) == 1 and not cells[0].strip():
            continue
        if line == 1 and cells[0].casefold() == COLUMNS[0].casefold():
            continue
        if read == limits.rows:
            raise WrongFile(f"{source.name} has more than {limits.rows:,} rows.")
        read += 1
        columns = LAYOUTS.get(len(cells))
        if columns is None:
            yield Rejected(line, f"has {len(cells)} cells, where GDELT has 61, 58 or 57")
        elif "\0" in text:
            column, cell = next(
                each for each in zip(columns, cells, strict=True) if "\0" in each[1]
            )
            yield Rejected(line, "holds a NUL character", column, cell[:40].replace("\0", "␀"))
        elif len(text) > limits.cell and max(map(len, cells)) > limits.cell:
            raise WrongFile(
                f"{source.name}, line {line}: a cell is longer than {limits.cell:,} characters."
            )
        else:
            yield Cells(line, dict(zip(columns, cells, strict=True)))


def _event(cells: Cells) -> Row:
    values = cells.values
    key = values["GLOBALEVENTID"].strip()
    if not (key.isascii() and key.isdecimal()):
        raise Unreadable("GLOBALEVENTID", key, "is not a number")
    type_, label, codes = _type(values["EventCode"].strip())
    actors = [(side, role, _actor(cells, side)) for side, role in PARTICIPANTS]
    parties = [(side, role, found) for side, role, found in actors if found]
    location = _location(cells)
    where = whereabouts(location)
    cites, reports = cited(values.get("SOURCEURL", "").strip())
    latitude, longitude = location.point
    event = Event(
        id="",
        key=key,
        title=_title([found.words for _, _, found in parties], label, location.full_name),
        type=type_,
        status="occurred",
        certainty="reported",
        cites=cites,
        codes=codes,
        date=_day(values["SQLDATE"].strip()),
        date_precision="day",
        place=where.place,
        place_precision=where.precision,
        place_name_in_source=location.full_name or None,
        latitude=latitude,
        longitude=longitude,
        participants=[
            Participant(found.actor.id, role, text_of(cells, f"{side}Name"))
            for side, role, found in parties
        ],
    )
    needs = (*reports, *where.needs, *(each for _, _, found in parties for each in found.needs))
    return Row(cells.line, event, needs)


def _title(actors: list[str], label: str, place: str) -> str:
    """Return a title: `Azerbaijan: military – Armenia: Make a visit (Ganja, Azerbaijan)`."""
    said = f"{' – '.join(actors)}: {label}" if actors else label
    return f"{said} ({place})" if place else said


@lru_cache(maxsize=4_096)
def _type(code: str) -> tuple[str, str, list[Code]]:
    label = event_label(code)
    if label is None:
        raise Unreadable("EventCode", code, "is not an event code of CAMEO")
    return f"cameo:{code}", label, [Code("cameo", code)]


@lru_cache(maxsize=50_000)
def _day(text: str) -> str:
    if not DAY.fullmatch(text):
        raise Unreadable("SQLDATE", text, "is not a day (YYYYMMDD)")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
    except ValueError:
        raise Unreadable("SQLDATE", text, "is a day that does not exist") from None


def _actor(cells: Cells, side: str) -> Who | None:
    """Return an actor of the event, None when the row names none."""
    code = cells.values[f"{side}Code"].strip()
    if code and not ACTOR_CODE.fullmatch(code):
        raise Unreadable(f"{side}Code", code, "is not an actor code of CAMEO")
    if code:
        return who(code)
    name = text_of(cells, f"{side}Name")
    return named(name) if name else None


def _location(cells: Cells) -> Location:
    values = cells.values
    type_ = values["ActionGeo_Type"].strip() or "0"
    if type_ not in PLACE_TYPES:
        raise Unreadable("ActionGeo_Type", type_, "is not a type of place, 0 to 5")
    full_name = values["ActionGeo_FullName"].strip()
    country = values["ActionGeo_CountryCode"].strip()
    latitude = degrees(cells, "ActionGeo_Lat", 90)
    longitude = degrees(cells, "ActionGeo_Long", 180)
    if (latitude is None) != (longitude is None):
        raise Unreadable("ActionGeo_Lat", values["ActionGeo_Lat"], "has no other half")
    if not (full_name or country) and not (latitude or longitude):
        # Zeros without a place are blanks; the Gulf of Guinea would have a name.
        latitude = longitude = None
    return Location(
        type=type_,
        full_name=full_name,
        # Type 0 is no place, though the first back-files may name one.
        country=country if type_ != "0" else "",
        province=values["ActionGeo_ADM1Code"].strip(),
        feature=values["ActionGeo_FeatureID"].strip(),
        point=(latitude, longitude),
    )


READER = Reader(
    name="gdelt",
    what="GDELT event file, 2.0 (61 columns) or 1.0 (58 or 57)",
    dataset=Dataset(
        id="gdelt",
        name="GDELT Event Database",
        description=(
            "Events that machines find in the world's news and code in CAMEO's terms: who did what "
            "to whom, where and when. Nobody has checked them; one happening may be there many "
            "times, and an event may never have happened."
        ),
        licence="LicenseRef-GDELT",
        licence_url="https://www.gdeltproject.org/about.html#termsofuse",
        citation=(
            "Leetaru, Kalev, and Philip A. Schrodt (2013). GDELT: Global Data on Events, Location, "
            "and Tone, 1979–2012. ISA Annual Convention. The GDELT Project, "
            "https://www.gdeltproject.org/."
        ),
        attribution="Data: the GDELT Project (https://www.gdeltproject.org/).",
        website="https://www.gdeltproject.org/",
        redistributable=True,
        release="",
    ),
    read=read,
    recognises=recognises,
    release=release,
    whole=False,
)
