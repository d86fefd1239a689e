"""The questions as SQL written by hand, for contestants that do without an ORM.

Statements have numbered gaps in PostgreSQL's own form ($1); values follow in that order. Each has one text
for all values of a question, so that a server prepares it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

PAGE = 50

PLACE = """
SELECT p.id, p.depth FROM places_placename n JOIN places_place p ON p.id = n.place_id
WHERE n.key = $1"""

# What an answer says of an event: `json_build_object` keeps the order of keys.
DOCUMENT = """
json_build_object(
    'id', e.public_id,
    'url', '/api/events/' || e.public_id,
    'title', e.title,
    'summary', e.summary,
    'type', json_build_object('code', t.code, 'label', t.label, 'root', r.code),
    'codes', coalesce((
        SELECT json_agg(json_build_object('scheme', c.scheme, 'code', c.code) ORDER BY c.id)
        FROM events_eventcode c WHERE c.event_id = e.id), '[]'),
    'status', e.status,
    'certainty', e.certainty,
    'date', json_build_object(
        'start', e.start_date, 'end', e.end_date, 'precision', e.date_precision, 'edtf', e.edtf),
    'place', CASE WHEN l.id IS NOT NULL THEN json_build_object(
        'id', l.public_id, 'url', '/api/places/' || l.public_id, 'name', l.name, 'kind', l.kind,
        'country', CASE WHEN n.id IS NOT NULL THEN json_build_object(
            'id', n.public_id, 'name', n.name, 'iso2', n.iso2, 'iso3', n.iso3) END,
        'latitude', l.latitude, 'longitude', l.longitude) END,
    'place_precision', e.place_precision,
    'place_name_in_source', e.place_name_in_source,
    'coordinates', json_build_object('latitude', e.latitude, 'longitude', e.longitude),
    'participants', coalesce((
        SELECT json_agg(json_build_object(
            'role', p.role,
            'actor', json_build_object(
                'id', a.public_id, 'url', '/api/actors/' || a.public_id, 'name', a.name,
                'kind', a.kind, 'country', b.name),
            'name_in_source', p.name_in_source,
            'deaths', p.deaths) ORDER BY p.position, p.id)
        FROM events_participation p
        JOIN actors_actor a ON a.id = p.actor_id
        LEFT JOIN places_place b ON b.id = a.country_id
        WHERE p.event_id = e.id), '[]'),
    'deaths', json_build_object(
        'low', e.deaths_low, 'best', e.deaths_best, 'high', e.deaths_high,
        'civilians', e.deaths_civilians, 'unknown', e.deaths_unknown, 'note', e.deaths_note),
    'displaced', json_build_object(
        'low', e.displaced_low, 'best', e.displaced_best, 'high', e.displaced_high,
        'note', e.displaced_note),
    'agreement', null, 'fulfils', '[]'::json, 'breaches', '[]'::json, 'part_of', null,
    'related', '[]'::json, 'sources', '[]'::json,
    'dataset', json_build_object(
        'id', d.public_id, 'url', '/api/datasets/' || d.public_id, 'name', d.name,
        'licence', d.licence),
    'release', s.version,
    'updated_at', to_char(e.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'revision', e.revision)::text"""

# What an event refers to once.
REFERENCES = """
JOIN events_eventtype t ON t.id = e.type_id
JOIN events_eventtype r ON r.id = e.root_type_id
JOIN sources_dataset d ON d.id = e.dataset_id
JOIN sources_release s ON s.id = e.release_id
LEFT JOIN places_place l ON l.id = e.place_id
LEFT JOIN places_place n ON n.id = l.country_id"""

MEASURES = (
    *("deaths_low", "deaths_best", "deaths_high"),
    *("displaced_low", "displaced_best", "displaced_high"),
)


@dataclass
class Statement:
    """A statement and the values for its gaps."""

    values: list[Any] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    text: str = ""

    def given(self, condition: str, *values: Any) -> None:
        """Add a condition; each {} in it is a gap for one of the values."""
        gaps = []
        for value in values:
            self.values.append(value)
            gaps.append(f"${len(self.values)}")
        self.conditions.append(condition.format(*gaps))

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions) or "true"


def keys(
    query: Mapping[str, str], place: tuple[int, int] | None, limit: int = PAGE + 1
) -> Statement:
    """Return the statement for the keys and dates of a page, the newest first.

    `place` is the id and depth of the place that is asked for. With an actor the walk is along its own
    participations, which have the date of the event; else along an index of events.
    """
    found = _filtered(query, place)
    key, day = ("p.event_id", "p.sort_date") if "actor" in query else ("e.id", "e.sort_date")
    if "after" in query:
        last_day, last_key = query["after"].split(",")
        gaps = "{}::date, {}::bigint"
        found.given(f"({day}, {key}) < ({gaps})", date.fromisoformat(last_day), int(last_key))
    found.text = (
        f"SELECT {key} AS id, {day} AS sort_date FROM {_rows(query)} WHERE {found.where} "
        f"ORDER BY {day} DESC, {key} DESC LIMIT {limit}"
    )
    return found


def count(query: Mapping[str, str], place: tuple[int, int] | None) -> Statement:
    """Return the statement that counts all that is found."""
    found = _filtered(query, place)
    found.text = f"SELECT count(*) FROM {_rows(query)} WHERE {found.where}"
    return found


def summary(query: Mapping[str, str], place: tuple[int, int] | None) -> Statement:
    """Return the statement that counts and adds up by month of the first day."""
    found = _filtered(query, place)
    sums = ", ".join(f"sum(e.{name}), count(e.{name})" for name in MEASURES)
    month = "date_trunc('month', e.{}_date::timestamp)"
    start, end = month.format("start"), month.format("end")
    found.text = (
        f"SELECT to_char({start}, 'YYYY-MM'), count(*), "
        f"count(*) FILTER (WHERE e.start_date = e.end_date OR {start} = {end}), {sums} "
        f"FROM {_rows(query)} WHERE {found.where} GROUP BY {start} ORDER BY {start}"
    )
    return found


def group(row: Any) -> dict[str, Any]:
    """Return a row of a summary as it stands in an answer."""
    month, number, certain, *measures = row
    sums = iter(measures)
    told: dict[str, Any] = {"month": month, "count": number, "beyond": number - certain}
    for name in MEASURES:
        figure, bound = name.split("_")
        told.setdefault(figure, {}).update({bound: next(sums), f"{bound}_known": next(sums)})
    return told


def _rows(query: Mapping[str, str]) -> str:
    if "actor" not in query:
        return "events_event e"
    alone = not query.keys() - {"actor", "after", "page", "count"}
    return "events_participation p" + ("" if alone else " JOIN events_event e ON e.id = p.event_id")


def _filtered(query: Mapping[str, str], place: tuple[int, int] | None) -> Statement:
    found = Statement()
    if "actor" in query:
        actor = "p.actor_id = (SELECT id FROM actors_actor WHERE public_id = {})"
        found.given(actor, query["actor"])
    if place:
        key, depth = place
        found.given(f"e.place_level_{depth} = {{}}", key)
    if "type" in query:
        found.given("e.type_id = (SELECT id FROM events_eventtype WHERE code = {})", query["type"])
    if "date_to" in query:
        found.given("e.sort_date <= {}::date", date.fromisoformat(query["date_to"]))
    if "date_from" in query:
        first = date.fromisoformat(query["date_from"])
        found.given("(e.end_date >= {}::date OR e.end_date IS NULL)", first)
    if "q" in query:
        found.given("e.search @@ websearch_to_tsquery('english', {})", query["q"])
    if "bbox" in query:
        west, south, east, north = map(float, query["bbox"].split(","))
        inside = "{}latitude BETWEEN {} AND {} AND {}longitude BETWEEN {} AND {}"
        own = inside.format("e.", "{0}", "{1}", "e.", "{2}", "{3}")
        places = inside.format("", "{0}", "{1}", "", "{2}", "{3}")
        found.given(
            f"({own} OR e.latitude IS NULL AND e.place_id IN "
            f"(SELECT id FROM places_place WHERE {places}))",
            *(south, north, west, east),
        )
    return found
