"""The table at the end."""

from collections.abc import Iterable

from tests.faults.run import Outcome

HEAD = """| fault | load (s) | requests | failed | wrong | slowest (s) | back after (s) | writes kept | holds |
|---|---|---|---|---|---|---|---|---|
"""


def table(outcomes: Iterable[Outcome]) -> str:
    """Return what came of the faults, as Markdown."""
    return HEAD + "".join(map(_line, outcomes))


def _line(outcome: Outcome) -> str:
    if outcome.skipped:
        return f"| {outcome.title} | | | | | | | | skipped: {outcome.skipped} |\n"
    judged = outcome.judged
    failed = sum(judged.failed.values())
    cells = [
        outcome.title,
        f"{outcome.seconds:.0f}",
        f"{judged.requests:,}",
        f"{failed:,}",
        str(len(judged.wrong)),
        f"{judged.slowest:.1f}",
        f"{outcome.recovered:.1f}" if failed else "",
        f"{outcome.writes:,}",
        "yes" if not outcome.broken else "**no**",
    ]
    return f"| {' | '.join(cells)} |\n"
