"""UCDP's Georeferenced Event Dataset: every layout that it has been published in.

With a header of any order, without one, with a row of HXL tags under it, cut down to a few columns,
or as GeoJSON.
"""

import csv
import re
from collections.abc import Iterator
from functools import partial

from ingest.files import SourceFile, Table, open_table
from ingest.readers.base import Outcome, Reader, read_rows, require
from ingest.readers.geojson import open_features
from ingest.readers.ucdp_ged_events import TYPES, Layout, event_row
from ingest.records import Dataset

# The columns of a release from version 20 on. Candidate releases have come without their header.
COLUMNS = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence"),
    *("conflict_dset_id", "conflict_new_id", "conflict_name"),
    *("dyad_dset_id", "dyad_new_id", "dyad_name"),
    *("side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b"),
    *("number_of_sources", "source_article", "source_office", "source_date", "source_headline"),
    *("source_original", "where_prec", "where_coordinates", "where_description"),
    *("adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid"),
    *("country", "country_id", "region", "event_clarity", "date_prec", "date_start", "date_end"),
    *("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low"),
    *("gwnoa", "gwnob"),
)


def read(source: SourceFile) -> Iterator[Outcome]:
    """Yield the events of a file; raise WrongFile when it holds something else."""
    head = source.head()
    if _is_json(head):
        with open_features(source) as table:
            yield from _read_table(source, table)
        return
    columns = COLUMNS if _lacks_header(head) else None
    if first := columns or _first_row(head):
        # Before anything else that may be wrong with a file of another kind.
        require(source, READER.what, first, Layout.of(first).required)
    with open_table(source, columns=columns) as table:
        yield from _read_table(source, table)


def recognises(head: str) -> bool:
    """Return whether a file that begins like this is UCDP GED in some layout."""
    if _is_json(head):
        names = (
            f'"{name}"' for name in ("FeatureCollection", "type_of_violence", "side_a", "best")
        )
        return all(name in head for name in names)
    columns = _first_row(head)
    return _lacks_header(head) or set(Layout.of(columns).required) <= set(columns)


def release(name: str) -> str | None:
    """Return the version that a file's name tells: GEDEvent_v24_0_3.csv, ged231-csv.zip."""
    if written := re.search(r"GEDEvent_v(\d+(?:_\d+)+)", name, re.IGNORECASE):
        return written[1].replace("_", ".")
    short = re.match(r"ged(\d{1,2})(\d)(?!\d)", name, re.IGNORECASE)
    return f"{short[1]}.{short[2]}" if short else None


def _is_json(head: str) -> bool:
    return head.lstrip().startswith("{")


def _lacks_header(head: str) -> bool:
    cells = _first_row(head)
    return len(cells) == len(COLUMNS) and cells[0].isdecimal() and cells[5] in TYPES


def _first_row(head: str) -> list[str]:
    try:
        cells = next(csv.reader(head.splitlines(keepends=True)), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _read_table(source: SourceFile, table: Table) -> Iterator[Outcome]:
    layout = Layout.of(table.columns)
    require(source, READER.what, table.columns, layout.required)
    return read_rows(table, partial(event_row, layout))


READER = Reader(
    name="ucdp-ged",
    what="UCDP GED",
    dataset=Dataset(
        id="ucdp-ged",
        name="UCDP Georeferenced Event Dataset",
        description=(
            "Deadly events of organised violence in the world since 1989: armed conflict of states, "
            "conflict of groups that are no state's, and one-sided violence against civilians. "
            "Coded from news and reports by the Uppsala Conflict Data Program."
        ),
        licence="CC-BY-4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        citation=(
            "Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event "
            "Dataset. Journal of Peace Research 50(4), 523-532; with the year's article on organized "
            "violence by Davies, Pettersson and Öberg in the same journal."
        ),
        attribution="Uppsala Conflict Data Program, Uppsala University",
        website="https://ucdp.uu.se/",
        redistributable=True,
        release="",
    ),
    read=read,
    recognises=recognises,
    release=release,
)
