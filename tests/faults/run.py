"""One fault, from a service that runs to a service that runs again."""

import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.invariants import broken, checksum
from tests.faults.kinds import (
    Fault,
    Impossible,
    app_killed,
    backend_killed,
    cpu_taken,
    database_gone,
    database_hangs,
    database_killed_in_import,
    database_restarted,
    disk_full,
    importer_killed,
    network,
    places_taken,
    postmaster_killed,
    second_start,
    table_locked,
    worker_killed,
)
from tests.faults.load import Judged, Load, truth
from tests.faults.stage import IMPORT, Journal, Stage, finished

FAULTS: Mapping[str, Fault] = {
    "database-gone": database_gone.FAULT,
    "database-restarted": database_restarted.FAULT,
    "backend-killed": backend_killed.FAULT,
    "postmaster-killed": postmaster_killed.FAULT,
    "database-hangs": database_hangs.FAULT,
    "network-cut": network.CUT,
    "network-slow": network.SLOW,
    "network-silent": network.SILENT,
    "places-taken": places_taken.MANY,
    "statements-cut": places_taken.LONG,
    "table-locked": table_locked.FAULT,
    "app-killed": app_killed.FAULT,
    "worker-killed": worker_killed.FAULT,
    "second-start": second_start.FAULT,
    "importer-killed": importer_killed.FAULT,
    "database-killed-in-import": database_killed_in_import.FAULT,
    "disk-full": disk_full.FAULT,
    "cpu-taken": cpu_taken.FAULT,
}
# Seconds of load before a fault, and after all is answered again.
CALM = 3.0


@dataclass
class Outcome:
    """What came of a fault."""

    title: str
    judged: Judged = field(default_factory=Judged)
    seconds: float = 0.0  # of load
    recovered: float = 0.0  # after the fault was over
    writes: int = 0
    broken: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def verdict(self) -> str:
        return f"skipped: {self.skipped}" if self.skipped else "broken" if self.broken else "holds"


def run(fault: Fault, prepared: Path, folder: Path, measure: float = 1.0) -> Outcome:
    """Break one thing under load, and return what came of it."""
    folder.mkdir()
    outcome = Outcome(fault.title)
    stage = Stage(prepared, folder / "data", own=fault.own)
    try:
        if fault.own:
            assert stage.server
        port = fault.before(stage) if fault.before else 0
        with stage.running(port):
            _strike(fault, stage, outcome, measure)
    except Impossible as error:
        outcome.skipped = str(error)
    except AssertionError as error:
        outcome.broken.append(f"it failed: {str(error)[:2000]}")
    finally:
        stage.clear()
    return outcome


def _strike(fault: Fault, stage: Stage, outcome: Outcome, measure: float) -> None:
    before = checksum(stage)
    with _journal(stage) as journal, Load(stage.host, fault.bound) as load:
        began = time.monotonic()
        time.sleep(CALM)
        try:
            fault.strike(stage, load, measure)
        finally:
            over = time.monotonic()
        # As long as it may take to return, and then a while in which nothing may fail.
        time.sleep(fault.returns)
        calm = time.monotonic()
        time.sleep(CALM)
    outcome.seconds = time.monotonic() - began
    outcome.writes = len(journal.acknowledged)
    truths = truth(stage.host)
    for path, digests in stage.truth.items():
        if not fault.imports and digests != truths[path]:
            outcome.broken.append(f"{path} is answered otherwise than before")
        truths[path] |= digests
    judged = outcome.judged = load.judge(truths, fault.may_break)
    outcome.recovered = max(0.0, judged.last_failure - over)
    outcome.broken += [f"wrong: {line}" for line in judged.wrong[:10]]
    if len(judged.wrong) > 10:
        outcome.broken.append(f"and {len(judged.wrong) - 10} more")
    if load.failing_since(calm) or not load.answered_since(calm):
        outcome.broken.append(f"not everything is answered {fault.returns} s after the fault")
    if not fault.fails and judged.failed:
        outcome.broken.append(f"somebody noticed: {dict(judged.failed)}")
    if fault.tells and not judged.not_ready:
        outcome.broken.append("/readyz never said so")
    if fault.imports:
        before = _uninterrupted(stage)
    outcome.broken += broken(stage, before, journal.acknowledged)


def _uninterrupted(stage: Stage) -> tuple[int, str]:
    """Return what the data are after the same import that nothing disturbs: which must change nothing."""
    told = checksum(stage)
    finished(stage.command(*IMPORT))
    assert checksum(stage) == told, "the import did not bring all, or not for good"
    return told


@contextmanager
def _journal(stage: Stage):
    journal = Journal(stage.database)
    writer = threading.Thread(target=journal.write)
    writer.start()
    try:
        yield journal
    finally:
        journal.ending.set()
        writer.join()
