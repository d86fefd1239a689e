"""CAMEO, the Conflict and Mediation Event Observations codebook: what its event codes stand for."""

from functools import cache, lru_cache
from pathlib import Path

import yaml

LABELS = Path(__file__).with_name("cameo_events.yaml")
ROOT = 2


@lru_cache(maxsize=4_096)
def event_label(code: str) -> str | None:
    """Return what an event code stands for, None when it is none of CAMEO's.

    A code below one of CAMEO's, as some coders add, has the label of that one.
    """
    if not (code.isascii() and code.isdigit()):
        return None
    wider = (code[:length] for length in range(len(code), ROOT - 1, -1))
    return next((label for each in wider if (label := _labels().get(each))), None)


@cache
def _labels() -> dict[str, str]:
    labels: dict[str, str] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    return labels
