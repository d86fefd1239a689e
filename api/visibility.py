"""Which rows clients may see."""

from typing import Any

from django.db.models import Model, Q, QuerySet


def served(model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a model that clients may see: all, unless its manager says otherwise."""
    manager: Any = model._default_manager
    rows: QuerySet[Any] = manager.served() if hasattr(manager, "served") else manager.all()
    return rows


def visible(model: type[Model]) -> list[Q]:
    """Return the conditions on rows that clients may see, as the data are now.

    They name what is withheld, where `served` asks for it: that costs a query, and none where the state of
    the data is known (`api.state`), and leaves nothing to be asked row by row.
    """
    manager: Any = model._default_manager
    conditions: list[Q] = manager.visible() if hasattr(manager, "visible") else []
    return conditions
