"""Merging: from staged rows to the tables that are served.

First the rows are made ready: their references become numbers. What cannot be taken is refused then,
by line. What is left is written: new records, those that differ, and what belongs to them.
"""

from dataclasses import dataclass

from ingest.report import Tally
from ingest.resolution import Owner
from ingest.session import Session
from ingest.staging import StagedTable, link_to, quoted, refs_of, staged_table
from ingest.tables import PROPOSED
from places.models import LEVELS

# Records, each with what belongs to it; in the order of writing. Lines are refused within a family.
FAMILIES: tuple[dict[str, tuple[str, ...]], ...] = (
    {"sources.publisher": ()},
    {"sources.document": ()},
    {"places.place": ("places.placename", "places.placecode", "places.placecitation")},
    {"actors.actor": ("actors.actorname", "actors.actorcode", "actors.actorcitation")},
    {"actors.affiliation": ("actors.affiliationcitation",)},
    {"actors.controlclaim": ("actors.controlcitation",)},
    {
        "agreements.agreement": (
            "agreements.agreementcode",
            "agreements.party",
            "agreements.agreementcitation",
            "agreements.agreement.places",
        ),
        "agreements.provision": ("agreements.provisioncitation",),
    },
    {
        "events.event": (
            "events.eventcode",
            "events.participation",
            "events.eventcitation",
            "events.eventlink",
            "events.event.fulfils",
            "events.event.breaches",
        )
    },
)
# What would lie on a fifth level lies beside its parent; a place that is there stays where it is, if what lies in
# it would come to lie there.
PARENT = f"""CASE WHEN r.is_new AND r.depth <= r_parent.depth THEN r.above
    WHEN NOT r.is_new AND r_parent.id IS DISTINCT FROM r.above AND {LEVELS} <= r_parent.depth + (
        SELECT max(inside.depth) - r.depth FROM places_place inside WHERE r.id IN
            ({", ".join(f"inside.level_{level}_id" for level in range(1, LEVELS + 1))})
    ) THEN r.above
    ELSE r_parent.id END AS parent_id"""
# Names and codes are added to records of others, too; the rest of these is left to their owners.
SHARED = {"places.placename", "places.placecode", "actors.actorname", "actors.actorcode"}
# What follows from other rows: column, expression. Triggers would look it up row by row.
DERIVED: dict[str, tuple[tuple[str, str], ...]] = {
    "events.event": (
        *((f"place_level_{level}", f"pl.level_{level}_id") for level in range(1, LEVELS + 1)),
        ("root_type_id", "ty.root_id"),
        ("search", "r.search"),
        ("updated_at", "now()"),
        ("revision", "1"),
    ),
    "events.eventcode": (("sort_date", "coalesce(o.start_date, date '0001-01-01')"),),
    "events.participation": (("sort_date", "coalesce(o.start_date, date '0001-01-01')"),),
    "places.place": (("depth", "r.depth"),),
}
JOINED = {
    "events.event": "LEFT JOIN places_place pl ON pl.id = r.place_id "
    "LEFT JOIN events_eventtype ty ON ty.id = r.type_id"
}
# What a place of another dataset may still lack.
FILLED = ("latitude", "longitude", "iso2", "iso3", "geonames_id", "wikidata_id")


@dataclass(frozen=True)
class Import:
    """What all rows of an import have in common.

    `told` are the kinds of records that the file is about, which it may change; what its rows merely
    refer to is changed only by a file that holds all of a release.
    """

    owner: Owner
    release: int
    # The document that stands for the dataset where a name was added from it.
    document: int | None
    whole: bool
    told: frozenset[str] = frozenset()


def make_ready(session: Session, label: str, is_record: bool) -> None:
    """Turn the staged rows of a table into rows with numbers in place of references."""
    table = staged_table(label)
    own = [f"s.{name}" for name in (*(column for _, column, _ in table.columns), *table.computed)]
    links, joins = [], []
    for reference in table.references:
        alias = f"r_{reference.name}"
        joins.append(
            f"LEFT JOIN {refs_of(reference.target._meta.db_table)} {alias} "
            f"ON {alias}.ref = s.{reference.column}"
        )
        links += [f"{alias}.id AS {reference.column}", f"s.{reference.column} AS {alias}"]
    if label == "places.place":
        links[links.index('r_parent.id AS "parent_id"')] = PARENT
    if is_record:
        rows = table.stage
        if not table.has_release:
            # Several rows may tell of one record; those of the first line stand for it.
            order = ", ".join(table.names)
            rows = f"(SELECT DISTINCT ON (ref) * FROM {table.stage} ORDER BY ref, {order})"
        source = f"{rows} s JOIN {table.refs} r USING (ref)"
        head = "r.id, r.is_new, r.is_ours, r.depth"
    else:
        source, head = f"{table.stage} s", "NULL::bigint AS id"
    columns = ", ".join(["s.line", "s.placed", "s.ref", head, *own, *links])
    session.run(
        f"CREATE TEMP TABLE {table.ready} AS SELECT {columns} FROM {source} {' '.join(joins)}"
    )
    session.run(f"ANALYZE {table.ready}")


def write_records(session: Session, label: str, context: Import) -> Tally:
    """Write the records of a table that are new or, where they are ours, differ."""
    table = staged_table(label)
    constants = _constants(table, context)
    derived = DERIVED.get(label, ())
    names = [*table.names, *constants, *(name for name, _ in derived)]
    values = [*map(str, constants.values()), *(value for _, value in derived)]
    picked = [*(f"r.{name}" for name in table.names), *values]
    # What contains others comes first. The rest has its numbers already, in the order of the file.
    order = "ORDER BY r.depth, r.line" if label == "places.place" else ""
    tally = Tally()
    tally.new = session.run(
        f"INSERT INTO {table.table} (id, {', '.join(names)}) "
        f"SELECT r.id, {', '.join(picked)} FROM {table.ready} r {JOINED.get(label, '')} "
        f"WHERE r.is_new {order}"
    )
    known = session.value(f"SELECT count(*) FROM {table.ready} WHERE NOT is_new")
    if known:
        tally.changed = _update_records(session, table, context)
    tally.unchanged = known - tally.changed
    if label == "places.place" and context.owner.redistributable:
        _fill(session, table, context)
    return tally


def _update_records(session: Session, table: StagedTable, context: Import) -> int:
    """Change the records that are ours and differ; return how many they are."""
    label = table.label
    written = [name for name in table.names if name != quoted("public_id")]
    fresh = [_fresh(label, name) for name in written]
    own_name = "(r.ref = t.public_id) DESC, " if table.identity == ("public_id",) else ""
    may_change = context.whole or label in context.told or label not in PROPOSED
    return session.run(
        f"UPDATE {table.table} t SET {_assignments(written, fresh, _constants(table, context))} "
        # Two rows of a file may turn out to be one record: the one that bears its id speaks for it.
        f"FROM (SELECT DISTINCT ON (r.id) r.* FROM {table.ready} r JOIN {table.table} t USING (id) "
        f"ORDER BY r.id, {own_name}r.ref) r "
        f"WHERE {may_change} AND t.id = r.id AND r.is_ours AND NOT r.is_new "
        f"AND ({_listed('t', written)}) IS DISTINCT FROM ({', '.join(fresh)})"
    )


def _fresh(label: str, name: str) -> str:
    """Return the new value of a column: what others filled in stays while we have nothing to say."""
    filled = label == "places.place" and name in map(quoted, FILLED)
    return f"coalesce(r.{name}, t.{name})" if filled else f"r.{name}"


def _fill(session: Session, table: StagedTable, context: Import) -> None:
    """Give places of others what they lack and we know, and cite where it is from."""
    lacking = ", ".join(
        f"CASE WHEN t.{name} IS NULL AND r.{name} IS NOT NULL THEN '{name}' END" for name in FILLED
    )
    session.run(
        f"CREATE TEMP TABLE filled AS SELECT * FROM (SELECT DISTINCT ON (r.id) r.*, "
        f"array_remove(ARRAY[{lacking}], NULL) AS lacking FROM {table.ready} r "
        f"JOIN {table.table} t ON t.id = r.id WHERE NOT r.is_ours ORDER BY r.id, r.ref) r "
        "WHERE cardinality(lacking) > 0"
    )
    filled = ", ".join(f"{name} = coalesce(t.{name}, r.{name})" for name in FILLED)
    session.run(f"UPDATE {table.table} t SET {filled} FROM filled r WHERE t.id = r.id")
    if context.document is not None:
        session.run(
            "INSERT INTO places_placecitation (place_id, document_id, position, locator, supports) "
            "SELECT r.id, %s, 1 + coalesce((SELECT max(c.position) FROM places_placecitation c "
            "WHERE c.place_id = r.id), 0), r.ref, r.lacking FROM filled r",
            [context.document],
        )


def write_belongings(session: Session, label: str, record: str, context: Import) -> None:
    """Write what belongs to records: all of it for ours, what is missing for those of others."""
    table, owner = staged_table(label), staged_table(record)
    link = link_to(table, owner)
    names = table.names
    picked = [f"r.{name}" for name in names]
    if label.endswith("name"):
        # A name that a dataset adds to a record of others says where it is from.
        picked[names.index(quoted("source_id"))] = (
            "CASE WHEN o.is_ours THEN r.source_id ELSE coalesce(r.source_id, %(document)s) END"
        )
    derived = DERIVED.get(label, ())
    all_names = [*names, *(name for name, _ in derived)]
    picked += [value for _, value in derived]
    shared = label in SHARED
    if not shared or context.owner.curated:
        session.run(
            f"DELETE FROM {table.table} t USING {owner.ready} o "
            f"WHERE t.{link.column} = o.id AND o.is_ours AND NOT o.is_new AND NOT EXISTS ("
            f"SELECT FROM {table.ready} r WHERE r.{link.column} = t.{link.column} "
            f"AND ({_listed('r', names)}) IS NOT DISTINCT FROM ({_listed('t', names)}))"
        )
    identity = [_column(table, name) for name in table.identity]
    same = " AND ".join(f"t.{name} = r.{name}" for name in identity)
    whose = "true" if shared and context.owner.redistributable else "o.is_ours"
    bare = ", ".join(all_names)
    taken = ", ".join(f"{value} AS {name}" for name, value in zip(all_names, picked, strict=True))
    owners = owner.ready
    if not owner.has_release:
        # Two rows of a file may turn out to be one record.
        owners = f"(SELECT DISTINCT ON (id) * FROM {owner.ready} ORDER BY id, ref)"
    order = "ORDER BY at_line, at" if table.shown_as_written else ""
    session.run(
        f"INSERT INTO {table.table} ({bare}) SELECT {bare} FROM ("
        f"SELECT DISTINCT ON ({_listed('r', identity)}) {taken}, r.line AS at_line, r.placed AS at "
        f"FROM {table.ready} r JOIN {owners} o ON o.id = r.{link.column} "
        f"WHERE {whose} AND (o.is_new OR NOT EXISTS (SELECT FROM {table.table} t WHERE {same})) "
        f"ORDER BY {_listed('r', identity)}, r.line, r.placed"
        f") taken {order} ON CONFLICT DO NOTHING",
        {"document": context.document},
    )


def note_codes(session: Session, label: str, context: Import) -> None:
    """Note under which name a dataset proposed a place or actor that goes by another id."""
    table = staged_table(label)
    code = table.table + "code"
    column = label.split(".")[1] + "_id"
    if context.owner.scheme:
        session.run(
            f"INSERT INTO {code} ({column}, scheme, code) "
            f"SELECT r.id, %s, r.ref FROM {table.ready} r JOIN {table.table} t ON t.id = r.id "
            "WHERE t.public_id <> r.ref ON CONFLICT DO NOTHING",
            [context.owner.scheme],
        )


def _constants(table: StagedTable, context: Import) -> dict[str, int]:
    constants: dict[str, int] = {}
    if table.has_dataset:
        constants["dataset_id"] = context.owner.pk
    if table.has_release:
        constants["release_id"] = context.release
    return constants


def _assignments(names: list[str], values: list[str], constants: dict[str, int]) -> str:
    own = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
    return ", ".join([*own, *(f"{name} = {value}" for name, value in constants.items())])


def _listed(alias: str, names: list[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _column(table: StagedTable, name: str) -> str:
    links = {reference.name: reference.column for reference in table.references}
    return links.get(name, quoted(name))
