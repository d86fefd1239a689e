"""What can be asked of actors, and how other resources ask for them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from actors.choices import ActorKind
from actors.models import ActorCode, ActorName
from api.kinds import Codes, Ids
from api.lists import ListParameters, Sort
from api.parameters import Names, Parameter, Words, any_of
from api.resolution import Match, NamedRecords
from places.queries import BY_NAME, COUNTRIES, inside, named
from sources.queries import ADDED_FROM, DATASETS, coded

ACTORS = NamedRecords("actor", "actors.Actor", search="/api/actors?q=")


def _of_country(places: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(places, "country__level_{}")


class ActorParameters(ListParameters):
    """Filters and orders of /api/actors."""

    id = Ids("ilham-aliyev")
    q = Parameter(
        narrow=named(ActorName, "actor"),
        help_text="Words that one of its names holds, or parts of them, in any spelling.",
        example="armenian",
    )
    name = Names(
        ACTORS,
        narrow=any_of("pk"),
        help_text="Id or any known name, in any spelling.",
        example="Ilham Aliyev",
    )
    kind = Words(ActorKind, narrow="kind__in", help_text="What sort of actor.", example="person")
    country = Names(
        COUNTRIES,
        narrow=_of_country,
        help_text="The country that the actor belongs to: ISO 3166 code, id or name.",
        example="Azerbaijan",
    )
    code = Codes(
        "actors.ActorCode",
        narrow=coded(ActorCode, "actor"),
        help_text="Its code in another scheme, as scheme:code, such as ucdp-actor:64.",
        example="ucdp-actor:64",
    )
    dataset = Names(DATASETS, narrow=any_of("dataset"), help_text=ADDED_FROM, example="aghdam-2020")
    sort = Sort(BY_NAME, default="name", best="relevance")
