"""The embedded database's first process is killed; its keeper starts another."""

import random
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    moment = random.Random(7)  # noqa: S311
    for _ in range(max(1, round(3 * measure))):
        time.sleep(moment.uniform(0.5, 2))
        postmaster = stage.postmaster()
        postmaster.kill()
        time.sleep(3)
    assert stage.postmaster().pid != postmaster.pid


FAULT = Fault("database killed (kill -9 of the postmaster)", strike, 5, 5)
