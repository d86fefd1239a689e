"""What the tests of this folder share."""

import pytest

from api import files
from api.files import AT_ONCE, FOR_ONE
from api.room import Room


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the files of a test for itself: another may have begun one that is not collected yet."""
    monkeypatch.setattr(files, "ROOM", Room("files", AT_ONCE, FOR_ONE))
