"""What can be asked of agreements and provisions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from actors.queries import ACTORS
from agreements.choices import (
    AgreementKind,
    AgreementStatus,
    DueQualifier,
    PartyRole,
    ProvisionStatus,
)
from agreements.models import CARRIED_OUT, Agreement, AgreementCode, Party, Provision
from api.dates import Period
from api.kinds import Codes, Day, From, Ids, Recorded, Time, To
from api.lists import ListParameters, Sort
from api.orders import SortKey
from api.parameters import Names, Words, any_of
from api.resolution import LabelledRecords, Match, TitledRecords
from api.search import Search
from api.visibility import served
from places.models import Place
from places.queries import COUNTRIES, PLACES, inside
from sources.queries import DATASETS, FIRST_DAY, LAST_DAY, coded, during, within

AGREEMENTS = LabelledRecords(
    "agreement", "agreements.Agreement", ("title",), search="/api/agreements?q="
)
ORDERS = {
    "date": SortKey("start_date", date, null_as=(FIRST_DAY, LAST_DAY)),
    "id": SortKey("public_id", str),
    "title": SortKey("title", str),
}
PROVISIONS = TitledRecords("provision", "agreements.Provision", "text", search="/api/provisions?q=")


def _with_party(actors: list[Match], values: Mapping[str, Any]) -> Q:
    parties = Party.objects.filter(actor__in=[actor.pk for actor in actors])
    if values["role"]:
        parties = parties.filter(role__in=values["role"])
    return Q(pk__in=parties.values("agreement"))


def _about_place(places: list[Match], _: Mapping[str, Any]) -> Q:
    inside_of = Place.objects.filter(inside(places, "level_{}")).values("pk")
    about = Agreement.places.through.objects.filter(place__in=inside_of)
    within = Provision.objects.filter(place__in=inside_of)
    return Q(pk__in=about.values("agreement")) | Q(pk__in=within.values("agreement"))


def _concerning(actors: list[Match], values: Mapping[str, Any]) -> Q:
    return any_of("obligor")(actors, values) | any_of("beneficiary")(actors, values)


def _due(period: Period, _: Mapping[str, Any]) -> Q:
    return within("due_date", period)


def overdue(day: date, _: Mapping[str, Any]) -> Q:
    """Return the condition that a provision was due before `day` and still open on it.

    `from` and `until` set no day by which to act; "before a day" is over when the day comes. A provision
    is open while it is pending. One that was carried out late, or broken, was open until the day `as_of`
    which that is known. None is open any more once an event that carried it out has ended; one that is
    expected, or failed, did not. One that was carried out in time was never overdue; of one that lapsed, or
    whose status is unknown, nobody knows.
    """
    by = [DueQualifier.ON, DueQualifier.BY, DueQualifier.WITHIN]
    due = Q(due_qualifier__in=by, due_date__lt=day)
    due |= Q(due_qualifier=DueQualifier.BEFORE, due_date__lte=day)
    late = [ProvisionStatus.FULFILLED_LATE, ProvisionStatus.BREACHED]
    still_open = Q(status=ProvisionStatus.PENDING) | Q(status__in=late, as_of__gt=day)
    # By name: events stand above agreements.
    events: Any = Provision._meta.get_field("fulfilled_by").related_model
    carried_out = served(events).filter(fulfils=OuterRef("pk"), end_date__lte=day, **CARRIED_OUT)
    return due & still_open & ~Q(Exists(carried_out))


class AgreementParameters(ListParameters):
    """Filters and orders of /api/agreements."""

    ordered = (("date_from", "date_to"),)

    id = Ids("azerbaijan-armenia-cease-fire-2020")
    q = Search("title", "summary", example="truce")
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
    role = Words(
        PartyRole,
        needs="actor",
        help_text="What `actor` is to it.",
        example="mediator",
    )
    place = Names(
        PLACES,
        narrow=_about_place,
        help_text="Where it applies, as a whole or in one of its provisions: id or any known name; "
        "covers the places inside.",
        example="Nagorno-Karabakh",
    )
    country = Names(
        COUNTRIES,
        narrow=_about_place,
        help_text="A country in which it applies: ISO 3166 code, id or name.",
        example="AZ",
    )
    date = Time(
        narrow=during,
        help_text="When it was concluded: a day, month, year or interval (2020-11-10, 2020-11, 2020, "
        "2020-10/2020-11, 2020-11/..). Matches what may have been then.",
        example="2020-11",
    )
    date_from = From(
        narrow=lambda day, values: during(Period(day, None), values),
        help_text="Concluded on this day or later; of a month or year, its first day.",
        example="2020-11-01",
    )
    date_to = To(
        narrow=lambda day, values: during(Period(None, day), values),
        help_text="Concluded on this day or earlier; of a month or year, its last day.",
        example="2020-11-30",
    )
    dataset = Names(
        DATASETS,
        narrow=any_of("dataset"),
        help_text="The dataset that it is from: id or name.",
        example="aghdam-2020",
    )
    code = Codes(
        "agreements.AgreementCode",
        narrow=coded(AgreementCode, "agreement"),
        help_text="Its code in another dataset, as scheme:code, such as pax:2324.",
        example="pax:2324",
    )
    sort = Sort(ORDERS, default="-date")


class ProvisionParameters(ListParameters):
    """Filters and orders of /api/provisions."""

    ordered = (("due_from", "due_to"),)

    id = Ids("hand-over-of-lachin")
    q = Search("text", example="district")
    agreement = Names(
        AGREEMENTS,
        narrow=any_of("agreement"),
        help_text="The agreement it is part of: id or title.",
        example="azerbaijan-armenia-cease-fire-2020",
    )
    kind = Recorded(
        "agreements.Provision", "kind", help_text="What it is about.", example="territory"
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
    country = Names(
        COUNTRIES,
        narrow=lambda places, _: inside(places, "place__level_{}"),
        help_text="The country in which it applies: ISO 3166 code, id or name.",
        example="AZ",
    )
    actor = Names(
        ACTORS,
        narrow=_concerning,
        help_text="Who has to carry it out or is owed it: id or any known name.",
        example="Armenia",
    )
    obligor = Names(
        ACTORS,
        narrow=any_of("obligor"),
        help_text="Who has to carry it out: id or any known name.",
        example="Armenia",
    )
    beneficiary = Names(
        ACTORS,
        narrow=any_of("beneficiary"),
        help_text="Who it is owed to: id or any known name.",
        example="Azerbaijan",
    )
    due = Time(
        narrow=_due,
        help_text="When it is due: a day, month, year or interval (2020-12-04, 2020-12, 2020, "
        "2020-11/2020-12, 2020-12/..). What has no such day is due at none.",
        example="2020-12",
    )
    due_from = From(
        narrow="due_date__gte",
        help_text="Due on this day or later; of a month or year, its first day.",
        example="2020-12-01",
    )
    due_to = To(
        narrow="due_date__lte",
        help_text="Due on this day or earlier; of a month or year, its last day.",
        example="2020-12-31",
    )
    overdue_on = Day(
        narrow=overdue,
        help_text="Was due before this day and still open on it: pending, or known as carried out late or "
        "broken `as_of` a later day only, and no event that carried it out had ended. What is expected, goes "
        "on or failed has carried out nothing; what is due `from` or `until` a day is never overdue.",
        example="2020-12-05",
    )
    dataset = Names(
        DATASETS,
        narrow=any_of("agreement__dataset"),
        help_text="The dataset that its agreement is from: id or name.",
        example="aghdam-2020",
    )
    sort = Sort(
        {
            "due": SortKey("due_date", date, null_as=(FIRST_DAY, LAST_DAY)),
            "id": SortKey("public_id", str),
        },
        default="due",
    )
