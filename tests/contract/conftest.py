"""The endpoints that the contract is held against: all of them, taken from the router."""

from dataclasses import dataclass
from typing import Any

import pytest

from api.views import ResourceViewSet
from config.urls import router


@dataclass(frozen=True)
class Collection:
    """A collection of the API and what it says of itself."""

    name: str
    view: type[ResourceViewSet]

    @property
    def path(self) -> str:
        return f"/api/{self.name}"

    @property
    def sorts(self) -> list[str]:
        """Its orders, without those that need another parameter."""
        sort = self.view.parameters().fields["sort"]
        return [word for word in sort.words if not sort.read(word).key.needs]

    def __str__(self) -> str:
        return self.name


COLLECTIONS = [Collection(prefix, view) for prefix, view, _ in router.registry]


def pytest_generate_tests(metafunc: Any) -> None:
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "collection" in metafunc.fixturenames and "collection" not in chosen:
        metafunc.parametrize("collection", COLLECTIONS, ids=str)


@pytest.fixture
def records(get: Any, collection: Collection) -> list[dict[str, Any]]:
    """All records of the collection."""
    return get(collection.path, page_size=1000)["results"]
