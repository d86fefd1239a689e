"""More readers of what is slow than there are places, and statements that take longer than they may."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.faults.kinds import Fault
from tests.faults.load import Load, ask
from tests.faults.stage import Stage

CLIENTS = 60
# Each row of actors takes so long to read: all 22 of the article's take two seconds, or for ever.
SLEEPS = """
ALTER TABLE actors_actor ENABLE ROW LEVEL SECURITY;
CREATE POLICY slow ON actors_actor FOR SELECT TO dateline_reader USING (pg_sleep({seconds}) IS NOT NULL)
"""
WAKES = "ALTER TABLE actors_actor DISABLE ROW LEVEL SECURITY; DROP POLICY slow ON actors_actor"


def many(stage: Stage, load: Load, measure: float) -> None:
    _slowly(stage, load, 0.09, 7 * measure)


def long(stage: Stage, load: Load, measure: float) -> None:
    _slowly(stage, load, 1.5, 1)


def _slowly(stage: Stage, load: Load, seconds: float, times: float) -> None:
    with stage.database() as session, ThreadPoolExecutor(CLIENTS) as clients:
        session.execute(SLEEPS.format(seconds=seconds))
        try:
            for number in range(max(1, round(times))):
                # Each another question, so that none is answered from memory.
                paths = [
                    f"/api/actors?count=none&page_size={30 + each + number * CLIENTS}"
                    for each in range(CLIENTS)
                ]
                asked = [clients.submit(ask, load.host, path, load.bound) for path in paths]
                answers = [each.result() for each in asked]
                assert all(each.status in (200, 503) and each.honest for each in answers), answers
                assert max(each.seconds for each in answers) < load.bound, answers
        finally:
            session.execute(WAKES)


MANY = Fault("60 readers of what takes 2 s, 16 places", many, 8, 2)
LONG = Fault("statements that never end (cut after 10 s)", long, 14, 2)
