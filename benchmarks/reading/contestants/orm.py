"""The questions as Django's users write them, for the two contestants that are Django projects."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from benchmarks.reading.contestants.sql import MEASURES
from events.models import Event
from places.models import Place, PlaceName

ONE = ("type__root", "dataset", "release", "place__country")
MANY = ("participations__actor__country", "codes")


def whole() -> QuerySet[Event]:
    """Return events with all that is told of them, the newest first."""
    events: QuerySet[Event] = Event._base_manager.order_by("-sort_date", "-id")
    return events.select_related(*ONE).prefetch_related(*MANY)


def found(events: QuerySet[Event], query: Mapping[str, Any]) -> QuerySet[Event]:
    """Return those of `events` that the query asks for."""
    if place := query.get("place"):
        row = PlaceName.objects.select_related("place").get(key=place.lower()).place
        events = events.filter(**{f"place_level_{row.depth}": row.pk})
    if actor := query.get("actor"):
        events = events.filter(participations__actor__public_id=actor)
    if type_ := query.get("type"):
        events = events.filter(type__code=type_)
    if last := query.get("date_to"):
        events = events.filter(sort_date__lte=last)
    if first := query.get("date_from"):
        events = events.filter(Q(end_date__gte=first) | Q(end_date=None))
    if words := query.get("q"):
        search = SearchQuery(words, config="english", search_type="websearch")
        events = events.filter(search=search)
    if bbox := query.get("bbox"):
        events = events.filter(_inside(*map(float, bbox.split(","))))
    return events


def _inside(west: float, south: float, east: float, north: float) -> Q:
    box = {"latitude__range": (south, north), "longitude__range": (west, east)}
    return Q(**box) | Q(latitude=None, place__in=Place.objects.filter(**box))


def by_month(query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the events of the query counted and added up by month of the first day."""
    figures = {f"sum_{name}": Sum(name) for name in MEASURES}
    known = {f"known_{name}": Count(name) for name in MEASURES}
    whole_in_month = Q(end_date=F("start_date")) | Q(end_month=F("month"))
    rows = (
        found(Event._base_manager.order_by(), query)
        .annotate(month=TruncMonth("start_date"), end_month=TruncMonth("end_date"))
        .values("month")
        .annotate(
            number=Count("pk"), certain=Count("pk", filter=whole_in_month), **figures, **known
        )
        .order_by("month")
    )
    return [_group(row) for row in rows]


def _group(row: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "month": row["month"].strftime("%Y-%m"),
        "count": row["number"],
        "beyond": row["number"] - row["certain"],
    }
    for name in MEASURES:
        figure, bound = name.split("_")
        sums = {bound: row[f"sum_{name}"], f"{bound}_known": row[f"known_{name}"]}
        told.setdefault(figure, {}).update(sums)
    return told
