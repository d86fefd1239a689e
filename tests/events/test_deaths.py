"""Filters of events by how many died."""

from typing import Any

import pytest

from events.models import Event
from tests.conftest import stable

ENTRY = "azerbaijani-forces-enter-aghdam"


@pytest.fixture
def figures(db: None) -> dict[str, tuple[int | None, ...]]:
    """Give some events low, best and high figures of deaths; the others have none."""
    figures = {
        "celebrations-in-baku": (2, 5, 9),
        "protests-in-armenia": (0, 0, 0),
        "trump-hails-cease-fire": (3, None, 8),
        "fighting-of-autumn-2020": (4, None, None),
        ENTRY: (None, None, 6),
    }
    Event.objects.update(deaths_low=None, deaths_best=None, deaths_high=None)
    for public_id, (low, best, high) in figures.items():
        event = Event.objects.filter(public_id=public_id)
        assert event.update(deaths_low=low, deaths_best=best, deaths_high=high)
    return figures


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # By the best figure, or else by the lowest for at least, by the highest for at most.
        ({"deaths_min": "0"}, {(2, 5, 9), (0, 0, 0), (3, None, 8), (4, None, None)}),
        ({"deaths_min": "1"}, {(2, 5, 9), (3, None, 8), (4, None, None)}),
        ({"deaths_min": "4"}, {(2, 5, 9), (4, None, None)}),
        ({"deaths_min": "6"}, set()),
        ({"deaths_max": "0"}, {(0, 0, 0)}),
        ({"deaths_max": "5"}, {(2, 5, 9), (0, 0, 0)}),
        ({"deaths_max": "7"}, {(2, 5, 9), (0, 0, 0), (None, None, 6)}),
        ({"deaths_max": "2147483647"}, {(2, 5, 9), (0, 0, 0), (3, None, 8), (None, None, 6)}),
        ({"deaths_min": "1", "deaths_max": "8"}, {(2, 5, 9), (3, None, 8)}),
        ({"deaths_min": "5", "deaths_max": "5"}, {(2, 5, 9)}),
    ],
    ids=stable,
)
def test_deaths_bound_the_figures_and_leave_out_what_is_unknown(
    found: Any, figures: Any, query: dict[str, str], expected: set[Any]
) -> None:
    ids = found(**query)
    assert len(set(ids)) == len(ids)
    assert {figures[id_] for id_ in ids} == expected


def test_deaths_and_an_actor_together(found: Any, figures: Any) -> None:
    mine = set(found(actor="Azerbaijan,Armenia"))
    for query in ({"deaths_min": "0"}, {"deaths_max": "9"}):
        both = found(actor="Azerbaijan,Armenia", **query)
        assert set(both) == mine & set(found(**query)) != set()


@pytest.mark.parametrize("value", ["-1", "1.5", "2147483648", "many", "", "01", "1e3"])
@pytest.mark.parametrize("name", ["deaths_min", "deaths_max"])
def test_a_number_of_deaths_that_is_none_is_refused(get: Any, name: str, value: str) -> None:
    (error,) = get("/api/events", 400, **{name: value})["errors"]
    assert error["parameter"] == name
    assert error["code"] in {"out_of_range", "blank"}
