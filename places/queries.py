"""What can be asked of places, and how other resources ask for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from api.keys import SortKey
from api.lists import ListParameters, Sort
from api.parameters import Names, Words
from api.resolution import Match, NamedRecords
from places.choices import PlaceKind

PLACES = NamedRecords("place", "places.Place", extra=("depth",))
COUNTRIES = NamedRecords(
    "country",
    "places.Place",
    extra=("depth",),
    only=(("kind__in", (PlaceKind.COUNTRY, PlaceKind.TERRITORY)),),
)


def inside(places: Iterable[Match], column: str) -> Q:
    """Return the condition that `column`, with {} for the level, lies in one of `places`."""
    condition = Q()
    for place in places:
        condition |= Q(**{column.format(place.extra["depth"]): place.pk})
    return condition


def _within(places: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(places, "level_{}") & ~Q(pk__in=[place.pk for place in places])


class PlaceParameters(ListParameters):
    """Filters and orders of /api/places."""

    name = Names(
        PLACES,
        narrow=lambda places, _: Q(pk__in=[place.pk for place in places]),
        help_text="Id or any known name, in any spelling.",
        example="Agdam",
    )
    kind = Words(PlaceKind, narrow="kind__in", help_text="What sort of place.", example="district")
    within = Names(
        PLACES,
        narrow=_within,
        help_text="Only places that lie inside this one: id or any known name.",
        example="Azerbaijan",
    )
    sort = Sort({"id": SortKey("public_id", str), "name": SortKey("name", str)}, default="name")
