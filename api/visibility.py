"""Which rows clients may see."""

from typing import Any

from django.db.models import Model, QuerySet


def served(model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a model that clients may see: all, unless its manager says otherwise."""
    manager: Any = model._default_manager
    rows: QuerySet[Any] = manager.served() if hasattr(manager, "served") else manager.all()
    return rows
