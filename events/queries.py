"""What can be asked of events."""

from datetime import date, datetime

from django.db.models import Q

from actors.queries import ACTORS
from agreements.queries import AGREEMENTS, PROVISIONS
from api.dates import Period
from api.kinds import Bounds, Codes, Distance, From, Ids, Moment, Spot, Time, To
from api.lists import ListParameters, Sort
from api.orders import SortKey
from api.parameters import Names, Whole, Word, Words, any_of, none_of
from api.resolution import LabelledRecords
from api.search import Search
from events.choices import Certainty, EventStatus, Role
from events.conditions import (
    at_least,
    breaching,
    citing,
    coded,
    fulfilling,
    in_box,
    in_place,
    in_time,
    inside_place,
    near,
    of_type,
    part_in,
    takes_part,
    type_coded,
)
from events.indexes import NO_DEATHS_KNOWN
from places.queries import BBOX, COUNTRIES, FARTHEST, NEAR, PLACES, RADIUS
from sources.queries import DATASETS, SOURCES

TYPES = LabelledRecords(
    "event type", "events.EventType", ("code", "label"), extra=("parent",), closed=True
)
ROOT_TYPES = LabelledRecords(
    "root type", "events.EventType", ("code", "label"), only=(("parent", None),), closed=True
)
LARGEST_INTEGER = 2**31 - 1
WHERE = "Where an event has no coordinates of its own, those of its place count."
ORDERS = {
    "date": SortKey("sort_date", date),
    "deaths": SortKey("deaths_best", int, null_as=NO_DEATHS_KNOWN),
    "title": SortKey("title", str),
    "updated_at": SortKey("updated_at", datetime),
    # The best first, though the order is ascending.
    "relevance": SortKey("irrelevance", float, needs="q"),
}


class EventParameters(ListParameters):
    """Filters and orders of /api/events."""

    ordered = (("date_from", "date_to"), ("deaths_min", "deaths_max"))

    id = Ids("azerbaijani-forces-enter-aghdam")
    place = Names(
        PLACES,
        narrow=in_place,
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
        narrow=inside_place,
        help_text="The country that it happened in: ISO 3166 code, id or name.",
        example="AZ",
    )
    actor = Names(
        ACTORS,
        narrow=takes_part,
        help_text="Who took part, in any role: id or any known name.",
        example="Azerbaijan",
    )
    actor_role = Words(
        Role,
        needs="actor",
        help_text="What `actor` was to the event: of several actors, any, in any of the roles.",
        example="participant",
    )
    type = Names(
        TYPES,
        narrow=of_type,
        help_text="Type of event, as /api/event-types lists them; a type covers its modes.",
        example="PROTEST",
    )
    root_type = Names(
        ROOT_TYPES,
        narrow=any_of("root_type"),
        help_text="Root type of event: one without a mode.",
        example="RETREAT",
    )
    code = Codes(
        "events.EventCode",
        narrow=coded,
        help_text="Code of the event in another scheme, as scheme:code, such as cameo:190.",
        example="cameo:190",
    )
    status = Words(
        EventStatus, narrow="status__in", help_text="Whether it took place.", example="expected"
    )
    certainty = Words(
        Certainty, narrow="certainty__in", help_text="How sure the source is.", example="reported"
    )
    date = Time(
        narrow=in_time,
        help_text="When: a day, month, year or interval (2020-11-20, 2020-11, 2020, "
        "2020-10/2020-11, 2020-11-20/..). Matches events whose own time overlaps it.",
        example="2020-11",
    )
    date_from = From(
        narrow=lambda day, values: in_time(Period(day, None), values),
        help_text="Events that lasted to this day or came after it; of a month or year, its first day.",
        example="2020-11-01",
    )
    date_to = To(
        narrow=lambda day, values: in_time(Period(None, day), values),
        help_text="Events that began on this day or before it; of a month or year, its last day.",
        example="2020-11-30",
    )
    date_match = Word(
        ["possible", "certain"],
        default="possible",
        needs=("date", "date_from", "date_to"),
        help_text="`possible`, the default: dates match events that may have taken place then; `certain`: "
        "only those of which first and last day are known, and lie inside.",
        example="certain",
    )
    deaths_min = Whole(
        0,
        LARGEST_INTEGER,
        narrow=at_least,
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
    fulfils = Names(
        PROVISIONS,
        narrow=fulfilling,
        help_text="Events that carry a provision out, if they take place (`status`): its id or text.",
        example="hand-over-of-aghdam",
    )
    breaches = Names(
        PROVISIONS,
        narrow=breaching,
        help_text="Events that break a provision, if they take place (`status`): its id or text.",
        example="hand-over-of-aghdam",
    )
    source = Names(  # type: ignore[assignment]
        SOURCES,
        narrow=citing,
        help_text="Events that rest on a source: its id or title.",
        example="npr-2020-11-20",
    )
    bbox = Bounds(narrow=in_box, help_text=f"{BBOX} {WHERE}", example="44.7,38.8,50.4,41.9")
    near = Spot(narrow=near, needs="radius_km", help_text=f"{NEAR} {WHERE}", example="39.99,46.93")
    radius_km = Distance(FARTHEST, needs="near", help_text=RADIUS, example=50)
    updated_since = Moment(
        narrow="updated_at__gte",
        help_text="Events that changed at this moment (RFC 3339, with Z or an offset) or later. Ask next "
        "time from the last `updated_at` that you have seen; events of that moment come again.",
        example="2020-11-20T00:00:00Z",
    )
    q = Search("title", "summary", kept="search", example="troops")
    exclude_place = Names(
        PLACES,
        narrow=none_of(inside_place),
        help_text="Leave out what happened here or in a place inside; what has no place stays.",
        example="Baku",
    )
    exclude_actor = Names(
        ACTORS,
        narrow=none_of(part_in),
        help_text="Leave out events in which this actor took part, in any role.",
        example="Armenia",
    )
    exclude_type = Names(
        TYPES,
        narrow=none_of(of_type),
        help_text="Leave out events of this type; a type covers its modes.",
        example="SUPPORT",
    )
    exclude_dataset = Names(
        DATASETS,
        narrow=none_of(any_of("dataset")),
        help_text="Leave out events of this dataset.",
        example="aghdam-2020",
    )
    sort = Sort(ORDERS, default="-date", earliest=["date"])


class EventTypeParameters(ListParameters):
    """Filters and orders of /api/event-types."""

    id = Ids("retreat-withdraw")
    q = Search("code", "label", "definition", example="withdraw")
    code = Codes(
        "events.EventTypeCode",
        narrow=type_coded,
        help_text="Types that a code of another scheme matches, as scheme:code, such as cameo:190.",
        example="cameo:190",
    )
    root = Names(  # type: ignore[assignment]
        TYPES,
        narrow=any_of("root"),
        help_text="A type, for itself and its modes.",
        example="RETREAT",
    )
    sort = Sort({"code": SortKey("code", str)}, default="code")
