"""What holds when it is all over: the same data, nothing lost, nothing left behind."""

import time

import psutil

from tests.faults.stage import WORKERS, Stage, finished
from tests.service import fetch

# The served records of events without what tells when they were written; each is to have terms as well.
CHECKSUM = """
SELECT count(*), md5(string_agg((b.body::jsonb - 'updated_at')::text, '' ORDER BY e.public_id))
FROM events_eventbody b JOIN events_event e ON e.id = b.event_id
JOIN events_eventterms t ON t.event_id = e.id
"""
# Tables that a session made for itself, and should have taken along.
LEFT_TABLES = """
SELECT array_agg(relname::text) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
ADVISORY = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
STUCK = """
SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'dateline%' AND pid <> pg_backend_pid()
AND (state LIKE 'idle in transaction%' OR state = 'active')
"""
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'dateline_reader'"
# Each thread has one, and the question whether the process is ready another.
MOST_SESSIONS = WORKERS * 11
# Threads that are no request's: the server's own, and what watches the parent.
MOST_THREADS = 40


def checksum(stage: Stage) -> tuple[int, str]:
    """Return how many events are served, and a digest of all that is served of them."""
    with stage.database() as session:
        found = session.execute(CHECKSUM).fetchone()
    assert found is not None
    return found


def lost(stage: Stage, acknowledged: list[int]) -> list[int]:
    """Return what was acknowledged, and is not there."""
    with stage.database() as session:
        rows = session.execute("SELECT number FROM faults_journal").fetchall()
    return sorted(set(acknowledged) - {number for (number,) in rows})


def broken(stage: Stage, before: tuple[int, str], acknowledged: list[int]) -> list[str]:
    """Return what does not hold, in a sentence each."""
    found = []
    if fetch(f"{stage.base}/readyz")["status"] != "ready":
        found.append("the service is not ready")
    if checksum(stage) != before:
        found.append(f"the data are others: {checksum(stage)} was {before}")
    if missing := lost(stage, acknowledged):
        found.append(f"{len(missing)} acknowledged writes are lost: {missing[:5]}")
    found += _left(stage)
    # Which fails, and says so, where what is served is not what the records say.
    finished(stage.command("check_bodies", "--sample", "2000"))
    return found


def _left(stage: Stage) -> list[str]:
    """Return what was left behind, once whoever ends has had a few seconds to end."""
    found: list[str] = []
    end = time.monotonic() + 5
    while True:
        with stage.database() as session:
            values = {
                query: session.execute(query).fetchone()
                for query in (LEFT_TABLES, WAITING, ADVISORY, STUCK, SESSIONS)
            }
        ((tables,), (waiting,), (advisory,), (stuck,), (sessions,)) = values.values()
        found = [f"temporary tables were left: {tables}"] if tables else []
        found += [f"{waiting} locks are waited for"] if waiting else []
        found += [f"{advisory} advisory locks are held"] if advisory else []
        found += [f"{stuck} sessions hang"] if stuck else []
        found += [f"the readers have {sessions} sessions"] if sessions > MOST_SESSIONS else []
        if not found or time.monotonic() > end:
            break
        time.sleep(0.2)
    threads = [worker.num_threads() for worker in stage.workers()]
    if len(threads) != WORKERS or max(threads) > MOST_THREADS:
        found.append(f"the workers have {threads} threads")
    servers = _servers(stage)
    if len(servers) != 1:
        found.append(f"{len(servers)} servers work on one folder")
    drafts = [str(path.name) for path in stage.cluster.home.glob("data.new-*")]
    if drafts:
        found.append(f"drafts were left: {drafts}")
    return found


def _servers(stage: Stage) -> list[int]:
    """Return the first processes of servers on the data folder."""
    found = {}
    for process in psutil.process_iter(["cmdline", "ppid"]):
        words = process.info["cmdline"]
        if words and words[0].endswith("/postgres") and str(stage.cluster.data) in words:
            found[process.pid] = process.info["ppid"]
    # One that has just been forked goes by the name of its parent.
    return [number for number, parent in found.items() if parent not in found]
