"""A table is locked for a while, as by a migration that waits."""

import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    with stage.database() as session, session.transaction():
        session.execute("LOCK TABLE events_event")
        time.sleep(20 * measure)


FAULT = Fault("table locked", strike, 8, 2)
