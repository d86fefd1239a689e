"""What filters of events mean: conditions on events, from the value of a parameter.

A condition that needs another table asks whether there are rows in it, never by a join: then no event is
found twice, and it can be asked of one event as well as of all.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from api.areas import Area, Box, Point
from api.dates import Period
from api.kinds import any_code
from api.resolution import Match
from events.indexes import NO_DEATHS_KNOWN
from events.models import (
    BRIEF,
    Event,
    EventCitation,
    EventCode,
    EventTypeCode,
    Participation,
)
from places.models import Place
from places.queries import around, inside

# Up to so many places of an area are named in the query, which can begin with an index of them then.
NAMED = 1000


def in_place(places: list[Match], values: Mapping[str, Any]) -> Q:
    if values["place_match"] == "exact":
        return Q(place__in=[place.pk for place in places])
    return inside_place(places, values)


def inside_place(places: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(places, "place_level_{}")


def in_box(box: Box, _: Mapping[str, Any]) -> Q:
    return _in_area(box)


def near(point: Point, values: Mapping[str, Any]) -> Q:
    return _in_area(around(point, values))


def _in_area(area: Area) -> Q:
    """Return the condition that an event's own point, or else its place's, lies in `area`."""
    places = Place.objects.filter(area.contains()).values_list("pk", flat=True)
    named = list(places[: NAMED + 1])
    return area.contains() | Q(latitude=None, place__in=named if len(named) <= NAMED else places)


def of_type(types: list[Match], _: Mapping[str, Any]) -> Q:
    roots = [type_.pk for type_ in types if type_.extra["parent"] is None]
    modes = [type_.pk for type_ in types if type_.extra["parent"] is not None]
    of_root, of_mode = Q(root_type__in=roots), Q(type__in=modes)
    return of_root | of_mode if roots and modes else of_root if roots else of_mode


def coded(codes: list[tuple[str, str]], _: Mapping[str, Any]) -> Q:
    return _has(EventCode.objects.filter(any_code(codes)))


def type_coded(codes: list[tuple[str, str]], _: Mapping[str, Any]) -> Q:
    return Q(pk__in=EventTypeCode.objects.filter(any_code(codes)).values("type"))


def of_actors(actors: list[Match]) -> Q:
    """Return the condition on a participation that it is of `actors`."""
    return Q(actor__in=[actor.pk for actor in actors])


def in_role(values: Mapping[str, Any]) -> list[Q]:
    """Return the conditions on a participation that it is in the role asked for, if one is."""
    return [Q(role__in=values["actor_role"])] if values["actor_role"] else []


def takes_part(actors: list[Match], values: Mapping[str, Any]) -> Q:
    rows = Participation.objects.filter(of_actors(actors), *in_role(values))
    return _has(rows)


def part_in(actors: list[Match], _: Mapping[str, Any]) -> Q:
    """Return the condition that one of `actors` took part in any role."""
    return _has(Participation.objects.filter(of_actors(actors)))


def fulfilling(provisions: list[Match], _: Mapping[str, Any]) -> Q:
    return _tied_to(provisions, Event.fulfils.through)


def breaching(provisions: list[Match], _: Mapping[str, Any]) -> Q:
    return _tied_to(provisions, Event.breaches.through)


def _tied_to(provisions: list[Match], ties: Any) -> Q:
    return _has(ties.objects.filter(provision__in=[provision.pk for provision in provisions]))


def citing(sources: list[Match], _: Mapping[str, Any]) -> Q:
    return _has(EventCitation.objects.filter(document__in=[source.pk for source in sources]))


def _has(rows: QuerySet[Any]) -> Q:
    """Return the condition that an event has one of `rows`: cheap to ask of one event, and of all."""
    return Q(Exists(rows.filter(event=OuterRef("pk"))))


def at_least(deaths: int, _: Mapping[str, Any]) -> Q:
    return Q(deaths_best__gte=deaths) | Q(deaths_best=None, deaths_low__gte=deaths)


def deadly(deaths: int) -> Q:
    """Return `at_least` in the terms of the indexes for it."""
    best = Coalesce(F("deaths_best"), NO_DEATHS_KNOWN[0])
    return Q(GreaterThanOrEqual(best, deaths)) | Q(deaths_best=None, deaths_low__gte=deaths)


def in_time(period: Period, values: Mapping[str, Any]) -> Q:
    """Return the condition that an event may have taken place in `period`, or certainly did.

    It may if it overlaps the period, and unknown ends are open. It certainly did if both of its ends are
    known and lie inside. The date that events are sorted by is their first day, or the first of all when
    that is unknown: so it bounds the walk of an index, too.
    """
    if values["date_match"] == "certain":
        return _certainly_in(period)
    condition = ~Q(start_date=None, end_date=None)
    if period.end:
        condition &= Q(sort_date__lte=period.end)
    if period.start:
        condition &= Q(end_date__gte=period.start) | Q(end_date=None)
    return condition


def near_in_time(start: date) -> list[Q]:
    """Return conditions of which one holds for each event that may have lasted to a day or come after it.

    They hold for few others. The first has an index of its own, the other bounds any index by date.
    """
    return [Q(lasting=True), Q(lasting=False, sort_date__gte=earliest(start))]


def earliest(start: date) -> date:
    """Return the first day on which an event that is not `lasting` may have begun to last to `start`."""
    return start - min(timedelta(days=BRIEF), start - date.min)


def _certainly_in(period: Period) -> Q:
    condition = Q(start_date__isnull=False, end_date__isnull=False)
    if period.start:
        condition &= Q(sort_date__gte=period.start)
    if period.end:
        condition &= Q(sort_date__lte=period.end, end_date__lte=period.end)
    return condition
