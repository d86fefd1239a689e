"""The parameters that every list shares: order, paging, counting."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from api.keys import COUNTED
from api.names import nearest
from api.orders import Order, SortKey
from api.parameters import Parameter, Parameters, Whole, Word, unknown_word
from api.refusals import Refused

PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000

# How many rows deep a page can be asked for by number; a cursor has no such limit.
NUMBERED_DEPTH = 10_000

PAGING = ("cursor", "page", "count")


class Sort(Parameter):
    """The order of a list: the name of a sort key, with a minus for descending.

    `earliest` are keys whose unknown values count as the earliest of all; those of others come last.
    `best` is the order where its parameter is given and no order is.
    """

    def __init__(
        self,
        keys: Mapping[str, SortKey],
        default: str,
        earliest: Sequence[str] = (),
        best: str | None = None,
    ) -> None:
        self.keys = keys
        self.words = [
            word
            for name, key in keys.items()
            for word in ((name,) if key.needs else (name, f"-{name}"))
        ]
        sentences = [
            "Order of the list; a minus means descending. Rows that are equal in it keep a fixed order."
        ]
        for name, key in keys.items():
            if key.null_as:
                sentences.append(f"Where `{name}` is not known it comes last, either way.")
            if name in earliest:
                sentences.append(
                    f"Where `{name}` is not known it is before all others: last in `-{name}`."
                )
            if key.needs:
                usual = ", and is the order with it unless another is asked for" * (name == best)
                sentences.append(f"`{name}` needs `{key.needs}`: the best first{usual}.")
        super().__init__(help_text=" ".join(sentences), example=default)
        self.default_text = default
        self.fallback = self.read(default)
        self.best = self.read(best) if best else None

    def left_out(self, query: QueryDict, /) -> Order:
        best = self.best
        fallback: Order = self.fallback
        return best if best and best.key.needs in query else fallback

    def read(self, text: str) -> Order:
        if text not in self.words:
            raise self._unknown(text)
        name = text.removeprefix("-")
        return Order(text, self.keys[name], text.startswith("-"))

    def _unknown(self, text: str) -> Refused:
        """Return the refusal of a word, with one that is near and goes the same way."""
        refused = unknown_word(self, text, self.words)
        descending = text.startswith("-")
        same_way = [word for word in self.words if word.startswith("-") == descending]
        refused.suggestion = next(iter(nearest(text, same_way)), refused.suggestion)
        return refused

    def needed(self, query: QueryDict, /) -> tuple[str, ...]:
        key = self.keys.get(str(query[str(self.field_name)]).strip())
        return (key.needs,) if key and key.needs else ()

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": self.words, "default": self.default_text}


class Cursor(Parameter):
    """Where a page starts, as an earlier answer gave it."""

    # Room for 200 characters of any script in the place that it names.
    longest = 2000
    type_schema = {"type": "string", "minLength": 1, "maxLength": longest}

    def read(self, text: str) -> str:
        if not text.isascii():
            raise Refused("bad_cursor", "This cursor is damaged; start again without it.")
        return text


class ListParameters(Parameters):
    """What every list takes besides its filters."""

    page_size = Whole(
        1,
        MAX_PAGE_SIZE,
        default=PAGE_SIZE,
        help_text=f"How many records a page holds: 1 to {MAX_PAGE_SIZE}.",
        example=PAGE_SIZE,
    )
    cursor = Cursor(
        help_text="Where the page starts. Take it from `next` or `previous` of an earlier answer; "
        "it is opaque and belongs to the query it was made for.",
        example=None,
    )
    page = Whole(
        1,
        NUMBERED_DEPTH,
        help_text=f"The number of a page, counted from 1, up to {NUMBERED_DEPTH:,} records deep. "
        "`next` reaches any depth.",
        example=1,
    )
    count = Word(
        ["auto", "exact", "none"],
        default="auto",
        help_text=f"`auto` counts to {COUNTED:,} and then says `at_least`; `exact` counts all; "
        "`none` leaves the count out.",
        example="auto",
    )
