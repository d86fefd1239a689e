"""One of the processes that answer is killed, again and again."""

import random
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import WORKERS, Stage, until


def strike(stage: Stage, load: Load, measure: float) -> None:
    moment = random.Random(15)  # noqa: S311
    for _ in range(max(1, round(6 * measure))):
        time.sleep(moment.uniform(0.5, 2))
        moment.choice(stage.workers()).kill()
        until(lambda: len(stage.workers()) == WORKERS, 10, "a new worker")


FAULT = Fault("one worker killed (kill -9)", strike, 8, 2, may_break=True)
