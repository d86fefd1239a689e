"""Statements that the database took long over, or failed: logged as they were written, without the values."""

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.db import Error

log = logging.getLogger("dateline.statements")

# Characters of a statement that are logged: the longest that a list is made of has some five thousand.
LONGEST = 4_000

# Most values are not in the text of a statement but beside it; those that are, are texts and numbers.
VALUES = re.compile(
    r"""\$(\w*)\$.*?\$\1\$|\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|(?<![\w"$.])\d+(?:\.\d+)?(?!\w)""",
    re.DOTALL,
)

Failed = Callable[[BaseException], None]


class Statements:
    """Watches the statements of connections: those over `slow` seconds are logged, and `failed` is told of errors."""

    def __init__(self, slow: float | None, failed: Failed | None) -> None:
        self.slow, self.failed = slow, failed

    def watch(self, connection: Any, **_: Any) -> None:
        """Watch a connection just made; without what was asked for, leave it alone."""
        wanted = self.slow is not None or self.failed
        if wanted and self not in connection.execute_wrappers:
            connection.execute_wrappers.append(self)

    def __call__(self, execute: Callable[..., Any], sql: Any, *query: Any) -> Any:
        begun = perf_counter()
        try:
            return execute(sql, *query)
        except Error as error:
            if self.failed:
                self.failed(error)
            raise
        finally:
            seconds = perf_counter() - begun
            if self.slow is not None and seconds >= self.slow:
                took = {"duration_ms": round(seconds * 1000, 1), "statement": shape(str(sql))}
                log.warning("Slow statement, %(duration_ms).1f ms: %(statement)s", took)


def shape(sql: str) -> str:
    """Return a statement in one line with a question mark in the place of each value."""
    return " ".join(VALUES.sub("?", sql).split())[:LONGEST]
