"""ACLED, the Armed Conflict Location & Event Data: exports in any layout since 2019.

Columns are found by their names, in any order and case, with commas, semicolons or tabs between
them. ACLED's terms do not allow its data to be passed on.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from ingest.files import Rejected, SourceFile, Table, open_table
from ingest.readers.acled_actors import kind_of_form, surest
from ingest.readers.acled_events import event_row, inter
from ingest.readers.base import Outcome, Reader, Unreadable, read_rows, require
from ingest.records import Dataset

REQUIRED = (
    *("event_id_cnty", "event_date", "time_precision", "event_type", "actor1"),
    *("country", "location", "latitude", "longitude", "geo_precision"),
)
DELIMITERS = ",;\t"


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield the events of an export; raise WrongFile when it holds something else."""
    kinds = _kinds(source)
    with _open(source) as table:
        yield from read_rows(table, partial(event_row, kinds))


def recognises(head: str) -> bool:
    """Tell whether a file that begins so is an export of ACLED."""
    return set(REQUIRED) <= set(_header(head)[1])


@contextmanager
def _open(source: SourceFile) -> Iterator[Table]:
    delimiter, columns = _header(source.head())
    require(source, "export of ACLED", columns, REQUIRED)
    with open_table(source, delimiter=delimiter, columns=columns) as table:
        next(table.rows)
        yield table


def _header(head: str) -> tuple[str, list[str]]:
    """Return what is between the columns, and their names in lower case."""
    line = head.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    cells = next(csv.reader([line], delimiter=delimiter), [])
    return delimiter, [name.strip().casefold() for name in cells]


def _kinds(source: SourceFile) -> dict[str, str]:
    """Return the kinds of the actors whose names do not tell them, from the types of all rows.

    The same group may be of one type here and of another there, for instance abroad: what it is
    must not depend on which row comes first.
    """
    kinds: dict[str, str] = {}
    seen = set()
    with _open(source) as table:
        for cells in table.rows:
            if isinstance(cells, Rejected):
                continue
            for number in (1, 2):
                name = cells.values.get(f"actor{number}", "").strip()
                typed = name, cells.values.get(f"inter{number}")
                if typed in seen or not name or kind_of_form(name):
                    continue
                seen.add(typed)
                with suppress(Unreadable):
                    kinds[name] = surest(kinds, name, inter(cells, number))
    return kinds


READER = Reader(
    name="acled",
    what="political violence and demonstrations, an export of ACLED",
    dataset=Dataset(
        id="acled",
        name="ACLED",
        description=(
            "Political violence, demonstrations and strategic developments by day and place, from the "
            "Armed Conflict Location & Event Data project."
        ),
        licence="LicenseRef-ACLED",
        licence_url="https://acleddata.com/terms-of-use-and-attribution-policy",
        citation=(
            "Raleigh, C., Kishi, R. and Linke, A. (2023). Political instability patterns are obscured "
            "by conflict dataset scope conditions, sources, and coding choices. Humanities and Social "
            "Sciences Communications. https://doi.org/10.1057/s41599-023-01559-4"
        ),
        attribution="Armed Conflict Location & Event Data (ACLED), https://acleddata.com/.",
        website="https://acleddata.com/",
        redistributable=False,
        release="export",
    ),
    read=read,
    recognises=recognises,
    whole=False,
)
