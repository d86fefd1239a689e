"""Which rows the records of a file are: those that are there already, and those that are new.

For each table a temporary one, `refs_…`, says which row a reference means. A new row has its number
from the start, so that others can refer to it before it is written.

A dataset proposes places and actors under names of its own. Each proposal is looked for, in this order, by
code, by what the dataset called it before, by a number it has in GeoNames, Wikidata or ISO, by id, and
by name. A name decides only with the kind and the country, and for places with how near they are:
where that leaves a doubt, the proposal becomes a record of its own. What curators write means what its
id says, and names are not looked at.
"""

from dataclasses import dataclass
from typing import Any

from ingest.session import Session
from ingest.staging import StagedTable, refs_of, staged_table
from places.models import LEVELS

# How far apart in kilometres two places of one name may be given and still be one: gazetteers and
# datasets differ by the size of a town, or of a province.
TOWN, REGION = 50, 400

PLACE, ACTOR = "places.place", "actors.actor"

REFS = """
CREATE TEMP TABLE {refs} (
    ref text PRIMARY KEY, id bigint NOT NULL, is_new boolean NOT NULL, is_ours boolean NOT NULL,
    line integer, depth integer, above bigint, country bigint
)
"""

# Records that nobody may see must not show through those that everybody sees.
VISIBLE = """
(t.dataset_id IS NULL OR t.dataset_id = %(dataset)s
    OR EXISTS (SELECT FROM sources_dataset d WHERE d.id = t.dataset_id AND d.redistributable))
"""

# Where a scheme has two codes it means two things, of whatever name.
UNCODED = """
NOT EXISTS (SELECT FROM {codes} c JOIN stage_{codes} n ON n.scheme = c.scheme
    WHERE c.{link} = t.id AND n.{link} = s.ref)
"""

# Kinds of places that one name may mean in different datasets.
ALIKE = """
CASE WHEN {a} IN ('settlement', 'site') THEN 'point' WHEN {a} IN ('province', 'district') THEN 'part'
    ELSE 'whole' END
"""

PLACES = """
WITH proposed AS (
    SELECT DISTINCT ON (s.ref) s.*, p.id AS parent, p.depth AS parent_depth, p.above AS parent_above,
        p.country AS parent_country
    FROM {stage} s
    LEFT JOIN {refs} p ON p.ref = s.parent_id
    WHERE (s.parent_id IS NULL OR p.id IS NOT NULL)
        AND NOT EXISTS (SELECT FROM {refs} r WHERE r.ref = s.ref)
    ORDER BY s.ref, {variants}
), known AS (
    SELECT s.*, nextval('places_place_id_seq') AS number, coalesce(
        (SELECT min(c.place_id) FROM stage_places_placecode n
            JOIN places_placecode c USING (scheme, code) WHERE n.place_id = s.ref),
        (SELECT c.place_id FROM places_placecode c
            WHERE c.scheme = %(scheme)s AND c.code = s.ref),
        (SELECT t.id FROM places_place t WHERE t.geonames_id = s.geonames_id AND {visible}),
        (SELECT t.id FROM places_place t WHERE t.wikidata_id = s.wikidata_id AND {visible}),
        (SELECT t.id FROM places_place t WHERE t.iso2 = s.iso2 AND {visible}),
        (SELECT t.id FROM places_place t WHERE t.iso3 = s.iso3 AND {visible}),
        (SELECT t.id FROM places_place t WHERE t.public_id = s.ref),
        (SELECT named.id FROM (
            SELECT t.id, t.parent_id = s.parent AS same_parent, away.km,
                count(*) OVER () AS candidates
            FROM (
                SELECT DISTINCT e.place_id FROM stage_places_placename n
                JOIN places_placename e ON e.key = n.key AND e.kind <> 'code'
                WHERE n.place_id = s.ref AND n.kind <> 'code'
            ) e
            JOIN places_place t ON t.id = e.place_id
            CROSS JOIN LATERAL (SELECT 111.2 * sqrt(
                power(t.latitude - s.latitude, 2)
                + power((t.longitude - s.longitude) * cos(radians(s.latitude)), 2)) AS km) away
            WHERE NOT %(curated)s AND {visible} AND {uncoded}
                AND {alike_t} = {alike_s}
                AND NOT EXISTS (SELECT FROM places_place a WHERE a.id = s.parent
                    AND t.id IN (a.level_1_id, a.level_2_id, a.level_3_id, a.level_4_id))
                AND CASE WHEN s.parent IS NULL THEN {alike_s} = 'whole'
                    ELSE t.country_id = s.parent_country
                        OR s.parent IN (t.level_1_id, t.level_2_id, t.level_3_id)
                        OR (t.country_id IS NULL AND {alike_s} = 'whole') END
                AND coalesce(away.km <= CASE {alike_s} WHEN 'point' THEN %(town)s
                    WHEN 'part' THEN %(region)s END, true)
            ) named
            WHERE named.candidates = 1 OR named.same_parent OR named.km IS NOT NULL
            ORDER BY named.same_parent DESC NULLS LAST, named.km NULLS LAST, named.id LIMIT 1)
    ) AS found
    FROM proposed s
)
INSERT INTO {refs} (ref, id, is_new, is_ours, line, depth, above, country)
SELECT k.ref, coalesce(k.found, k.number), k.found IS NULL,
    k.found IS NULL OR t.dataset_id IS NOT DISTINCT FROM %(dataset)s, k.line,
    -- A tree of four levels: what would lie on a fifth lies beside its parent.
    coalesce(t.depth, least(coalesce(k.parent_depth, 0) + 1, {levels})),
    CASE WHEN t.id IS NOT NULL THEN t.parent_id
        WHEN k.parent_depth >= {levels} THEN k.parent_above ELSE k.parent END,
    CASE WHEN t.id IS NOT NULL THEN t.country_id
        WHEN k.kind = 'country' THEN k.number ELSE k.parent_country END
FROM known k LEFT JOIN places_place t ON t.id = k.found
"""

ACTORS = """
WITH proposed AS (
    SELECT DISTINCT ON (s.ref) s.*, p.id AS country
    FROM {stage} s LEFT JOIN {places} p ON p.ref = s.country_id
    ORDER BY s.ref, {variants}
), known AS (
    SELECT s.*, coalesce(
        (SELECT min(c.actor_id) FROM stage_actors_actorcode n
            JOIN actors_actorcode c USING (scheme, code) WHERE n.actor_id = s.ref),
        (SELECT c.actor_id FROM actors_actorcode c
            WHERE c.scheme = %(scheme)s AND c.code = s.ref),
        (SELECT t.id FROM actors_actor t WHERE t.wikidata_id = s.wikidata_id AND {visible}),
        (SELECT t.id FROM actors_actor t WHERE t.public_id = s.ref),
        (SELECT CASE WHEN count(*) = 1 THEN min(t.id) END FROM (
                SELECT DISTINCT e.actor_id FROM stage_actors_actorname n
                JOIN actors_actorname e ON e.key = n.key AND e.kind <> 'code'
                WHERE n.actor_id = s.ref AND n.kind <> 'code'
            ) e
            JOIN actors_actor t ON t.id = e.actor_id
            WHERE NOT %(curated)s AND {visible} AND {uncoded} AND t.kind = s.kind
                AND (t.country_id = s.country OR t.country_id IS NULL OR s.country IS NULL))
    ) AS found
    FROM proposed s
)
INSERT INTO {refs} (ref, id, is_new, is_ours, line)
SELECT k.ref, coalesce(k.found, nextval('actors_actor_id_seq')), k.found IS NULL,
    k.found IS NULL OR t.dataset_id IS NOT DISTINCT FROM %(dataset)s, k.line
FROM known k LEFT JOIN actors_actor t ON t.id = k.found
"""

OTHERS = """
INSERT INTO {refs} (ref, id, is_new, is_ours, line)
SELECT ref, coalesce(found, nextval('{table}_id_seq')), found IS NULL, is_ours, line
FROM (
    -- Numbered in the order of the file, which is the order that lists of parts are shown in.
    SELECT s.ref, s.line, t.id AS found, {ours} AS is_ours
    FROM (SELECT DISTINCT ON (ref) * FROM {stage} ORDER BY ref, line) s
    {joins}
    LEFT JOIN {table} t ON {match}
    ORDER BY s.line, s.placed
) s
"""

# What a dataset that is withheld brought along before others did would hide it from everybody. The first
# that may be passed on takes it over, under names of its own.
TAKE_OVER = """
UPDATE {table} t SET dataset_id = %(dataset)s FROM sources_dataset d
WHERE d.id = t.dataset_id AND NOT d.redistributable
    AND t.public_id IN (SELECT ref FROM {stage})
RETURNING t.id
"""

# What is referred to and not in the file is looked for by its id.
ELSEWHERE = """
INSERT INTO {refs} (ref, id, is_new, is_ours, depth, above, country)
SELECT t.public_id, t.id, false, false, {where} FROM {table} t
WHERE t.public_id IN ({mentions})
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Owner:
    """The dataset that is imported: its row, its id, and whether people wrote the file."""

    pk: int
    public_id: str
    curated: bool
    redistributable: bool

    @property
    def scheme(self) -> str | None:
        """The scheme of the codes by which it knows again what it called something.

        One that may not be passed on leaves no such traces.
        """
        return self.public_id if self.redistributable and not self.curated else None


def resolve(session: Session, label: str, owner: Owner, used: set[str]) -> None:
    """Say for each staged row of a table of records, and each mention of one, which row it is."""
    table = staged_table(label)
    session.run(REFS.format(refs=table.refs))
    if owner.redistributable and table.has_dataset and not table.has_release:
        _take_over(session, table, owner)
    if label in (PLACE, ACTOR):
        link = f"{label.split('.')[1]}_id"
        for part in ("name", "code"):
            session.run(f"CREATE INDEX ON stage_{table.table}{part} ({link})")
    if label == PLACE:
        _mentioned(session, table, used)
        _resolve_places(session, table, owner)
    elif label == ACTOR:
        session.run(_query(ACTORS, table, places=refs_of("places_place")), _values(owner))
    else:
        session.run(_others(table), _values(owner))
    _mentioned(session, table, used)
    session.run(f"ANALYZE {table.refs}")


def _take_over(session: Session, table: StagedTable, owner: Owner) -> None:
    taken = [key for (key,) in session.rows(_stated(TAKE_OVER, table), _values(owner))]
    if taken and table.label in (PLACE, ACTOR):
        link = f"{table.label.split('.')[1]}_id"
        session.run(f"DELETE FROM {table.table}name WHERE {link} = ANY(%s)", [taken])


def _stated(text: str, table: StagedTable) -> str:
    return text.format(table=table.table, stage=table.stage)


def _resolve_places(session: Session, table: StagedTable, owner: Owner) -> None:
    # The widest first: where a place lies helps to tell which it is.
    query = _query(
        PLACES,
        table,
        levels=LEVELS,
        alike_t=ALIKE.format(a="t.kind"),
        alike_s=ALIKE.format(a="s.kind"),
    )
    while session.run(query, _values(owner)):
        session.run(f"ANALYZE {table.refs}")


def _query(text: str, table: StagedTable, **more: Any) -> str:
    # Of rows that tell different things of one record, the same is taken in whatever order they come.
    variants = ", ".join(f"s.{name}" for name in table.names)
    link = table.table.split("_")[1] + "_id"
    uncoded = UNCODED.format(codes=f"{table.table}code", link=link)
    return text.format(
        stage=table.stage,
        refs=table.refs,
        visible=VISIBLE,
        uncoded=uncoded,
        variants=variants,
        **more,
    )


def _values(owner: Owner) -> dict[str, Any]:
    return {
        "dataset": owner.pk,
        "scheme": owner.scheme,
        "curated": owner.curated,
        "town": TOWN,
        "region": REGION,
    }


def _others(table: StagedTable) -> str:
    """Return the query for records that are found by what identifies them."""
    ours = (
        "t.id IS NULL OR t.dataset_id IS NOT DISTINCT FROM %(dataset)s"
        if table.has_dataset
        else "true"
    )
    if table.has_release:
        match, joins = "t.dataset_id = %(dataset)s AND t.key = s.key", ""
    else:
        match, joins = _by_identity(table)
    return OTHERS.format(
        refs=table.refs, table=table.table, stage=table.stage, ours=ours, match=match, joins=joins
    )


def _by_identity(table: StagedTable) -> tuple[str, str]:
    links = {reference.name: reference for reference in table.references}
    columns = {name: column for name, column, _ in table.columns}
    matches, joins = [], []
    for name in table.identity:
        if name in columns:
            matches.append(f"t.{columns[name]} = s.{columns[name]}")
        else:
            link = links[name]
            target = refs_of(link.target._meta.db_table)
            joins.append(f"JOIN {target} r_{name} ON r_{name}.ref = s.{link.column}")
            matches.append(f"t.{link.column} = r_{name}.id")
    return " AND ".join(matches), "\n".join(joins)


def _mentioned(session: Session, table: StagedTable, used: set[str]) -> None:
    """Look up what staged rows refer to and the file does not have."""
    if table.identity != ("public_id",):
        return
    mentions = [
        f"SELECT {reference.column} FROM {other.stage} s WHERE NOT EXISTS "
        f"(SELECT FROM {table.stage} o WHERE o.ref = s.{reference.column})"
        for other in map(staged_table, sorted(used))
        for reference in other.references
        # A row that belongs to a record comes with it.
        if reference.target._meta.db_table == table.table and reference.name != other.identity[0]
    ]
    if mentions:
        session.run(
            ELSEWHERE.format(
                refs=table.refs,
                table=table.table,
                where="t.depth, t.parent_id, t.country_id"
                if table.label == PLACE
                else "NULL, NULL, NULL",
                mentions=" UNION ".join(mentions),
            )
        )
