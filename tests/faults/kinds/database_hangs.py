"""All processes of the database stop without ending, and go on after a while."""

import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    assert stage.server is not None
    stage.server.hang()
    time.sleep(30 * measure)
    stage.server.resume()


FAULT = Fault("database hangs (SIGSTOP)", strike, 16, 5, own=True, tells=True)
