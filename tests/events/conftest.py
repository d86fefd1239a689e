"""What tests of the filters of events share."""

from typing import Any

import pytest


@pytest.fixture
def found(get: Any) -> Any:
    """Return a function that gives the ids that a query finds."""

    def found(**query: Any) -> list[str]:
        return [event["id"] for event in get("/api/events", page_size=1000, **query)["results"]]

    return found


@pytest.fixture
def refused(get: Any) -> Any:
    """Return a function that gives the one error of a query."""

    def refused(**query: Any) -> Any:
        (error,) = get("/api/events", 400, **query)["errors"]
        return error

    return refused
