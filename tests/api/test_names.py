"""Folding and near misses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.names import fold, nearest


@pytest.mark.parametrize(
    "names",
    [
        ("Aghdam", "AGHDAM", " aghdam ", "Աղդամ"),
        ("Ağdam", "Agdam", "Агдам", "agdam"),
        ("Laçın", "Lacin"),
        ("Nagorno-Karabakh", "nagorno karabakh", "Nagorno–Karabakh"),
        ("Straße", "STRASSE"),
        ("ﬁn", "fin"),
    ],
)
def test_spellings_that_fold_alike(names: tuple[str, ...]) -> None:
    assert len({fold(name) for name in names}) == 1


@given(st.text())
def test_a_fold_is_plain_and_stays_as_it_is(name: str) -> None:
    folded = fold(name)
    assert fold(folded) == folded
    assert bool(folded) == bool(name.strip()) or not any(map(str.isalnum, name))


@pytest.mark.parametrize(
    ("wanted", "known", "near"),
    [
        ("plcae", ["place", "page", "date"], ["place"]),
        ("srot", ["root", "sort"], ["sort"]),
        ("Agdham", ["Aghdam", "Baku"], ["Aghdam"]),
        ("xyz", ["place", "page"], []),
        ("x", [], []),
    ],
)
def test_what_is_near(wanted: str, known: list[str], near: list[str]) -> None:
    assert nearest(wanted, known) == near
