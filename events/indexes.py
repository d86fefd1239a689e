"""The indexes of events and their terms: what makes every list a walk of one of them, or few rows to gather.

Those of a filter begin with it and go on by date; events without the usual value have some to themselves, as
every index is paid for by every event.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OrderBy, Q, Value
from django.db.models.functions import Coalesce, Floor, Left

from api.orders import COMPARED
from events.choices import Certainty, EventStatus
from places.models import LEVELS

# What most events are: others have an index to themselves.
USUAL = {"status": EventStatus.OCCURRED, "certainty": Certainty.REPORTED}

# What stands for null when events are sorted by deaths, from most and from least.
NO_DEATHS_KNOWN = (-1, 2**31 - 1)

OF_EVENTS = [
    models.Index(F("sort_date").desc(), F("id").desc(), name="events_event_date"),
    *[
        models.Index(
            F(f"place_level_{level}"),
            F("sort_date").desc(),
            F("id").desc(),
            name=f"events_event_place_{level}",
        )
        for level in range(1, LEVELS + 1)
    ],
    models.Index(F("type"), F("sort_date").desc(), F("id").desc(), name="events_event_type"),
    models.Index(
        F("root_type"), F("sort_date").desc(), F("id").desc(), name="events_event_root_type"
    ),
    models.Index(F("place"), F("sort_date").desc(), F("id").desc(), name="events_event_place"),
    models.Index(F("updated_at"), F("id"), name="events_event_updated"),
    # The other orders, with what stands for null in them (events/queries.py).
    *[
        models.Index(
            OrderBy(Coalesce(F("deaths_best"), Value(null)), descending=descending),
            OrderBy(F("id"), descending=descending),
            name=name,
        )
        for name, null, descending in (
            ("events_event_most_deaths", NO_DEATHS_KNOWN[0], True),
            ("events_event_least_deaths", NO_DEATHS_KNOWN[1], False),
        )
    ],
    models.Index(Left("title", COMPARED), F("id"), name="events_event_title"),
    # Few events have these.
    models.Index(
        F("deaths_low"),
        condition=Q(deaths_best__isnull=True, deaths_low__isnull=False),
        name="events_event_deaths_low",
    ),
    *[
        models.Index(
            F(field),
            F("sort_date").desc(),
            F("id").desc(),
            condition=~Q(**{field: usual}),
            name=f"events_event_{field}",
        )
        for field, usual in USUAL.items()
    ],
    models.Index(
        F("sort_date").desc(),
        F("id").desc(),
        condition=Q(lasting=True),
        name="events_event_lasting",
    ),
    # Of these, which had not ended when a time began.
    models.Index(F("end_date"), condition=Q(lasting=True), name="events_event_lasting_end"),
    models.Index(
        F("place"),
        F("sort_date").desc(),
        F("id").desc(),
        condition=Q(latitude__isnull=True),
        name="events_event_pointless",
    ),
    # By latitude, then longitude; the order comes along for areas with many events.
    models.Index(
        fields=["latitude", "longitude"],
        include=["sort_date", "id"],
        condition=Q(latitude__isnull=False),
        name="events_event_point",
    ),
    models.Index(
        F("agreement"),
        F("sort_date").desc(),
        F("id").desc(),
        condition=Q(agreement__isnull=False),
        name="events_event_agreement",
    ),
    models.Index(F("part_of"), condition=Q(part_of__isnull=False), name="events_event_part_of"),
    GinIndex(fields=["search"], name="events_event_search"),
    # All that is summed up, and by what: a summary reads it and not the events.
    models.Index(
        fields=["place_level_1", "start_date"],
        include=[
            *("id", "dataset", "end_date", "type", "root_type", "status", "place"),
            *("deaths_low", "deaths_best", "deaths_high"),
            *("displaced_low", "displaced_best", "displaced_high"),
        ],
        name="events_event_summary",
    ),
]

OF_TERMS = [
    # What waits to be sorted in is read through by each query: little waits, in kilobytes.
    GinIndex(fields=["terms"], name="events_eventterms_terms", gin_pending_list_limit=512),
    models.Index(fields=["sort_date"], name="events_eventterms_date"),
    # By bands of a degree, in each of which an area is one stretch.
    models.Index(Floor("latitude"), F("longitude"), F("latitude"), name="events_eventterms_point"),
]
