"""From the codes that datasets give events to the types of our vocabulary.

The matches are SKOS's, as fixtures/source/00-event-types.yaml tells them; the rule that picks one of
several is explained there too.
"""

from collections.abc import Iterable, Iterator

# From the surest to the least sure: what is narrower than a type lies wholly within it.
QUALITIES = ("exact", "narrow", "broad")
ROOT = 2


class Crosswalk:
    """The types of a vocabulary by the codes of other schemes.

    `matches` are (code of the type, scheme, code in that scheme, match), in the vocabulary's order.
    """

    def __init__(self, matches: Iterable[tuple[str, str, str, str]]) -> None:
        self._types: dict[tuple[str, str], str] = {}
        candidates: dict[tuple[str, str], dict[str, list[str]]] = {}
        for type_, scheme, code, match in matches:
            if match not in QUALITIES:
                raise ValueError(f"{scheme}:{code} of {type_}: {match!r} is no quality of a match")
            candidates.setdefault((scheme, code), {}).setdefault(match, []).append(type_)
        for key, types in candidates.items():
            best = next(types[quality] for quality in QUALITIES if quality in types)
            self._types[key] = _one(best)

    def type_of(self, coded: str) -> str | None:
        """Return the type for a code written `scheme:code`, None when it has none.

        A code that is not in the vocabulary has the type of the next wider one that is.
        """
        scheme, _, code = coded.partition(":")
        found = (self._types.get((scheme, wider)) for wider in _widening(scheme, code))
        return next((type_ for type_ in found if type_), None)


def _one(types: list[str]) -> str:
    """Return the one to take of types that match a code equally well.

    It is of the first type: the mode that matches, or the type itself where several modes do.
    """
    root = types[0].partition("/")[0]
    modes = [type_ for type_ in types if type_.startswith(f"{root}/")]
    return modes[0] if len(modes) == 1 else root


def _widening(scheme: str, code: str) -> Iterator[str]:
    """Yield a code and the wider ones: CAMEO's by one digit less, others by one part less."""
    yield code
    if scheme == "cameo":
        yield from (code[:length] for length in range(len(code) - 1, ROOT - 1, -1))
        return
    while "/" in code:
        code = code.rpartition("/")[0]
        yield code
