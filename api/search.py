"""Searching texts for words."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorExact
from django.db.models import Q

from api.parameters import Parameter


def web_search(text: str) -> SearchQuery:
    """Return what `text` asks for: words, "phrases", `or`, and - for not; any text is valid."""
    return SearchQuery(text, search_type="websearch", config="english")


class Search(Parameter):
    """Words in the texts of some columns; in `kept`, where the database keeps them in one."""

    def __init__(self, *columns: str, example: str, kept: str | None = None) -> None:
        super().__init__(
            help_text=f"Words in {' and '.join(columns)}, in English whatever their ending: "
            '`cease-fire`, `"six weeks"`, `truce or protest`, `-Baku`.',
            example=example,
        )
        self.columns, self.kept = columns, kept

    def condition(self, value: str, _: Mapping[str, Any]) -> Q:
        if self.kept:
            return Q(**{self.kept: web_search(value)})
        return Q(
            SearchVectorExact(SearchVector(*self.columns, config="english"), web_search(value))
        )
