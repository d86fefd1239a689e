"""The UCDP Peace Agreement Dataset: agreements between the sides of armed conflicts, from 1975 on.

The layout is that of release 22.1, read by the names of columns; what is in a provision's column
stands in `ucdp_peace_provisions.yaml`. Lists in a cell are parallel to the list of ids beside them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from urllib.parse import quote, urlsplit

from ingest.countries import country_place
from ingest.files import Cells, SourceFile, open_table
from ingest.readers.base import (
    Outcome,
    Reader,
    Record,
    Row,
    Unreadable,
    read_rows,
    require,
    text_of,
)
from ingest.readers.issues import coded, read_issues
from ingest.readers.territories import places_named
from ingest.readers.ucdp_actors import ucdp_actor
from ingest.records import Agreement, Cite, Code, Dataset, Party, Place, Provision, Source

NAME = "ucdp-peace-agreements"
WHAT = "UCDP Peace Agreement Dataset"
NEEDED = (
    "paid", "pa_name", "pa_date", "pa_type", "gwno", "conflict_id", "conflict_name", "actor_id",
    "actor_name",
)  # fmt: skip
ISSUES = tuple(read_issues(Path(__file__).with_name("ucdp_peace_provisions.yaml"), NAME))

# Its comments call them full, partial and peace process agreements.
KINDS = {"1": "comprehensive", "2": "partial", "3": "pre-negotiation"}
# Whether an agreement ended. Where nothing is said, its fate is not known.
STATUSES = {"True": "failed", "1": "failed", "False": "in-force", "0": "in-force", "": "unknown"}
CODES = {
    "paid": "ucdp-peace-agreement",
    "conflict_id": "ucdp-conflict",
    "dyad_id": "ucdp-dyad",
    "procID": "ucdp-peace-process",
}

# A name that holds commas itself takes up this many parts of a list too much, at most.
MOST_COMMAS = 4
LONGEST_LINK = 2000


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield the agreements of a file; raise WrongFile when it is none of these."""
    with open_table(source) as table:
        require(source, WHAT, table.columns, NEEDED)
        yield from read_rows(table, _agreement)


def recognises(head: str) -> bool:
    """Tell whether a file that begins like this is of this kind."""
    columns = {name.strip('" \r') for name in head.partition("\n")[0].split(",")}
    return columns.issuperset(NEEDED)


def release(name: str) -> str | None:
    """Return the release that a file's name gives: `ucdp-peace-agreements-221.csv` is of 22.1."""
    found = re.search(r"agreements?-(\d\d)(\d)(?!\d)", name)
    return f"{found[1]}.{found[2]}" if found else None


def _agreement(cells: Cells) -> Row:
    key = _text(cells, "paid")
    title = " ".join(_text(cells, "pa_name").split())
    day = _day(cells, "pa_date")
    if day is None:
        raise Unreadable("pa_date", None, "is empty")
    needs: dict[str, Record] = {}
    agreement = Agreement(
        id="",
        key=key,
        title=title,
        kind=_choice(cells, "pa_type", KINDS),
        status=_choice(cells, "ended", STATUSES),
        date=day,
        date_precision="day",
        summary=_summary(cells),
        codes=[
            Code(scheme, code) for column, scheme in CODES.items() for code in _list(cells, column)
        ],
        places=_places(cells, needs),
        parties=_parties(cells, needs),
        provisions=_provisions(cells),
        cites=_cites(cells, key, title, needs),
    )
    return Row(cells.line, agreement, tuple(needs.values()))


def _text(cells: Cells, column: str) -> str:
    text = text_of(cells, column)
    if text is None:
        raise Unreadable(column, None, "is empty")
    return text


def _choice(cells: Cells, column: str, meanings: dict[str, str]) -> str:
    text = text_of(cells, column) or ""
    if text not in meanings:
        known = ", ".join(filter(None, meanings))
        raise Unreadable(column, text or None, f"is none of {known}")
    return meanings[text]


def _day(cells: Cells, column: str) -> str | None:
    text = text_of(cells, column)
    if text is None:
        return None
    try:
        return date.fromisoformat(text.removesuffix(" 00:00:00")).isoformat()
    except ValueError:
        raise Unreadable(column, text, "is no date in the form 1994-05-12") from None


def _list(cells: Cells, column: str) -> list[str]:
    parts = (part.strip() for part in cells.values.get(column, "").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _summary(cells: Cells) -> str | None:
    """Return UCDP's own account, with what it says of signatories, third parties and the end."""
    ended = _choice(cells, "ended", STATUSES) == "failed"
    end = f"Ended {day}." if (day := _day(cells, "duration")) else "Ended." if ended else None
    labelled = (
        (None, text_of(cells, "pa_comment")),
        ("Signed by", text_of(cells, "pa_sign")),
        (None, text_of(cells, "c_sign")),
        ("Third parties", text_of(cells, "pa_3rd")),
        (None, text_of(cells, "c_3rd")),
        (None, end),
        (None, text_of(cells, "c_duration")),
    )
    parts = [f"{label}: {text}" if label else text for label, text in labelled if text]
    return "\n\n".join(parts) or None


def _places(cells: Cells, needs: dict[str, Record]) -> list[str]:
    """Return the countries of the conflicts, and what in them the conflicts are about."""
    places: dict[str, Place] = {}
    for number in _list(cells, "gwno"):
        country = country_place(number, "gwno")
        if country is None:
            raise Unreadable(
                "gwno", number, "is no country's number in the list of Gleditsch and Ward"
            )
        places[country.id] = country
    for conflict in _parallel(cells, "conflict_id", "conflict_name", _is_conflict):
        named = places_named(conflict.partition(": ")[2] or "Government")
        needs |= {place.id: place for place in named.countries}
        places |= {place.id: place for place in named.places}
    needs |= places
    return list(places)


def _is_conflict(name: str) -> bool:
    """Tell whether this is the name of one conflict: “X: territory”, “X: Government”, “X - Y”."""
    return name.count(": ") == 1 or (": " not in name and name.count(" - ") == 1)


def _parties(cells: Cells, needs: dict[str, Record]) -> list[Party]:
    """Return who signed: the sides of the conflict, and third parties that signed too."""
    dyads = cells.values.get("dyad_name", "")
    names = _parallel(
        cells, "actor_id", "actor_name", lambda name: ", " not in name or name in dyads
    )
    numbers = [number.strip() for number in cells.values["actor_id"].split(",")] if names else []
    parties: dict[str, Party] = {}
    for number, name in zip(numbers, names, strict=True):
        actor, its_needs = ucdp_actor(number, name)
        needs |= {place.id: place for place in its_needs}
        needs[actor.id] = actor
        parties[actor.id] = Party(actor.id, "signatory")
    return list(parties.values())


def _parallel(cells: Cells, ids: str, names: str, fits: Callable[[str], bool]) -> Sequence[str]:
    """Return the names in a list, one for each of the ids beside it.

    Names hold commas themselves. Where there are more parts than ids, some parts are one name: that
    is taken if there is one way only in which all `fits`. Raise Unreadable otherwise.
    """
    text = cells.values.get(names, "").strip()
    count = len([number for number in cells.values.get(ids, "").split(",") if number.strip()])
    parts = text.split(", ") if text else []
    if len(parts) == count:
        return parts
    ways: list[list[str]] = []
    if 0 < count < len(parts) <= count + MOST_COMMAS:
        for cuts in combinations(range(1, len(parts)), count - 1):
            spans = pairwise((0, *cuts, len(parts)))
            ways.append([", ".join(parts[first:last]) for first, last in spans])
        ways = [way for way in ways if all(map(fits, way))]
    if len(ways) != 1:
        raise Unreadable(
            names, text[:80] or None, f"is no list of as many names as `{ids}` has ids"
        )
    return ways[0]


def _provisions(cells: Cells) -> list[Provision]:
    provisions = []
    for issue in ISSUES:
        value = cells.values.get(issue.code, "0").strip()
        if value == "1":
            provisions.append(coded(issue, 1))
        elif value not in ("0", ""):
            raise Unreadable(issue.code, value, "is neither 0 nor 1")
    return provisions


def _cites(cells: Cells, key: str, title: str, needs: dict[str, Record]) -> list[Cite]:
    """Return a cite of the text of the agreement where its link leads to the web."""
    link = quote(
        cells.values.get("linktofulltextagreement", "").strip(), safe=":/?#[]@!$&'()*+,;=%~"
    )
    if urlsplit(link).scheme not in ("http", "https") or len(link) > LONGEST_LINK:
        return []
    text = Source(id=f"ucdp-peace-agreement-{key}-text", kind="statement", title=title, url=link)
    needs[text.id] = text
    return [Cite(supports=["title", "date", "parties", "provisions"], source=text.id)]


READER = Reader(
    name=NAME,
    what=f"{WHAT} (CSV)",
    dataset=Dataset(
        id=NAME,
        name=WHAT,
        description=(
            "Peace agreements signed by at least two sides of an armed conflict that UCDP knows, from "
            "1975 on: full, partial and process agreements, and what they provide for."
        ),
        licence="CC-BY-4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        citation=(
            "Pettersson, Therese, Stina Högbladh and Magnus Öberg (2019). Organized violence, 1989-2018 "
            "and peace agreements. Journal of Peace Research 56(4). "
            "https://doi.org/10.1177/0022343319856046"
        ),
        attribution="Uppsala Conflict Data Program (UCDP), Uppsala University",
        website="https://ucdp.uu.se/downloads/",
        redistributable=True,
        release="",
    ),
    read=read,
    recognises=recognises,
    release=release,
)
