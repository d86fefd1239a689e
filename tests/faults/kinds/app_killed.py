"""The service is killed with all its processes, and started again while the embedded database still runs."""

import os
import random
import signal
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage, until


def strike(stage: Stage, load: Load, measure: float) -> None:
    moment = random.Random(8)  # noqa: S311
    for kills in range(max(1, round(3 * measure))):
        time.sleep(moment.uniform(0.2, 1.5))
        assert stage.service is not None
        postmaster = stage.postmaster().pid
        if kills % 2:
            # The first process alone: those that it started follow it.
            workers = stage.workers()
            os.kill(stage.service.process.pid, signal.SIGKILL)
            stage.service.process.wait()
            until(lambda: not any(each.is_running() for each in workers), 15)  # noqa: B023
            stage.start()
        else:
            stage.service.kill()
            stage.start()
            assert stage.postmaster().pid == postmaster, "the database was not found running"


FAULT = Fault("service killed (kill -9), started again", strike, 15, 1, may_break=True)
