"""PA-X, the Peace Agreements Database of the University of Edinburgh: agreements from 1990 on.

Metadata are found by name. The other columns are issues: those of `pax_issues.yaml`, and whatever
later releases put beside them. The texts that PA-X pastes from agreements are not kept.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

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
from ingest.readers.issues import Issue, coded, read_issues
from ingest.readers.pax_parties import UNITED_NATIONS, names_in, state, states_that_signed
from ingest.readers.territories import places_named
from ingest.records import Agreement, Code, Dataset, Party, Place, Provision

NAME = "pax"
WHAT = "PA-X Peace Agreements Database"
NEEDED = ("AgtId", "Agt", "Dat", "Con", "Stage", "Agtp", "Loc1ISO", "Loc2ISO")
VOCABULARY = Path(__file__).with_name("pax_issues.yaml")
ISSUES = tuple(read_issues(VOCABULARY, NAME, "Deals with {}."))
LEVELS = {"1": 1, "2": 2, "3": 3}

KINDS = {
    "Pre": "pre-negotiation",
    "SubPar": "partial",
    "SubComp": "comprehensive",
    "Cea": "ceasefire",
    "Imp": "implementation",
    "Ren": "renewal",
    "Oth": "other",
    "Other": "other",
}
TYPES = {
    "Inter": "between states, on a conflict between states",
    "InterIntra": "between states, on a conflict within a state",
    "Intra": "within a state",
    "IntraLocal": "local, within a state",
}
CODES = {
    "AgtId": "pax",
    "PP": "pax-process",
    "UcdpCon": "ucdp-conflict",
    "UcdpAgr": "ucdp-peace-agreement",
    "PamAgr": "pam",
    "CowWar": "cow-war",
}
NONE = ("", "NA", "N/A")


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield the agreements of a file; raise WrongFile when it is none of these."""
    with open_table(source) as table:
        require(source, WHAT, table.columns, NEEDED)
        issues = (*ISSUES, *_new_issues(table.columns))
        yield from read_rows(table, partial(_agreement, issues=issues))


def recognises(head: str) -> bool:
    """Tell whether a file that begins like this is of this kind."""
    columns = {name.strip('" \r') for name in head.partition("\n")[0].split(",")}
    return columns.issuperset(NEEDED)


def release(name: str) -> str | None:
    """Return the release that a file's name gives: `pax_all_agreements_data_v6.csv` is of 6."""
    found = re.match(r"pax_.*_v(\d+)(?!\d)", name, re.IGNORECASE)
    return found[1] if found else None


def _new_issues(columns: Sequence[str]) -> Iterator[Issue]:
    """Yield issues that the vocabulary lacks: what stands after the first one that it has.

    What stands before are metadata. They are numbered after the known ones, in the order of columns.
    """
    known = {issue.code for issue in ISSUES}
    first = next((place for place, name in enumerate(columns) if name in known), len(columns))
    new = (name for name in columns[first:] if name and name not in known)
    for number, code in enumerate(new, len(ISSUES) + 1):
        yield Issue(NAME, code, number, "other", f"Deals with what PA-X codes as {code}.")


def _agreement(cells: Cells, issues: Sequence[Issue]) -> Row:
    needs: list[Record] = []
    agreement = Agreement(
        id="",
        key=_text(cells, "AgtId"),
        title=" ".join(_text(cells, "Agt").split()),
        kind=_kind(cells),
        status="unknown",
        date=_day(cells),
        date_precision="day",
        summary=_summary(cells),
        codes=_codes(cells),
        places=_places(cells, needs),
        parties=_parties(cells, needs),
        provisions=list(_provisions(cells, issues)),
        cites=[],
    )
    return Row(cells.line, agreement, needs)


def _text(cells: Cells, column: str) -> str:
    text = text_of(cells, column)
    if text is None:
        raise Unreadable(column, None, "is empty")
    return text


def _kind(cells: Cells) -> str:
    stage = _text(cells, "Stage")
    if stage not in KINDS:
        raise Unreadable("Stage", stage, f"is none of {', '.join(KINDS)}")
    return KINDS[stage]


def _day(cells: Cells) -> str:
    """Return the day of signature; of several days PA-X gives the last."""
    text = _text(cells, "Dat")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unreadable("Dat", text, "is no date in the form 1994-05-12") from None


def _summary(cells: Cells) -> str:
    """Return in words what PA-X says of the agreement as a whole."""
    type_ = text_of(cells, "Agtp")
    said = (
        ("Conflict", " ".join(cells.values["Con"].split())),
        ("Peace process", text_of(cells, "PPName")),
        ("What the conflict is about", text_of(cells, "Contp")),
        ("Region", text_of(cells, "Reg")),
        ("Agreement", TYPES.get(type_ or "", type_)),
        ("How it was agreed", text_of(cells, "Status")),
        ("Interim arrangement", text_of(cells, "Interim")),
        ("Pages", text_of(cells, "Lgt")),
    )
    return " ".join(f"{label}: {text.rstrip('.')}." for label, text in said if text)


def _codes(cells: Cells) -> list[Code]:
    codes = (
        Code(scheme, part.strip())
        for column, scheme in CODES.items()
        for part in re.split(r"[,;]", cells.values.get(column, ""))
        if part.strip().upper() not in NONE
    )
    stage = "/".join(filter(None, (text_of(cells, "Stage"), text_of(cells, "StageSub"))))
    return [*dict.fromkeys(codes), Code("pax-stage", stage)]


def _places(cells: Cells, needs: list[Record]) -> list[str]:
    """Return where the conflict is, and the countries and territories that its name names."""
    places: dict[str, Place] = {}
    for column in ("Loc1ISO", "Loc2ISO"):
        code = text_of(cells, column)
        if code is None or code.upper() in NONE:
            continue
        country = country_place(code, "iso3")
        if country is None:
            raise Unreadable(column, code, "is no country's code in ISO 3166-1")
        places[country.id] = country
    within: dict[str, Place] = {}
    for name in names_in(cells.values["Con"]):
        named = places_named(name)
        within |= {place.id: place for place in named.countries}
        places |= {place.id: place for place in named.places}
    needs += (within | places).values()
    return list(places)


def _parties(cells: Cells, needs: list[Record]) -> list[Party]:
    """Return the states that signed, and the United Nations where it did so in any capacity."""
    values = cells.values
    states = states_that_signed(
        values["Con"],
        values["Agtp"].strip(),
        values.get("Status", "").strip(),
        values.get("Part", ""),
    )
    actors = [state(place.name) for place in states]
    if values.get("ImUN", "").strip() == "1":
        actors.append(UNITED_NATIONS)
    known = {place.id for place in needs if isinstance(place, Place)}
    needs += [place for place in states if place.id not in known]
    needs += actors
    return [Party(actor.id, "signatory") for actor in actors]


def _provisions(cells: Cells, issues: Sequence[Issue]) -> Iterator[Provision]:
    """Yield what is coded above 0. A new column that holds no such number is no issue."""
    values = cells.values
    for issue in issues:
        value = values.get(issue.code, "0").strip()
        if value == "0":
            continue
        if level := LEVELS.get(value):
            yield coded(issue, level)
        elif issue.number <= len(ISSUES) and value.upper() not in NONE:
            raise Unreadable(issue.code, value, "is not between 0 and 3")


READER = Reader(
    name=NAME,
    what=f"{WHAT}, all agreements (CSV)",
    dataset=Dataset(
        id=NAME,
        name=WHAT,
        description=(
            "Peace agreements since 1990, with the stage of the process that they belong to and the "
            "issues that they deal with. Its terms do not allow a copy of the whole or of a "
            "substantial part to be offered again."
        ),
        licence="CC-BY-NC-SA-4.0",
        licence_url="https://creativecommons.org/licenses/by-nc-sa/4.0/",
        citation=(
            "Bell, Christine, Sanja Badanjak, Juline Beaujouan, Tim Epple, Robert Forster, Astrid "
            "Jamar, Sean Molloy, Kevin McNicholl, Kathryn Nash, Jan Pospisil, Robert Wilson and Laura "
            "Wise. PA-X Peace Agreements Database and Dataset. www.peaceagreements.org"
        ),
        attribution=(
            "Copyright and database right in PA-X are owned by the University of Edinburgh: "
            "www.peaceagreements.org"
        ),
        website="https://www.peaceagreements.org/",
        redistributable=False,
        release="",
    ),
    read=read,
    recognises=recognises,
    release=release,
)
