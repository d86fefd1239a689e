"""An import is killed at random moments, and at last let through: before it the old data, then the new."""

import random
import time

from tests.faults.invariants import checksum
from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import IMPORT, Stage, finished

KILLS = 20
# Seconds from its first statement within which it is killed: less than it takes.
LONGEST = 2


def strike(stage: Stage, load: Load, measure: float) -> None:
    before = checksum(stage)
    moment = random.Random(17)  # noqa: S311
    for _ in range(max(2, round(KILLS * measure))):
        process = stage.importing()
        time.sleep(moment.uniform(0, LONGEST))
        process.kill()
        process.communicate()
        assert process.returncode < 0, "it was through before it was killed"
        assert checksum(stage) == before, "a killed import is seen"
    finished(stage.command(*IMPORT))


FAULT = Fault("import killed (kill -9)", strike, 5, 1, imports=True, fails=False)
