"""No text reaches the database that it cannot hold, and none costs more than others."""

import pytest

from tests.hostile.conftest import PARAMETERS, Ask, Asked

pytestmark = pytest.mark.slow

NOT_TEXT = [
    *["%00", "a%00b", "%00%00", "Aghdam%00", "A,%00", "%0A", "a%0D%0AX:%201", "%09", "%1B[31m", "%7F"],
    *["%C2%85", "%C2%80", "", "%20", "%E3%80%80"],
    *["x" * 3000, "a%20" * 600, "a," * 700, "%25_" * 700, "%E2%80%AE" * 3000],
]  # fmt: skip
ODD = [
    # Not UTF-8, or not decoded twice; no letters; other directions; nothing to see.
    *["%FF%FE", "%ED%A0%80", "%C0%80", "%2500", "%u0000", "%", "%EF%BF%BF", "%EF%BF%BD", "%E2%80%AE"],
    *["%CC%81" * 190, "%F0%9F%92%A3" * 190, "%C4%B0" * 190, "%EF%B7%BA" * 190, "%E1%BA%9E", "%E2%80%8B"],
    # What means something in SQL, LIKE, regular expressions, searches, shells and templates.
    *["%25", "_", "%25_%25_%25", "%5C", "%5C%5C", "%27", "%27%3B%20SELECT%20pg_sleep(10)--", "%22", "%22a"],
    *["a%20%26%20%7C%20%21%20b", "(((((((((((", "(a%2B)%2B%24", "a:*", "%3C-%3E", "!!!!!!", "-", "-----a"],
    *["%22%22", "or", "or%20or%20or", "a%20or%20-a", "%22a%20b%20-%22", "-%22", "*", "?", "$1", "%25s"],
    *["{0}", "{{7*7}}", "${7*7}", "%24(id)", "../../etc/passwd", "null", "None", "undefined", "NaN"],
    *[",", ",,,,", "a,", ",a", "a,,b", "a;b", "[]", "{}", "[a]", "a=b", "a%26b=c", "'", "`", "|"],
    *["a%20" * 49, "(" * 199, "%22" * 199, "-a" * 99, "!" * 199, "a%26" * 99, "%3C%3E" * 99],
]  # fmt: skip
# Closed vocabularies take none of them, which needs no trying.
OPEN = [asked for asked in PARAMETERS if asked.kind == "string" and not asked.closed]


def test_what_is_no_text_is_refused(ask: Ask, parameter: Asked) -> None:
    for text in NOT_TEXT:
        problem = ask(f"{parameter.path}?{parameter.name}={text}", [400]).json()
        assert parameter.name in {error["parameter"] for error in problem["errors"]}, text


@pytest.mark.parametrize("text_parameter", OPEN, ids=str)
def test_odd_texts_find_little_and_break_nothing(ask: Ask, text_parameter: Asked) -> None:
    for text in ODD:
        ask(f"{text_parameter.path}?{text_parameter.name}={text}", [200, 400])


def test_no_number_of_values_is_too_many_to_refuse(ask: Ask, parameter: Asked) -> None:
    values = "&".join(f"{parameter.name}=x{number}" for number in range(150))
    ask(f"{parameter.path}?{values}", [400])
