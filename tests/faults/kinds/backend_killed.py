"""One process of the database is killed, upon which PostgreSQL ends all sessions and recovers."""

import os
import random
import signal
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage, until


def strike(stage: Stage, load: Load, measure: float) -> None:
    moment = random.Random(3)  # noqa: S311
    for _ in range(max(1, round(4 * measure))):
        time.sleep(moment.uniform(0.5, 2))
        os.kill(moment.choice(until(stage.backends, 20)), signal.SIGKILL)
        time.sleep(0.5)
        until(lambda: _recovered(stage), 20, "the database's recovery")


def _recovered(stage: Stage) -> bool:
    try:
        stage.database().close()
    except Exception:
        return False
    return True


FAULT = Fault("one database session killed (kill -9)", strike, 5, 5)
