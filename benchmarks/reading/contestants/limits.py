"""The limits: bare WSGI, a thread's own connection, prepared statements, no framework.

`/l1` builds the JSON of a page in SQL, `/l2` joins the bodies that are stored. `/kept` gives a page that it
once made, `/bare` answers 304 to everything. Summaries are those of who made no index for them: they read the
table. Nothing is checked, and no error is told.
"""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
import psycopg

from benchmarks.reading.contestants import sql

BUILT = f"{sql.DOCUMENT}, k.id, k.sort_date FROM (KEYS) k JOIN events_event e ON e.id = k.id"
PAGES = {
    "l1": f"SELECT {BUILT} {sql.REFERENCES} ORDER BY k.sort_date DESC, k.id DESC",
    "l2": "SELECT b.body, k.id, k.sort_date FROM (KEYS) k "
    "JOIN events_eventbody b ON b.event_id = k.id ORDER BY k.sort_date DESC, k.id DESC",
}
EVENTS = {
    "l1": f"SELECT {sql.DOCUMENT} FROM events_event e {sql.REFERENCES} WHERE e.public_id = $1",
    "l2": "SELECT b.body FROM events_event e JOIN events_eventbody b ON b.event_id = e.id "
    "WHERE e.public_id = $1",
}
JSON = [("content-type", "application/json")]

kept = threading.local()
pages: dict[str, bytes] = {}


def cursor() -> Any:
    """Return a cursor of this thread's connection."""
    if not hasattr(kept, "cursor"):
        connection = psycopg.connect(os.environ["BENCHMARK_DSN"], autocommit=True)
        kept.cursor = psycopg.RawCursor(connection)
    return kept.cursor


def run(text: str, values: list[Any]) -> list[Any]:
    """Return the rows of a statement, which is prepared."""
    found: list[Any] = cursor().execute(text, values, prepare=True).fetchall()
    return found


def application(request: Mapping[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer `/l1/api/events…`, `/l2/api/events…`, `/kept/api/events` and `/bare`."""
    if request["PATH_INFO"] == "/bare":
        start_response("304 Not Modified", [])
        return []
    _, kind, *_, name = request["PATH_INFO"].split("/")
    query = dict(parse_qsl(request["QUERY_STRING"]))
    if kind == "kept":
        answer = pages.get("first") or pages.setdefault("first", _page("l2", {}))
    elif name == "summary":
        answer = _summary(query)
    elif name == "events":
        answer = _page(kind, query)
    else:
        ((text,),) = run(EVENTS[kind], [name])
        answer = text.encode()
    start_response("200 OK", JSON)
    return [answer]


def _page(kind: str, query: Mapping[str, str]) -> bytes:
    place = _place(query)
    keys = sql.keys(query, place)
    rows = run(PAGES[kind].replace("KEYS", keys.text), keys.values)
    after = f"{rows[sql.PAGE - 1][2]},{rows[sql.PAGE - 1][1]}" if len(rows) > sql.PAGE else None
    number = None
    if query.get("count") == "exact":
        counting = sql.count(query, place)
        ((number,),) = run(counting.text, counting.values)
    bodies = ",".join([body for body, *_ in rows[: sql.PAGE]])
    head = orjson.dumps({"count": number, "next": after})
    return head[:-1] + f',"results":[{bodies}]}}'.encode()


def _summary(query: Mapping[str, str]) -> bytes:
    # What is summed up is read from the table, as if no index held all of it.
    statement = sql.summary(query, _place(query))
    cursor().execute("SET enable_indexonlyscan = off")
    groups = [sql.group(row) for row in run(statement.text, statement.values)]
    cursor().execute("RESET enable_indexonlyscan")
    return orjson.dumps({"groups": groups})


def _place(query: Mapping[str, str]) -> tuple[int, int] | None:
    if "place" not in query:
        return None
    ((key, depth),) = run(sql.PLACE, [query["place"].lower()])
    return key, depth
