"""The way to the database: cut, cut in the middle of an answer, slow, and silent."""

import time

from tests.faults.kinds import Fault
from tests.faults.load import Load
from tests.faults.relay import Relay
from tests.faults.stage import Stage

# Seconds by which each message is late. A list is a message each way, a file some fifteen.
DELAY = 0.05


def between(stage: Stage) -> int:
    """Put a relay between the service and the database; return its port."""
    assert stage.server is not None
    stage.relay = Relay(stage.server.port)
    return stage.relay.port


def _relay(stage: Stage) -> Relay:
    assert stage.relay is not None
    return stage.relay


def cut(stage: Stage, load: Load, measure: float) -> None:
    relay = _relay(stage)
    for number in range(max(2, round(10 * measure))):
        time.sleep(1)
        if number % 2:
            relay.cut_after = 100
            time.sleep(0.2)
            relay.cut_after = None
        else:
            relay.reset()


def slow(stage: Stage, load: Load, measure: float) -> None:
    relay = _relay(stage)
    relay.delay = DELAY
    time.sleep(20 * measure)
    relay.delay = 0


def silent(stage: Stage, load: Load, measure: float) -> None:
    relay = _relay(stage)
    relay.flows.clear()
    time.sleep(30 * measure)
    relay.flows.set()


CUT = Fault("network cut, every other time within an answer", cut, 3, 2, own=True, before=between)
SLOW = Fault("network slower by 0.05 s each way", slow, 6, 2, own=True, before=between, fails=False)
SILENT = Fault("network silent", silent, 16, 5, own=True, before=between, tells=True)
