"""What a measurement leaves: a file for machines and one for people, with what it ran on."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

FOLDER = Path(__file__).parent / "results"
PACKAGES = ("django", "djangorestframework", "psycopg", "orjson")


def machine() -> dict[str, Any]:
    """Return what numbers depend on: versions, cores and memory."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return {
        "dateline": settings.VERSION,
        "python": platform.python_version(),
        "postgresql": server.split()[0],
        **{name: version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3),
    }


def write_results(
    name: str, figures: Mapping[str, Any], report: str, about: Mapping[str, Any]
) -> None:
    """Write the files of today's run, over those of an earlier one of today."""
    FOLDER.mkdir(exist_ok=True)
    today = datetime.now(UTC).date()
    stem = FOLDER / f"{name}-{today}"
    everything = {"date": str(today), "machine": about, **figures}
    text = json.dumps(everything, indent=2) + "\n"
    stem.with_suffix(".json").write_text(text, encoding="utf-8")
    ran_on = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in about.items())
    stem.with_suffix(".md").write_text(
        f"# {name.capitalize()}, {today}\n\n{ran_on}\n\n{report}\n", encoding="utf-8"
    )
