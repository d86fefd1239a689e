"""Cursors: signed, typed, bound to their query."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.orders import BadCursor, Order, Position, SortKey, fingerprint

ORDERS: dict[type, Order] = {
    type_: Order("x", SortKey("x", type_), descending=True) for type_ in (date, datetime, int, str)
}
VALUES = st.one_of(
    st.dates(), st.integers(-(2**31), 2**31 - 1), st.text(), st.datetimes(timezones=st.just(UTC))
)


@given(VALUES, st.integers(1, 2**63 - 1), st.booleans())
def test_a_cursor_gives_back_its_position(value: Any, pk: int, backwards: bool) -> None:
    position = Position(value, pk, backwards)
    assert Position.unsign(position.sign("mark"), "mark", ORDERS[type(value)]) == position


@given(st.text(max_size=80))
def test_what_we_did_not_sign_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor, match="damaged"):
        Position.unsign(cursor, "mark", ORDERS[str])


def test_a_cursor_of_another_query_or_type_is_refused() -> None:
    cursor = Position("text", 1).sign("mark")
    with pytest.raises(BadCursor, match="another query"):
        Position.unsign(cursor, "other", ORDERS[str])
    with pytest.raises(BadCursor, match="damaged"):
        Position.unsign(cursor, "mark", ORDERS[date])


def test_a_fingerprint_is_of_what_is_asked_not_of_how() -> None:
    first = fingerprint("/a", {"x": ["1", "2"], "y": ["3"], "page": ["1"]}, ["page"])
    assert first == fingerprint("/a", {"y": ["3"], "x": ["2", "1"]}, ["page"])
    assert first != fingerprint("/b", {"y": ["3"], "x": ["2", "1"]}, ["page"])
    assert first != fingerprint("/a", {"y": ["4"], "x": ["2", "1"]}, ["page"])
