"""How the rows of a table are spread over a column, as the server's statistics have it.

Of rows that are known to be many, those of a page lie near its beginning: they need not all be found. How
near is a guess, from where a like share of all rows lies, and nothing depends on it but time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from math import ceil
from typing import Any

from django.db import connection
from django.db.models import Model, Q

from api.orders import READ, Stretch
from api.state import remembered

# So many times as many rows are expected as are wanted, and from no greater share of all than this.
FOR_SURE, MOST = 4, 0.25

EDGES = """SELECT histogram_bounds::text::text[] FROM pg_stats
    WHERE schemaname = ANY (current_schemas(false)) AND tablename = %s AND attname = %s"""


def nearby(model: type[Model], stretch: Stretch, total: int) -> Q | None:
    """Return a bound that a stretch of `total` rows will hardly reach, if one is known and is any help."""
    key = stretch.order.key
    if key.type not in (date, datetime) or key.null_as is not None:
        return None
    edges = _edges(model, key.column, key.type)
    steps = ceil(FOR_SURE * stretch.wanted / max(total, 1) * len(edges))
    if steps > MOST * len(edges):
        return None
    value = stretch.position.value if stretch.position else None
    if stretch.way == "DESC":
        begin = len(edges) if value is None else bisect_left(edges, value)
        end = begin - steps
        return Q((f"{key.column}__gte", edges[end])) if end > 0 else None
    begin = -1 if value is None else bisect_right(edges, value) - 1
    end = begin + steps
    return Q((f"{key.column}__lte", edges[end])) if end < len(edges) - 1 else None


def _edges(model: type[Model], column: str, type_: type) -> Sequence[Any]:
    """Return values between which like numbers of rows lie, in order; none if the table was not analysed."""

    def find() -> Sequence[Any]:
        with connection.cursor() as cursor:
            cursor.execute(EDGES, [model._meta.db_table, column])
            (texts,) = cursor.fetchone() or (None,)
        return [READ[type_](text) for text in texts or ()]

    return remembered(("spread", model, column), find)
