"""What questions cost the database, as it expects before it answers, and room for those that cost much.

They hold threads and processors that everybody else is answered by. Those that cost little need no room.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from api.prepared import Written, run_written
from api.room import Room

# What PostgreSQL expects to spend, in its units, on a question that takes some tenths of a second.
MUCH = 25_000

# Each keeps a thread busy, and a processor or two: so many at once in a process, and so many more that wait,
# for so many seconds. With the files that are written at once, they leave threads to everybody else.
AT_ONCE, WAITING, PATIENCE = 1, 1, 2.0
ROOM = Room("long lists and summaries", AT_ONCE, AT_ONCE, WAITING, PATIENCE)


def costs_much(written: Written) -> bool:
    """Return whether PostgreSQL expects queries to cost it much."""
    asked = Written(f"EXPLAIN (FORMAT JSON) {written.sql}", written.parameters)
    ((plan,),) = run_written(asked)
    return bool(plan[0]["Plan"]["Total Cost"] > MUCH)


def room_for(much: bool) -> AbstractContextManager[None]:
    """Hold a place for what costs much, whoever asks; raise Unavailable when there is none."""
    return ROOM.place("anybody") if much else nullcontext()


def run_in_room(written: Written) -> list[tuple[Any, ...]]:
    """Return what queries find that are run this once, if there is room for what they cost."""
    with room_for(costs_much(written)):
        return run_written(written)
