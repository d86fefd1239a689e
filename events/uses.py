"""How often events name each place and actor: what suggestions are ordered by."""

from typing import Any

from sources.models import Dataset

# Those that nothing names any more are forgotten, and only what is new or other is written.
COUNT = """
WITH counted AS ({counted}), gone AS (
    DELETE FROM {table} WHERE {record} NOT IN (SELECT {record} FROM counted)
)
INSERT INTO {table} AS known ({record}, events) SELECT {record}, events FROM counted
ON CONFLICT ({record}) DO UPDATE SET events = excluded.events
WHERE known.events <> excluded.events
"""
IN_PLACES = """
SELECT level AS place_id, sum(events) AS events FROM (
    SELECT place_id, count(*) AS events FROM events_event WHERE dataset_id <> ALL(%(withheld)s::bigint[]) GROUP BY place_id
) n
JOIN places_place p ON p.id = n.place_id
CROSS JOIN LATERAL (
    SELECT DISTINCT level FROM unnest(ARRAY[p.level_1_id, p.level_2_id, p.level_3_id, p.level_4_id]) level
    WHERE level IS NOT NULL
) l
GROUP BY level
"""
OF_ACTORS = """
SELECT actor_id, count(*) AS events FROM events_participation p
WHERE %(withheld)s::bigint[] = '{}' OR NOT EXISTS (
    SELECT FROM events_event e WHERE e.id = p.event_id AND e.dataset_id = ANY(%(withheld)s::bigint[])
)
GROUP BY actor_id
"""


def count_uses(cursor: Any) -> None:
    """Count how often events that clients may see name each place and actor."""
    withheld = list(Dataset.objects.filter(served=False).values_list("pk", flat=True))
    for counted, table, record in (
        (IN_PLACES, "places_placeuse", "place_id"),
        (OF_ACTORS, "actors_actoruse", "actor_id"),
    ):
        sql = COUNT.format(counted=counted, table=table, record=record)
        cursor.execute(sql, {"withheld": withheld})
