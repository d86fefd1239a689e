"""All processes of the database stop without ending, and go on after a while."""

import signal
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    assert stage.server is not None
    stopped = stage.server.processes()
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    time.sleep(30 * measure)
    for process in stopped:
        process.send_signal(signal.SIGCONT)


FAULT = Fault("database hangs for 30 s (SIGSTOP)", strike, 16, 5, own=True, tells=True)
