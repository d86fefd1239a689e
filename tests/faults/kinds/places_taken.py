"""More readers of what is slow than there are places, and statements that take longer than they may."""

from concurrent.futures import ThreadPoolExecutor

from tests.faults.kinds import Fault
from tests.faults.load import Load, ask
from tests.faults.stage import Stage

CLIENTS = 60
# One of the provisions takes so long to read, each time that it is.
SLEEPS = """
ALTER TABLE agreements_provision ENABLE ROW LEVEL SECURITY;
CREATE POLICY slow ON agreements_provision FOR SELECT TO dateline_reader
USING (CASE WHEN id = {key} THEN pg_sleep({seconds}) IS NOT NULL ELSE true END)
"""
WAKES = "ALTER TABLE agreements_provision DISABLE ROW LEVEL SECURITY; DROP POLICY slow ON agreements_provision"


def many(stage: Stage, load: Load, measure: float) -> None:
    _slowly(stage, load, 1, 7 * measure)


def long(stage: Stage, load: Load, measure: float) -> None:
    _slowly(stage, load, 30, 1)


def _slowly(stage: Stage, load: Load, seconds: float, times: float) -> None:
    with stage.database() as session, ThreadPoolExecutor(CLIENTS) as clients:
        ((key,),) = session.execute("SELECT min(id) FROM agreements_provision").fetchall()
        session.execute(SLEEPS.format(key=key, seconds=seconds))
        try:
            for number in range(max(1, round(times))):
                # Each another question, so that none is answered from memory.
                paths = [
                    f"/api/provisions?count=none&page_size={30 + each + number * CLIENTS}"
                    for each in range(CLIENTS)
                ]
                asked = [clients.submit(ask, load.host, path, load.bound) for path in paths]
                load.answers += [each.result() for each in asked]
        finally:
            session.execute(WAKES)


MANY = Fault("60 readers of what takes 2 s, 16 places", many, 8, 2)
LONG = Fault("statements that never end (cut after 10 s)", long, 14, 2)
