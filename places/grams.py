"""What names hold: an index of the letters in them, three in a row, for texts that need not be their beginning.

An index of names in their order finds those that begin so and no others; to read all of them takes longer than
people wait for suggestions.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import Func, Q, TextField

LETTERS = 3


class Grams(Func):
    """The letters of a text, so many in a row; a shorter text itself."""

    function = "places_grams"
    output_field = ArrayField(TextField())


def holding(text: str) -> Q:
    """Return the condition that the folded name of a row holds a folded text."""
    holds = Q(key__contains=text)
    grams = [text[first : first + LETTERS] for first in range(len(text) - LETTERS + 1)]
    return holds & Q(DataContains(Grams("key"), grams)) if grams else holds
