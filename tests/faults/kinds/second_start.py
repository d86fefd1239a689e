"""A second service is started on the same data folder, and killed."""

import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.stage import Stage
from tests.service import Service, fetch, free_port


def strike(stage: Stage, load: Load, measure: float) -> None:
    for _ in range(max(1, round(3 * measure))):
        other = Service(stage.data, PORT=str(free_port()), WORKERS="1")
        try:
            assert fetch(f"{other.base()}/api/events?place=Aghdam")["count"] == 4
            time.sleep(1)
        finally:
            other.kill()


FAULT = Fault("second service on one data folder, killed", strike, 5, 1, fails=False)
