"""What can be asked of events, and the plan by which their keys are found.

A *plan* walks one index that begins with the narrowest filter and goes on in the order of the list.
Without an actor that is an index of events; with one, and sorted by date, it is the index of
participations, which carry a copy of the event's date for this.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q

from actors.queries import ACTORS
from agreements.queries import AGREEMENTS, any_of
from api.dates import Period
from api.keys import Keys, SortKey, leaves
from api.lists import ListParameters, Sort
from api.parameters import Day, Names, Parameter, Time, Values, Whole, Word
from api.problems import ParameterError
from api.resolution import LabelledRecords, Match
from events.models import Event, Participation
from places.queries import COUNTRIES, PLACES, inside
from sources.models import Dataset

DATASETS = LabelledRecords("dataset", "sources.Dataset", ("name",))
TYPES = LabelledRecords(
    "event type", "events.EventType", ("code", "label"), extra=("parent",), closed=True
)
LARGEST_INTEGER = 2**31 - 1
ORDERS = {
    "date": SortKey("sort_date", date),
    "deaths": SortKey("deaths_best", int, null_as=(-1, LARGEST_INTEGER)),
    "title": SortKey("title", str),
    "updated_at": SortKey("updated_at", datetime),
}


def _in_place(places: list[Match], values: Mapping[str, Any]) -> Q:
    if values["place_match"] == "exact":
        return Q(place__in=[place.pk for place in places])
    return inside(places, "place_level_{}")


def _in_country(places: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(places, "place_level_{}")


def _of_type(types: list[Match], _: Mapping[str, Any]) -> Q:
    roots = [type_.pk for type_ in types if type_.extra["parent"] is None]
    modes = [type_.pk for type_ in types if type_.extra["parent"] is not None]
    of_root, of_mode = Q(root_type__in=roots), Q(type__in=modes)
    return of_root | of_mode if roots and modes else of_root if roots else of_mode


def _took_part(actors: list[Match], _: Mapping[str, Any]) -> Q:
    took_part = Participation.objects.filter(actor__in=[actor.pk for actor in actors])
    return Q(pk__in=took_part.values("event"))


def overlapping(period: Period, _: Mapping[str, Any]) -> Q:
    """Return the condition that an event may have taken place in `period`; unknown ends are open.

    The date that events are sorted by is their first day, or the first of all when that is unknown:
    so it bounds the walk of an index, too.
    """
    condition = ~Q(start_date=None, end_date=None)
    if period.end:
        condition &= Q(sort_date__lte=period.end)
    if period.start:
        condition &= Q(end_date__gte=period.start) | Q(end_date=None)
    return condition


class EventParameters(ListParameters):
    """Filters and orders of /api/events."""

    place = Names(
        PLACES,
        narrow=_in_place,
        help_text="Where it happened: id or any known name, in any spelling, case or script. "
        "Covers the places inside it.",
        example="Aghdam",
        prefill=True,
    )
    place_match = Word(
        ["within", "exact"],
        default="within",
        needs="place",
        help_text="`within`, the default: `place` covers the places inside it; `exact`: that place alone.",
        example="exact",
    )
    country = Names(
        COUNTRIES,
        narrow=_in_country,
        help_text="The country that it happened in: ISO 3166 code, id or name.",
        example="AZ",
    )
    actor = Names(
        ACTORS,
        narrow=_took_part,
        help_text="Who took part, in any role: id or any known name.",
        example="Azerbaijan",
    )
    type = Names(
        TYPES,
        narrow=_of_type,
        help_text="Type of event, as /api/event-types lists them; a type covers its modes.",
        example="PROTEST",
    )
    date = Time(
        narrow=overlapping,
        help_text="When: a day, month, year or interval (2020-11-20, 2020-11, 2020, "
        "2020-10/2020-11, 2020-11-20/..). Matches events whose own time overlaps it.",
        example="2020-11",
    )
    date_from = Day(
        narrow=lambda day, values: overlapping(Period(day, None), values),
        help_text="Events that lasted to this day or came after it.",
        example="2020-11-01",
    )
    date_to = Day(
        narrow=lambda day, values: overlapping(Period(None, day), values),
        help_text="Events that began on this day or before it.",
        example="2020-11-30",
    )
    deaths_min = Whole(
        0,
        LARGEST_INTEGER,
        narrow=lambda number, _: (
            Q(deaths_best__gte=number) | Q(deaths_best=None, deaths_low__gte=number)
        ),
        help_text="At least so many deaths: by the best figure or, where there is none, the lowest.",
        example=1000,
    )
    deaths_max = Whole(
        0,
        LARGEST_INTEGER,
        narrow=lambda number, _: (
            Q(deaths_best__lte=number) | Q(deaths_best=None, deaths_high__lte=number)
        ),
        help_text="At most so many deaths: by the best figure or, where there is none, the highest. "
        "Events of which nothing is known are left out.",
        example=30000,
    )
    dataset = Names(
        DATASETS,
        narrow=any_of("dataset"),
        help_text="The dataset that it is from: id or name.",
        example="aghdam-2020",
    )
    agreement = Names(
        AGREEMENTS,
        narrow=any_of("agreement"),
        help_text="Events about an agreement: id or title.",
        example="azerbaijan-armenia-cease-fire-2020",
    )
    q = Parameter(
        narrow=lambda text, _: Q(
            search=SearchQuery(text, search_type="websearch", config="english")
        ),
        help_text='Words in title and summary: `cease-fire`, `"six weeks"`, `truce or protest`, '
        "`-Baku`.",
        example="troops",
    )
    sort = Sort(ORDERS, default="-date")

    @classmethod
    def check(cls, values: Mapping[str, Any], /) -> Iterator[ParameterError]:
        """Yield the error of a time that ends before it begins."""
        first, last = values["date_from"], values["date_to"]
        if first and last and last < first:
            detail = f"`date_to` is before `date_from` ({first}); exchange the two."
            yield ParameterError("date_to", str(last), "out_of_order", detail)


def plan(values: Values) -> Keys:
    """Return the rows to walk for the query."""
    if "actor" not in values.given or values["sort"].key.column != "sort_date":
        return Keys.of(Event, values.conditions())
    actors = [actor.pk for actor in values["actor"]]
    rest = values.conditions(leave_out=["actor"])
    # Asked for first: as a rule none is withheld, and no event has to be looked up for it.
    withheld = list(Dataset.objects.filter(served=False).values_list("pk", flat=True))
    if withheld:
        rest = [*rest, ~Q(dataset__in=withheld)]
    rows = Participation.objects.filter(*[of_participation(condition) for condition in rest])
    # An actor may have two roles in an event; the event is listed once.
    return Keys(rows.filter(actor__in=actors).distinct(), pk="event_id")


def of_participation(condition: Q) -> Q:
    """Return a condition on events as one on their participations.

    Participations have the date of the event themselves. A condition that holds expressions cannot
    be put in other words, and stays one on events.
    """
    if any(not lookup or isinstance(value, F) for lookup, value in leaves(condition)):
        return Q(event__in=Event.objects.filter(condition).values("pk"))
    children = [
        of_participation(child) if isinstance(child, Q) else _of_participation(child)
        for child in condition.children
    ]
    return Q.create(children, connector=condition.connector, negated=condition.negated)  # type: ignore[arg-type]


def _of_participation(leaf: Any) -> tuple[str, Any]:
    lookup, value = leaf
    return (lookup if lookup.startswith("sort_date") else f"event__{lookup}"), value


class EventTypeParameters(ListParameters):
    """Filters and orders of /api/event-types."""

    root = Names(  # type: ignore[assignment]
        TYPES,
        narrow=any_of("root"),
        help_text="A type, for itself and its modes.",
        example="RETREAT",
    )
    sort = Sort({"code": SortKey("code", str)}, default="code")
