"""Which values are asked for: chosen from the data, for what they are in it and not by name.

Each function takes a cursor. Ties are broken by key, so that the same data give the same values.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

MANY, SOME, FEW = 50, 10, 5
# Texts looked through for words of some frequency.
SAMPLE = 5_000
# An order that has nothing to do with anything else, and is the same each time.
SCATTERED = "md5(e.id::text)"


class Unsuitable(RuntimeError):
    """Data that cannot be measured with."""


@dataclass(frozen=True)
class Share:
    """A value, and the number of events that have it."""

    value: Any
    events: int


def nearest(shares: Iterable[Share], wanted: float, number: int) -> list[Share]:
    """Return the `number` values whose events are nearest to the number wanted, by ratio."""
    return sorted(shares, key=lambda share: _apart(share.events, wanted))[:number]


def _apart(one: float, other: float) -> float:
    return max(one, other) / max(min(one, other), 1e-9)


def words(texts: Sequence[str]) -> list[Share]:
    """Return in how many of the texts each word is, of at least four letters."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(re.findall(r"[a-z]{4,}", text.lower())))
    return [Share(word, number) for word, number in sorted(found.items())]


def rows(cursor: Any, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    cursor.execute(sql, parameters or None)
    return list(cursor.fetchall())


def _shares(cursor: Any, sql: str, *parameters: Any) -> list[Share]:
    return [Share(value, number) for value, number in rows(cursor, sql, *parameters)]


def all_events(cursor: Any) -> int:
    """Return the number of events; raise Unsuitable if any is not made up, or there are few."""
    found = rows(
        cursor,
        "SELECT d.public_id, count(*) FROM events_event e "
        "JOIN sources_dataset d ON d.id = e.dataset_id GROUP BY 1",
    )
    if [name for name, _ in found] != ["synthetic"]:
        names = ", ".join(sorted(name for name, _ in found)) or "none"
        raise Unsuitable(
            f"The database must hold the events of `manage.py synthesize` and no others; it has {names}."
        )
    number: int = found[0][1]
    if number < 1_000:
        raise Unsuitable(f"{number} events are too few to choose from; 1,000 are needed.")
    return number


def places(cursor: Any, depth: int) -> list[Share]:
    """Return names of places at a depth that are the name of one place only, the most eventful first."""
    return _shares(
        cursor,
        f"""
        SELECT n.name, e.number FROM (
            SELECT place_level_{int(depth)} AS id, count(*) AS number FROM events_event GROUP BY 1) e
        JOIN places_placename n ON n.place_id = e.id
        WHERE (SELECT count(*) FROM places_placename o WHERE o.key = n.key) = 1
            AND lower(n.name) = n.key
        ORDER BY e.number DESC, e.id""",
    )


def actors(cursor: Any) -> list[Share]:
    """Return ids of actors, the most eventful first."""
    return _shares(
        cursor,
        "SELECT a.public_id, p.number FROM ("
        "SELECT actor_id, count(*) AS number FROM events_participation GROUP BY 1) p "
        "JOIN actors_actor a ON a.id = p.actor_id ORDER BY p.number DESC, a.id",
    )


def ids(cursor: Any, number: int) -> list[str]:
    """Return ids of events from all over."""
    found = rows(
        cursor, f"SELECT public_id FROM events_event e ORDER BY {SCATTERED} LIMIT %s", number
    )
    return [name for (name,) in found]


def keys(cursor: Any, public_ids: Sequence[str]) -> dict[str, str]:
    """Return the date and key of events by their ids, as `after` has them."""
    sql = "SELECT public_id, sort_date, id FROM events_event WHERE public_id = ANY(%s)"
    return {name: f"{day},{key}" for name, day, key in rows(cursor, sql, list(public_ids))}


def combinations(cursor: Any, number: int) -> list[dict[str, str]]:
    """Return country, year and type of events from all over, each with the events that are like it."""
    found = rows(
        cursor,
        f"""
        SELECT l.name, extract(year FROM e.sort_date)::int, t.code
        FROM events_event e JOIN places_place l ON l.id = e.place_level_1
        JOIN events_eventtype t ON t.id = e.type_id
        WHERE t.parent_id IS NOT NULL ORDER BY {SCATTERED} LIMIT %s""",
        number,
    )
    return [
        {"place": place, "date_from": f"{year}-01-01", "date_to": f"{year}-12-31", "type": code}
        for place, year, code in found
    ]


def texts(cursor: Any) -> list[str]:
    """Return titles and summaries of events from all over."""
    sql = f"SELECT concat_ws(' ', title, summary) FROM events_event e ORDER BY {SCATTERED} LIMIT %s"
    return [text for (text,) in rows(cursor, sql, SAMPLE)]


def boxes(cursor: Any, number: int, degrees: float) -> list[str]:
    """Return boxes of so many degrees a side around events from all over."""
    found = rows(
        cursor,
        f"SELECT latitude, longitude FROM events_event e WHERE latitude IS NOT NULL "
        f"ORDER BY {SCATTERED} LIMIT %s",
        number,
    )
    return [box(latitude, longitude, degrees) for latitude, longitude in found]


def box(latitude: float, longitude: float, degrees: float) -> str:
    """Return the box around a point, kept on the globe, as `bbox` has it."""
    half = degrees / 2
    south, north = max(latitude - half, -90), min(latitude + half, 90)
    west, east = max(longitude - half, -180), min(longitude + half, 180)
    return ",".join(f"{edge:.3f}" for edge in (west, south, east, north))


# ---- Worst cases ----


def old_countries(cursor: Any) -> list[str]:
    """Return names of countries in which nothing has happened for longest, among those of some events."""
    return _long_quiet(cursor, "events_event", "place_level_1", "places_place")


def old_names(cursor: Any) -> list[str]:
    """Return names of actors of whom nothing has been heard for longest, among those of some events."""
    return _long_quiet(cursor, "events_participation", "actor_id", "actors_actor")


def _long_quiet(cursor: Any, table: str, column: str, named: str) -> list[str]:
    sql = f"""
        SELECT n.name FROM (
            SELECT {column} AS id, max(sort_date) AS last FROM {table}
            GROUP BY 1 HAVING count(*) >= 50) quiet
        JOIN {named} n USING (id) ORDER BY quiet.last, n.id LIMIT %s"""
    return [name for (name,) in rows(cursor, sql, FEW)]


def first_day(cursor: Any) -> str:
    """Return the day before which a hundredth of the events lie."""
    sql = "SELECT percentile_disc(0.01) WITHIN GROUP (ORDER BY sort_date) FROM events_event"
    return str(rows(cursor, sql)[0][0])


def strangers(cursor: Any) -> list[tuple[str, str]]:
    """Return countries and actors, both of many events, that have the fewest in common: none as a rule."""
    found = rows(
        cursor,
        """
        WITH c AS (
            SELECT place_level_1 AS id, count(*) AS number FROM events_event
            WHERE place_level_1 IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 15),
        a AS (
            SELECT actor_id AS id, count(*) AS number FROM events_participation
            GROUP BY 1 ORDER BY 2 DESC LIMIT 40),
        met AS (
            SELECT e.place_level_1 AS country, p.actor_id AS actor, count(*) AS number
            FROM events_participation p JOIN events_event e ON e.id = p.event_id
            WHERE p.actor_id IN (SELECT id FROM a) AND e.place_level_1 IN (SELECT id FROM c)
            GROUP BY 1, 2)
        SELECT l.name, o.public_id FROM c CROSS JOIN a
        JOIN places_place l ON l.id = c.id JOIN actors_actor o ON o.id = a.id
        LEFT JOIN met ON met.country = c.id AND met.actor = a.id
        ORDER BY coalesce(met.number, 0), least(c.number, a.number) DESC, l.id, o.id LIMIT %s""",
        FEW,
    )
    return [(place, actor) for place, actor in found]


def widest_places(cursor: Any) -> list[str]:
    """Return names of the places that hold the most others."""
    found = rows(
        cursor,
        "SELECT l.name FROM (SELECT level_1_id AS id, count(*) AS number FROM places_place GROUP BY 1) p "
        "JOIN places_place l ON l.id = p.id ORDER BY p.number DESC, l.id LIMIT %s",
        FEW,
    )
    return [name for (name,) in found]


def box_of(cursor: Any, country: str) -> str:
    """Return the box that the places of a country fill."""
    ((west, south, east, north),) = rows(
        cursor,
        "SELECT min(p.longitude), min(p.latitude), max(p.longitude), max(p.latitude) "
        "FROM places_place p JOIN places_place c ON c.id = p.level_1_id WHERE c.name = %s",
        country,
    )
    return f"{west},{south},{east},{north}"


def deadliest(cursor: Any) -> int:
    """Return a number of deaths that few events reach."""
    sql = "SELECT deaths_best FROM events_event WHERE deaths_best IS NOT NULL ORDER BY 1 DESC LIMIT %s"
    found: list[int] = [number for (number,) in rows(cursor, sql, SOME)]
    return min(found)


def rarest_code(cursor: Any) -> str:
    """Return the code that the fewest events have, as `code` has it."""
    sql = "SELECT scheme, code FROM events_eventcode GROUP BY 1, 2 ORDER BY count(*), 1, 2 LIMIT 1"
    ((scheme, code),) = rows(cursor, sql)
    return f"{scheme}:{code}"
