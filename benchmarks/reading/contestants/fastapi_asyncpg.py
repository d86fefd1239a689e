"""FastAPI with asyncpg and orjson, written by hand: no models, three prepared queries for a page.

The rows of a page, its participants and its codes are put together in Python.
"""

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response

from benchmarks.reading.contestants import sql

# Connections of each worker: as many as the others have threads.
CONNECTIONS = 8
VARIABLES = {"host": "HOST", "port": "PORT", "database": "DBNAME", "user": "USER"}
VARIABLES["password"] = "PASSWORD"  # noqa: S105 (the name of a variable)

COLUMNS = """
e.id AS key, e.sort_date, e.public_id, e.title, e.summary, e.status, e.certainty, e.start_date, e.end_date,
e.date_precision, e.edtf, e.place_precision, e.place_name_in_source, e.latitude, e.longitude,
e.deaths_low, e.deaths_best, e.deaths_high, e.deaths_civilians, e.deaths_unknown, e.deaths_note,
e.displaced_low, e.displaced_best, e.displaced_high, e.displaced_note, e.updated_at, e.revision,
t.code AS type, t.label AS type_label, r.code AS root,
d.public_id AS dataset, d.name AS dataset_name, d.licence, s.version,
l.public_id AS place, l.name AS place_name, l.kind AS place_kind,
l.latitude AS place_latitude, l.longitude AS place_longitude,
n.public_id AS country, n.name AS country_name, n.iso2, n.iso3"""
ROWS = f"SELECT {COLUMNS} FROM (KEYS) k JOIN events_event e ON e.id = k.id {sql.REFERENCES}"
ROWS += " ORDER BY k.sort_date DESC, k.id DESC"
ROW = f"SELECT {COLUMNS} FROM events_event e {sql.REFERENCES} WHERE e.public_id = $1"
PARTICIPANTS = """
SELECT p.event_id, p.role, p.name_in_source, p.deaths, a.public_id, a.name, a.kind, b.name AS country
FROM events_participation p
JOIN actors_actor a ON a.id = p.actor_id
LEFT JOIN places_place b ON b.id = a.country_id
WHERE p.event_id = ANY($1) ORDER BY p.position, p.id"""
CODES = "SELECT event_id, scheme, code FROM events_eventcode WHERE event_id = ANY($1) ORDER BY id"
ABSENT: dict[str, Any] = {"agreement": None, "fulfils": [], "breaches": [], "part_of": None}
ABSENT |= {"related": [], "sources": []}

Rows = list[Any]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of connections for as long as the worker lives."""
    database = {
        name: os.environ[f"BENCHMARK_{variable}"]
        for name, variable in VARIABLES.items()
        if f"BENCHMARK_{variable}" in os.environ
    }
    async with asyncpg.create_pool(**database, min_size=1, max_size=CONNECTIONS) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan, docs_url=None, openapi_url=None)


@app.get("/api/events")
async def events(request: Request) -> Response:
    """Answer a page of events."""
    query = request.query_params
    async with app.state.pool.acquire() as connection:
        place = await _place(connection, query)
        keys = sql.keys(query, place)
        rows = await connection.fetch(ROWS.replace("KEYS", keys.text), *keys.values)
        page = rows[: sql.PAGE]
        number = None
        if query.get("count") == "exact":
            counting = sql.count(query, place)
            number = await connection.fetchval(counting.text, *counting.values)
        results = await _told(connection, page)
    last = page[-1] if len(rows) > sql.PAGE else None
    after = f"{last['sort_date']},{last['key']}" if last else None
    return _json({"count": number, "next": after, "results": results})


@app.get("/api/events/summary")
async def summary(request: Request) -> Response:
    """Answer what is found, counted and added up by month."""
    query = request.query_params
    async with app.state.pool.acquire() as connection:
        statement = sql.summary(query, await _place(connection, query))
        rows = await connection.fetch(statement.text, *statement.values)
    return _json({"groups": [sql.group(row) for row in rows]})


@app.get("/api/events/{name}")
async def event(name: str) -> Response:
    """Answer one event."""
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(ROW, name)
        (told,) = await _told(connection, rows)
    return _json(told)


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


async def _place(connection: Any, query: Mapping[str, str]) -> tuple[int, int] | None:
    if "place" not in query:
        return None
    key, depth = await connection.fetchrow(sql.PLACE, query["place"].lower())
    return key, depth


async def _told(connection: Any, rows: Rows) -> list[dict[str, Any]]:
    """Return events as they stand in an answer."""
    keys = [row["key"] for row in rows]
    participants, codes = defaultdict(list), defaultdict(list)
    for one in await connection.fetch(PARTICIPANTS, keys):
        participants[one["event_id"]].append(_participant(one))
    for one in await connection.fetch(CODES, keys):
        codes[one["event_id"]].append({"scheme": one["scheme"], "code": one["code"]})
    return [_event(row, participants[row["key"]], codes[row["key"]]) for row in rows]


def _participant(one: Any) -> dict[str, Any]:
    actor = {
        "id": one["public_id"],
        "url": f"/api/actors/{one['public_id']}",
        "name": one["name"],
        "kind": one["kind"],
        "country": one["country"],
    }
    return {
        "role": one["role"],
        "actor": actor,
        "name_in_source": one["name_in_source"],
        "deaths": one["deaths"],
    }


def _event(row: Any, participants: Rows, codes: Rows) -> dict[str, Any]:
    return {
        "id": row["public_id"],
        "url": f"/api/events/{row['public_id']}",
        "title": row["title"],
        "summary": row["summary"],
        "type": {"code": row["type"], "label": row["type_label"], "root": row["root"]},
        "codes": codes,
        "status": row["status"],
        "certainty": row["certainty"],
        "date": {
            "start": _day(row["start_date"]),
            "end": _day(row["end_date"]),
            "precision": row["date_precision"],
            "edtf": row["edtf"],
        },
        "place": _place_of(row) if row["place"] else None,
        "place_precision": row["place_precision"],
        "place_name_in_source": row["place_name_in_source"],
        "coordinates": {"latitude": row["latitude"], "longitude": row["longitude"]},
        "participants": participants,
        "deaths": _figures(row, "deaths", ("low", "best", "high", "civilians", "unknown", "note")),
        "displaced": _figures(row, "displaced", ("low", "best", "high", "note")),
        **ABSENT,
        "dataset": {
            "id": row["dataset"],
            "url": f"/api/datasets/{row['dataset']}",
            "name": row["dataset_name"],
            "licence": row["licence"],
        },
        "release": row["version"],
        "updated_at": row["updated_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "revision": row["revision"],
    }


def _place_of(row: Any) -> dict[str, Any]:
    country = {
        "id": row["country"],
        "name": row["country_name"],
        "iso2": row["iso2"],
        "iso3": row["iso3"],
    }
    return {
        "id": row["place"],
        "url": f"/api/places/{row['place']}",
        "name": row["place_name"],
        "kind": row["place_kind"],
        "country": country if row["country"] else None,
        "latitude": row["place_latitude"],
        "longitude": row["place_longitude"],
    }


def _figures(row: Any, name: str, bounds: tuple[str, ...]) -> dict[str, Any]:
    return {bound: row[f"{name}_{bound}"] for bound in bounds}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
