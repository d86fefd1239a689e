"""The database is restarted, again and again."""

import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    assert stage.server is not None
    for _ in range(max(1, round(5 * measure))):
        time.sleep(2)
        stage.server.stop()
        stage.server.start()


FAULT = Fault("database restarted, again and again", strike, 3, 5, own=True)
