"""What the fuzzer is told about this API, loaded by it."""

from typing import Any

import schemathesis

# Why a request that the document allows may be refused: what JSON Schema has no words for.
BEYOND_THE_SCHEMA = {
    "unknown_name": "which names there are is known to the database alone",
    "ambiguous": "which places lie in which is known to the database alone",
    "nothing_to_search": "a text holds a word; which words are left out is known to the database alone",
    "unknown_scheme": "which schemes have codes is known to the database alone",
    "not_a_box": "the south of a box is not north of its north",
    "not_a_date": "months differ in length, and an interval does not end before it begins",
    "invalid_value": "a cursor is one that was given; a page is not deeper than 10,000 records",
    "bad_cursor": "a cursor is one that was given",
    "needs_another": "some parameters say nothing without another",
    "out_of_order": "the end is not before the beginning",
    "contradiction": "some parameters exclude each other, such as `fields` and `omit`",
    "not_for_format": "some parameters are for some formats only",
    "blank": "a value is more than white space and commas",
    "control_character": "a value is text",
    "not_utf8": "a value does not hold U+FFFD, which stands for what was no text",
}


@schemathesis.check
def acceptance(_: Any, response: Any, case: Any) -> None:
    """Hold that what the document allows is accepted, or refused for what it cannot say."""
    if response.status_code == 400 and case.meta and case.meta.generation.mode.is_positive:
        codes = {error["code"] for error in response.json()["errors"]}
        assert codes, response.text
        assert codes <= BEYOND_THE_SCHEMA.keys(), f"{codes}: {response.text}"
