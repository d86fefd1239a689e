"""The tests that docs/promises.md names are there."""

import re

import pytest
from django.conf import settings

PROMISES = (settings.PROJECT / "docs" / "promises.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", PROMISES)))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_holds_a_promise_is_there(path: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (settings.PROJECT / path).read_text(), re.MULTILINE)


def test_every_promise_is_held_by_something() -> None:
    rows = [row for row in PROMISES.splitlines() if row.startswith("| ") and "**" not in row]
    held = [row for row in rows[1:] if row.count("`tests/") == 0]
    assert len(rows) > 30
    assert held == []
