"""What can be asked of actors, and how other resources ask for them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from actors.choices import ActorKind
from api.keys import SortKey
from api.lists import ListParameters, Sort
from api.parameters import Names, Words
from api.resolution import Match, NamedRecords
from places.queries import PLACES, inside

ACTORS = NamedRecords("actor", "actors.Actor")


def _of_country(places: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(places, "country__level_{}")


class ActorParameters(ListParameters):
    """Filters and orders of /api/actors."""

    name = Names(
        ACTORS,
        narrow=lambda actors, _: Q(pk__in=[actor.pk for actor in actors]),
        help_text="Id or any known name, in any spelling.",
        example="Ilham Aliyev",
    )
    kind = Words(ActorKind, narrow="kind__in", help_text="What sort of actor.", example="person")
    country = Names(
        PLACES,
        narrow=_of_country,
        help_text="The country that the actor belongs to: id, name or ISO 3166 code.",
        example="Azerbaijan",
    )
    sort = Sort({"id": SortKey("public_id", str), "name": SortKey("name", str)}, default="name")
