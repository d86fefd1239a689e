"""A number is plain digits within its bounds, or it is refused."""

from typing import Any

import pytest

from tests.hostile.conftest import PARAMETERS, Ask, Asked

NOT_NUMBERS = [
    *["NaN", "nan", "inf", "-Infinity", "1e49", "1e3", "1E400", "0x10", "0b1", "1_000", "1,000"],
    *["%D9%A1%D9%A2", "%EF%BC%91", "%C2%B2", "%E2%85%A7", "%E0%A5%A7", "1%00", "%001", "1%0A", "1%092"],
    *["--1", "-", "%2B1", "-0", "1-", "1;2", "1%202", "true", "null", "None", "{}", "[]", "[1]", "$1"],
    *["", "%20", "%27", "1%27", "1%20OR%201=1", "9" * 150, "9" * 400, "-" + "9" * 150, "0" * 150 + "1"],
    *["9223372036854775808", "-9223372036854775809", "99999999999999999999", "1%E2%80%8B"],
]  # fmt: skip
NUMBERS = [asked for asked in PARAMETERS if asked.kind in ("integer", "number")]
POINTS = [asked for asked in PARAMETERS if asked.name in ("bbox", "near")]


@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_what_is_no_number_is_refused(ask: Ask, number: Asked) -> None:
    fractions = ["1.5", "1.", ".5"] if number.kind == "integer" else []
    for text in [*NOT_NUMBERS, *fractions]:
        problem = ask(f"{number.path}?{number.name}={text}", [400]).json()
        assert number.name in {error["parameter"] for error in problem["errors"]}, text


@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_what_is_out_of_bounds_is_refused(ask: Ask, number: Asked) -> None:
    schema: dict[str, Any] = number.schema.get("items", number.schema)
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema["maximum"]
    for outside in (least - 1, most + 1, most * 1000 + 1):
        ask(f"{number.path}?{number.name}={outside}", [400])


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_what_is_no_place_on_earth_is_refused(ask: Ask, point: Asked) -> None:
    parts = 4 if point.name == "bbox" else 2
    companion = "" if point.name == "bbox" else "&radius_km=10"
    odd = ["nan", "inf", "1e1", "181", "-181", "1" * 50, "%D9%A3", "", "x", "1_0", "0x1", "1%00"]
    for text in odd:
        url = f"{point.path}?{point.name}={','.join([text] * parts)}{companion}"
        ask(url, [400])
    for count in {1, 2, 3, 4, 5, 100} - {parts}:
        ask(f"{point.path}?{point.name}={','.join(['1'] * count)}{companion}", [400])


@pytest.mark.parametrize("list_path", [asked.path for asked in PARAMETERS if asked.name == "page"])
def test_pages_are_bounded(ask: Ask, list_path: str) -> None:
    """Not more rows than the maximum, and not deeper than the offset that is documented."""
    for query in (
        "page_size=1001",
        "page=10001",
        "page=101&page_size=100",
        "page=11&page_size=1000",
    ):
        ask(f"{list_path}?{query}", [400])
    for query in ("offset=1", "offset=999999999999999999999999999999", "limit=1", "start=-1"):
        ask(f"{list_path}?{query}", [400])
