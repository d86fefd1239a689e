"""An import is killed at random moments, and at last let through: before it the old data, then the new."""

import random
import time

from tests.faults.invariants import checksum
from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import EVENTS, Stage, finished

KILLS = 20


def strike(stage: Stage, load: Load, measure: float) -> None:
    before = checksum(stage)
    began = time.monotonic()
    # A world that is undone again tells how long one takes.
    arguments = ("synthesize", str(EVENTS), "--seed", "2")
    first = stage.command(*arguments)
    time.sleep(2.5)
    first.kill()
    first.communicate()
    moment = random.Random(17)  # noqa: S311
    for _ in range(max(2, round(KILLS * measure))):
        process = stage.command(*arguments)
        time.sleep(moment.uniform(0.8, 9))
        process.kill()
        process.communicate()
        if checksum(stage) != before:
            # It was through: another world is loaded from here on.
            before = checksum(stage)
            arguments = (*arguments[:3], str(int(arguments[3]) + 1))
    finished(stage.command("synthesize", str(EVENTS), "--seed", "2"))
    assert time.monotonic() > began


FAULT = Fault("import killed (kill -9)", strike, 5, 1, imports=True, fails=False)
