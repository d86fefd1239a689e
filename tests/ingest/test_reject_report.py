"""The report of what was rejected: never at the cost of a file that is there."""

import errno
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

pytestmark = pytest.mark.slow

BAD = {"id": "2", "date_start": "never"}
OLDER = "line,column,value,reason\n7,older,,than this\n"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "rejected.csv"
    path.write_text(OLDER)
    return path


@pytest.mark.parametrize("way", ["itself", "symlink", "hardlink"])
def test_the_file_that_is_imported_is_no_report(
    shared: Any, ged: Any, tmp_path: Path, way: str
) -> None:
    path = ged([{}])
    before, other = path.read_bytes(), tmp_path / "other.csv"
    if way == "symlink":
        other.symlink_to(path)
    elif way == "hardlink":
        other.hardlink_to(path)
    else:
        other = path
    with pytest.raises(CommandError, match="is the file that is imported"):
        shared.load("ucdp-ged", path, f"--reject-report={other}")
    assert path.read_bytes() == before


def test_a_wrong_file_leaves_an_older_report_alone(shared: Any, write: Any, report: Path) -> None:
    with pytest.raises(CommandError, match="missing"):
        shared.load("acled", write("a,b\n1,2\n"), "--release=1", f"--reject-report={report}")
    assert report.read_text() == OLDER


def test_a_wrong_file_leaves_no_new_report(shared: Any, write: Any, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    with pytest.raises(CommandError, match="missing"):
        shared.load("acled", write("a,b\n1,2\n"), "--release=1", f"--reject-report={folder}/r.csv")
    assert not list(folder.iterdir())


def test_an_import_that_is_called_off_reports_why(shared: Any, ged: Any, report: Path) -> None:
    with pytest.raises(CommandError, match="1 of 2 rows are rejected"):
        shared.load("ucdp-ged", ged([{}, BAD]), f"--reject-report={report}")
    (head, row) = report.read_text().splitlines()
    assert head == "line,column,value,reason"
    assert row.startswith("3,date_start,never,")


def test_an_import_without_fault_says_so(shared: Any, ged: Any, report: Path) -> None:
    shared.load("ucdp-ged", ged([{}]), "--dry-run", f"--reject-report={report}")
    assert report.read_text() == "line,column,value,reason\n"


def test_a_report_that_cannot_be_is_told_before_the_work(
    shared: Any, ged: Any, tmp_path: Path
) -> None:
    for path, said in ((tmp_path, "directory"), (tmp_path / "no" / "such.csv", "No such file")):
        with pytest.raises(CommandError, match=f"cannot be written: .*{said}"):
            shared.load("ucdp-ged", ged([{}]), f"--reject-report={path}")
    assert not shared.sql("SELECT FROM sources_dataset WHERE public_id = 'ucdp-ged'")


def test_what_else_goes_wrong_is_not_told_of_the_report(
    shared: Any, ged: Any, report: Path, monkeypatch: Any
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ingest.importing.import_rows", full)
    with pytest.raises(OSError, match="No space left"):
        shared.load("ucdp-ged", ged([{}]), f"--reject-report={report}")
    assert report.read_text() == OLDER
