"""The database crashes and stays away for a while."""

import signal
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    assert stage.server is not None
    stage.server.stop(signal.SIGQUIT)
    gone = time.monotonic()
    time.sleep(30 * measure)
    slow = [each for each in load.answers if each.began > gone and each.seconds > 1]
    assert not slow, f"without a database {slow[0]} took long"
    stage.server.start()


FAULT = Fault("database gone (crash)", strike, 2, 5, own=True, tells=True)
