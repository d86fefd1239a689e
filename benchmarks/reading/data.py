"""The data that are read: made for the run, made once and kept, or there already.

The database is the one of DATABASE_URL, which has to hold made-up events and is left as it is; or an embedded
one in a folder, filled if it is empty; or an embedded one in a temporary folder.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

VOCABULARY = "00-event-types"
PROJECT = Path(__file__).resolve().parents[2]


def prepare(folder: Path | None, events: int, say: Callable[[str], None]) -> None:
    """Make Django use the database, and fill it with so many events if it has none."""
    if folder is not None:
        os.environ["DATELINE_DATA"] = str(folder.resolve())
    if os.environ.get("DATABASE_URL") and folder is None:
        return
    os.environ.pop("DATABASE_URL", None)
    if _holds_data(folder):
        return
    say(f"making {events:,} events")
    for command in (
        ("migrate", "--verbosity", "0"),
        ("loaddata", VOCABULARY, "--verbosity", "0"),
        ("synthesize", str(events)),
    ):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _holds_data(folder: Path | None) -> bool:
    return folder is not None and (folder / "postgres" / "data").exists()
