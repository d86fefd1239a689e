"""What can be asked of agreements and provisions."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from actors.queries import ACTORS
from agreements.choices import AgreementKind, AgreementStatus, ProvisionStatus
from agreements.models import Agreement, Party, Provision
from api.keys import SortKey
from api.lists import ListParameters, Sort
from api.parameters import Names, Words
from api.resolution import LabelledRecords, Match
from places.models import Place
from places.queries import PLACES, inside

AGREEMENTS = LabelledRecords("agreement", "agreements.Agreement", ("title",))
FIRST_DAY, LAST_DAY = date.min, date.max


def any_of(lookup: str) -> Callable[[list[Match], Mapping[str, Any]], Q]:
    """Return the narrowing of a list to rows whose `lookup` is one of the matches."""
    return lambda matches, _: Q(**{f"{lookup}__in": [match.pk for match in matches]})


def _with_party(actors: list[Match], _: Mapping[str, Any]) -> Q:
    parties = Party.objects.filter(actor__in=[actor.pk for actor in actors])
    return Q(pk__in=parties.values("agreement"))


def _about_place(places: list[Match], _: Mapping[str, Any]) -> Q:
    inside_of = Place.objects.filter(inside(places, "level_{}")).values("pk")
    about = Agreement.places.through.objects.filter(place__in=inside_of)
    within = Provision.objects.filter(place__in=inside_of)
    return Q(pk__in=about.values("agreement")) | Q(pk__in=within.values("agreement"))


class AgreementParameters(ListParameters):
    """Filters and orders of /api/agreements."""

    kind = Words(
        AgreementKind, narrow="kind__in", help_text="Stage of a peace process.", example="ceasefire"
    )
    status = Words(
        AgreementStatus, narrow="status__in", help_text="What became of it.", example="in-force"
    )
    actor = Names(
        ACTORS,
        narrow=_with_party,
        help_text="A party to it, in any role: id or any known name.",
        example="Russia",
    )
    place = Names(
        PLACES,
        narrow=_about_place,
        help_text="Where it applies, as a whole or in one of its provisions: id or any known name; "
        "covers the places inside.",
        example="Nagorno-Karabakh",
    )
    sort = Sort(
        {
            "date": SortKey("start_date", date, null_as=(FIRST_DAY, LAST_DAY)),
            "id": SortKey("public_id", str),
            "title": SortKey("title", str),
        },
        default="-date",
    )


class ProvisionParameters(ListParameters):
    """Filters and orders of /api/provisions."""

    agreement = Names(
        AGREEMENTS,
        narrow=any_of("agreement"),
        help_text="The agreement it is part of: id or title.",
        example="azerbaijan-armenia-cease-fire-2020",
    )
    status = Words(
        ProvisionStatus, narrow="status__in", help_text="What became of it.", example="pending"
    )
    place = Names(
        PLACES,
        narrow=lambda places, _: inside(places, "place__level_{}"),
        help_text="Where it applies: id or any known name; covers the places inside.",
        example="Lachin",
    )
    obligor = Names(
        ACTORS,
        narrow=any_of("obligor"),
        help_text="Who has to carry it out: id or any known name.",
        example="Armenia",
    )
    sort = Sort(
        {
            "due": SortKey("due_date", date, null_as=(FIRST_DAY, LAST_DAY)),
            "id": SortKey("public_id", str),
        },
        default="due",
    )
