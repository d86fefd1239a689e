"""The embedded database is killed in the middle of an import, which fails, and is then done again."""

import random
import time

from tests.faults.invariants import checksum
from tests.faults.kinds import Fault
from tests.faults.kinds.importer_killed import LONGEST
from tests.faults.load import Load
from tests.faults.stage import IMPORT, Stage, finished, until
from tests.service import fetch


def strike(stage: Stage, load: Load, measure: float) -> None:
    before = checksum(stage)
    moment = random.Random(77)  # noqa: S311
    for _ in range(max(1, round(5 * measure))):
        process = stage.importing()
        time.sleep(moment.uniform(0, LONGEST))
        stage.postmaster().kill()
        out, _ = process.communicate(timeout=60)
        assert process.returncode, out.decode()
        until(lambda: _serves(stage), 30, "the database's return")
        assert checksum(stage) == before
    finished(stage.command(*IMPORT))


def _serves(stage: Stage) -> bool:
    try:
        return bool(fetch(f"{stage.base}/api/events?place=Aghdam")["count"])
    except OSError:
        return False


FAULT = Fault("database killed in an import", strike, 8, 5, imports=True)
