"""Somebody else uses all processors."""

import os
import subprocess
import sys
import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage


def strike(stage: Stage, load: Load, measure: float) -> None:
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        time.sleep(20 * measure)
    finally:
        for process in busy:
            process.kill()
            process.wait()


FAULT = Fault("all processors busy", strike, 5, 1, fails=False)
