"""Searching texts for words."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorExact
from django.db import connection
from django.db.models import Q

from api.parameters import Parameter
from api.refusals import Refused
from api.state import remembered

# A "-" says "not" of what comes next; PostgreSQL fails at more than thirty of them that wait for a word.
TOO_OFTEN_NOT = re.compile(r'(?:-[^\w"-]*){30}')


def web_search(text: str) -> SearchQuery:
    """Return what `text` asks for: words, "phrases", `or`, and - for not; any text is valid."""
    return SearchQuery(text, search_type="websearch", config="english")


def is_searchable(text: str) -> bool:
    """Return whether there is anything left of `text` to search for: `the` is left out, and so is `-`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT numnode(websearch_to_tsquery('english', %s))", [text])
        return bool(cursor.fetchone()[0])


class Search(Parameter):
    """Words in the texts of some columns; in `kept`, where the database keeps them in one."""

    def __init__(self, *columns: str, example: str, kept: str | None = None) -> None:
        super().__init__(
            help_text=f"Words in {' and '.join(columns)}, in English whatever their ending: "
            '`cease-fire`, `"six weeks"`, `truce or protest`, `-Baku`.',
            example=example,
        )
        self.columns, self.kept = columns, kept

    def read(self, text: str) -> str:
        if TOO_OFTEN_NOT.search(text):
            raise Refused("nothing_to_search", "So many signs in a row say “not” of each other.")
        if remembered((is_searchable, text), lambda: is_searchable(text)):
            return text
        raise Refused(
            "nothing_to_search",
            f"“{text}” holds no word that can be searched for: words such as “the” and signs are left out.",
        )

    def condition(self, value: str, _: Mapping[str, Any]) -> Q:
        if self.kept:
            return Q(**{self.kept: web_search(value)})
        return Q(
            SearchVectorExact(SearchVector(*self.columns, config="english"), web_search(value))
        )
