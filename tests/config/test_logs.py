"""Lines of the log, whatever stands in them."""

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.logs import JsonLines, TextLines, configuration

log = logging.getLogger("somewhere")
FORGED = "a\nERROR forged\x1b[31m\u2028\u202e\x85\x7f"


def fail() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        log.exception("Failed with %s", FORGED)


def test_an_error_is_one_object_with_its_traceback(logged: Any) -> None:
    lines = logged(JsonLines())
    fail()
    (line,) = lines()
    assert line.isprintable()
    told = json.loads(line)
    assert (told["level"], told["logger"]) == ("ERROR", "somewhere")
    assert told["message"] == f"Failed with {FORGED}"
    assert told["traceback"].startswith("Traceback (most recent call last):\n")
    assert told["traceback"].endswith(f"ValueError: {FORGED}")


def test_lines_of_a_traceback_are_told_from_entries(logged: Any) -> None:
    lines = logged(TextLines())
    fail()
    first, *others = lines()
    assert first.endswith(r"ERROR Failed with a\nERROR forged\x1b[31m\u2028\u202e\x85\x7f")
    assert "    Traceback (most recent call last):" in others
    assert all(line.startswith("    ") and line.isprintable() for line in others)


@pytest.mark.parametrize("arguments", [("half \ud83d",), ({"name": "half \ud83d"},)])
def test_half_a_letter_is_no_reason_to_say_nothing(formatter: Any, arguments: Any) -> None:
    text = "%(name)s" if isinstance(arguments[0], dict) else "%s"
    record = log.makeRecord("somewhere", logging.ERROR, "", 0, text, arguments, None)
    line = formatter.format(record)
    assert line.isprintable()
    assert r"half \ud83d" in line


def test_that_somebody_has_to_come_back_is_no_entry_of_its_own() -> None:
    logger = logging.getLogger("django.request")
    for status, is_told in ((500, True), (503, False)):
        record = logger.makeRecord(
            logger.name, logging.ERROR, "", 0, "told", (), None, extra={"status_code": status}
        )
        assert bool(logger.filter(record)) == is_told


def test_what_an_entry_is_given_besides_stands_in_it(logged: Any) -> None:
    lines = logged(JsonLines())
    log.warning("Odd", extra={"rows": 3, "request": object()})
    told = json.loads(lines()[0])
    assert told["rows"] == 3
    assert "request" not in told


def test_a_fault_in_a_request_is_logged_with_its_id(
    ask: Any, logged: Any, monkeypatch: Any, settings: Any
) -> None:
    from config import views

    def broken() -> bool:
        raise RuntimeError("broken")

    monkeypatch.setitem(views.CHECKS, "data", broken)
    lines = logged(JsonLines())
    ask("/readyz", HTTP_X_REQUEST_ID="mine")
    error, access = map(json.loads, lines())
    assert (error["request_id"], access["request_id"], access["status"]) == ("mine", "mine", 500)
    assert "RuntimeError: broken" in error["traceback"]


def test_there_are_two_formats() -> None:
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT is one of text, json, not “xml”"):
        configuration("xml")
