"""The log, as lines for people or as lines of JSON.

Either way an entry is one that nothing in it can forge: what is no visible character is escaped, and lines of a
traceback are indented.
"""

import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

from api.tracing import REQUEST_ID, TRACE_ID, current

# What no entry tells is not looked up for each.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

FORMATS = {"text": "config.logs.TextLines", "json": "config.logs.JsonLines"}
INDENT = "    "


def configuration(format_: str) -> dict[str, Any]:
    """Return the settings of `logging` for the value of LOG_FORMAT.

    Raises ImproperlyConfigured for another than those there are.
    """
    if format_ not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is one of {', '.join(FORMATS)}, not “{format_}”.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": FORMATS[format_]}},
        "filters": {"causes": {"()": "config.logs.Causes"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # What a client got wrong is told to the client, not to the log.
            "django.request": {"level": "ERROR", "filters": ["causes"]},
            "django.security": {"level": "CRITICAL"},
            # What is written there is asked for by settings of its own.
            "dateline.access": {"level": "INFO"},
            "dateline.up": {"level": "INFO"},
        },
    }


# What the server logs, besides what is logged in it: with the rest.
OF_SERVER = {"formatters": {}, "handlers": {}, "loggers": {"_granian": {"propagate": True}}}


class Causes(logging.Filter):
    """Leaves out that somebody was told to come back: why is logged by itself, once a second at most."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


class TextLines(logging.Formatter):
    """An entry as a line of text, with the time in UTC; a traceback follows, indented."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the name is logging's)
        line = super().formatMessage(record)
        if request := current.request:
            line += f" [{request[REQUEST_ID]}]"
        return visible(line)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _indented(super().formatStack(stack_info))


class JsonLines(OrjsonFormatter):
    """An entry as an object in a line.

    What fills in the message by name becomes fields of it, in the place of the message.
    """

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            reserved_attrs=[*RESERVED_ATTRS, "request"],
        )

    def format(self, record: logging.LogRecord) -> str:
        if not isinstance(record.args, Mapping) or record.exc_info:
            return super().format(record)
        # As below, in a third of the time: each request is such an entry.
        time = datetime.fromtimestamp(record.created, UTC)
        entry = {"level": record.levelname, "logger": record.name, "time": time}
        return self.jsonify_log_record({**entry, **_request(), **record.args})

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data.update(_request())

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        try:
            line = super().jsonify_log_record(log_data)
        except TypeError:
            # A text with half a character, such as the name of a file.
            line = json.dumps(log_data, default=str)
        # JSON itself escapes fewer than terminals act upon.
        return line if line.isprintable() else "".join(map(_in_json, line))


def _request() -> dict[str, Any]:
    request = current.request
    if request is None:
        return {}
    return {"request_id": request[REQUEST_ID], "trace_id": request.get(TRACE_ID)}


def visible(text: str) -> str:
    """Return a text with all that is no visible character escaped: line breaks, colours, turns of direction."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _indented(lines: str) -> str:
    return "\n".join(INDENT + visible(line) for line in lines.split("\n"))


def _in_json(letter: str) -> str:
    return (
        letter
        if letter.isprintable()
        else json.dumps(letter)[1:-1]
        if letter > "\x7f"
        else "\\u007f"
    )
