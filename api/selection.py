"""Which keys of a record are answered, and which briefs in it are made whole.

Bodies come as text; only where keys are chosen is it parsed, and what takes the place of a brief is put
in as text again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rest_framework import serializers

from api.bodies import bodies
from api.kinds import Chosen
from api.parameters import Parameters
from api.problems import ParameterError
from api.visibility import served

Serializer = type[serializers.ModelSerializer[Any]]


class Expansion:
    """Briefs that can be made whole: where they stand in a record, and what they are then.

    A path is a key of the record, or a key and one in what stands there: `participants.actor`.
    """

    def __init__(self, serializer_class: Serializer, *paths: str) -> None:
        self.serializer_class = serializer_class
        self.paths = [path.split(".") for path in paths]

    @property
    def keys(self) -> set[str]:
        return {path[0] for path in self.paths}

    def apply(self, records: Sequence[dict[str, Any]]) -> None:
        """Put whole records in the place of briefs; one query, however many there are."""
        places = [
            place for record in records for path in self.paths for place in _places(record, path)
        ]
        model = self.serializer_class.Meta.model
        rows = served(model).filter(public_id__in={holder[key]["id"] for holder, key in places})
        whole = dict(bodies(self.serializer_class, rows, key="public_id")) if places else {}
        for holder, key in places:
            # A record that is withheld is named by others, and has nothing more to say.
            if found := whole.get(holder[key]["id"]):
                holder[key] = orjson.Fragment(found)


def _places(value: Any, path: Sequence[str]) -> Iterator[tuple[Any, Any]]:
    """Yield what holds a brief, and the key or index under which it does."""
    key, *rest = path
    inner = value.get(key)
    if rest:
        for holder in inner if isinstance(inner, list) else [inner]:
            if holder is not None:
                yield from _places(holder, rest)
    elif isinstance(inner, list):
        yield from ((inner, number) for number in range(len(inner)))
    elif inner is not None:
        yield value, key


def expansions(serializer_class: Serializer) -> Mapping[str, Expansion]:
    """Return what `include` can make whole in the records of a serializer."""
    found: Mapping[str, Expansion] = getattr(serializer_class, "expansions", {})
    return found


def parameters_of(serializer_class: Serializer) -> dict[str, Any]:
    """Return the parameters by which the keys of a record are chosen."""
    keys, whole = list(serializer_class().fields), expansions(serializer_class)
    chosen: dict[str, Any] = {
        "fields": Chosen(
            keys,
            help_text="Only these keys of each record, in the order of the record.",
            example=",".join(keys[:3]),
        ),
        "omit": Chosen(keys, help_text="All keys of each record but these.", example=keys[-1]),
    }
    if whole:
        chosen["include"] = Chosen(
            list(whole),
            help_text="Whole records in the place of their briefs.",
            meanings={
                word: f"in place of {' and '.join(map('.'.join, expansion.paths))}"
                for word, expansion in whole.items()
            },
            example=next(iter(whole)),
        )
    return chosen


class SelectionParameters(Parameters):
    """What must hold between the parameters that choose keys."""

    @classmethod
    def check(cls, values: Mapping[str, Any], /) -> Iterator[ParameterError]:
        """Yield the errors of keys that are asked for and left out at once."""
        yield from super().check(values)
        if values.get("fields") and values.get("omit"):
            detail = "Give `fields` or `omit`, not both."
            yield ParameterError("omit", None, "contradiction", detail)
            return
        for word in values.get("include") or ():
            keys = expansions(cls.serializer_class)[word].keys
            if not any(_kept(key, values) for key in keys):
                names = " or ".join(f"`{key}`" for key in sorted(keys))
                detail = f"`include={word}` needs {names}, which `fields` or `omit` leaves out."
                yield ParameterError("include", word, "contradiction", detail)

    serializer_class: Serializer


def is_asked(values: Mapping[str, Any]) -> bool:
    """Return whether records are to be answered in another shape than their own."""
    return any(values.get(name) for name in ("fields", "omit", "include"))


def select(
    serializer_class: Serializer, found: Mapping[int, str], values: Mapping[str, Any]
) -> dict[int, str]:
    """Return the bodies `found` with the keys that were chosen, and with briefs made whole."""
    if not is_asked(values):
        return dict(found)
    records = {
        pk: {key: value for key, value in orjson.loads(body).items() if _kept(key, values)}
        for pk, body in found.items()
    }
    for word in values.get("include") or ():
        expansions(serializer_class)[word].apply(list(records.values()))
    return {pk: orjson.dumps(record).decode() for pk, record in records.items()}


def _kept(key: str, values: Mapping[str, Any]) -> bool:
    if values.get("fields"):
        return key in values["fields"]
    return key not in (values.get("omit") or ())
