"""Some of the faults, shortly: `make faults` breaks all of them, for longer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.run import FAULTS, run
from tests.faults.stage import prepare

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket, pytest.mark.slow]

# One of each sort: the database gone, silent and busy, the service killed, an import killed.
SHORT = (
    "database-gone",
    "database-hangs",
    "network-cut",
    "places-taken",
    "postmaster-killed",
    "app-killed",
    "importer-killed",
)
MEASURE = 0.15


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return prepare(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("name", SHORT)
def test_a_fault_is_told_honestly_and_leaves_nothing_behind(
    name: str, prepared: Path, tmp_path: Path
) -> None:
    outcome = run(FAULTS[name], prepared, tmp_path / "stage", MEASURE)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.broken == []
    assert outcome.judged.requests > 100
