"""What events can be grouped by when they are summed up, and what is asked for that."""

from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from rest_framework import serializers

from actors.serializers import ActorBriefSerializer
from api.groups import Grouping, Overlapping, TimeGrouping
from api.state import remembered
from api.summaries import By, SummaryParameters
from events.choices import EventStatus
from events.models import Participation
from events.queries import EventParameters
from events.serializers import TypeSerializer
from places.choices import PlaceKind
from places.models import Place
from places.serializers import CountrySerializer, PlaceBriefSerializer
from sources.serializers import DatasetBriefSerializer

FIGURES = ("deaths", "displaced")
# Events that are named one by one in a statement.
FEW = 1_000


class ByActor(Overlapping):
    """A grouping by who took part: an event is in the group of each, once in whatever roles."""

    def once(self, rows: QuerySet[Any], many: bool) -> QuerySet[Any]:
        earlier = Participation.objects.filter(
            event=OuterRef("pk"), actor=OuterRef("actor"), pk__lt=OuterRef("participation")
        )
        rows = rows.alias(actor=F("participations__actor"), participation=F("participations__pk"))
        if not many:
            return rows.filter(~Exists(earlier))
        # To look at each what else its actor does there takes longer than all the rest. Few events have an
        # actor in two roles; which, an index tells that is read once.
        roles = Participation.objects.order_by().values("event", "actor")
        twice = roles.annotate(roles=Count("*")).filter(roles__gt=1).values_list("event", flat=True)
        known = remembered("two roles", lambda: list(twice[: FEW + 1]))
        events: Any = known if len(known) <= FEW else twice
        return rows.filter(~Q(pk__in=events) | ~Q(Exists(earlier)))


def _time(unit: str, form: str) -> TimeGrouping:
    sentence = f"The {unit} of the first day, as {form}; null is unknown."
    field = serializers.CharField(allow_null=True, help_text=sentence)
    return TimeGrouping("start_date", field, unit, "end_date")


def _country() -> Case:
    """Return the outermost place where that is a country or a territory: what else is in none."""
    countries = Place.objects.filter(depth=1, kind__in=[PlaceKind.COUNTRY, PlaceKind.TERRITORY])
    return Case(When(place_level_1__in=countries.values("pk"), then=F("place_level_1")))


GROUPINGS = {
    "year": _time("year", "YYYY"),
    "month": _time("month", "YYYY-MM"),
    "day": _time("day", "YYYY-MM-DD"),
    "type": Grouping("type", TypeSerializer()),
    "root_type": Grouping("root_type", TypeSerializer()),
    "country": Grouping(_country(), CountrySerializer(allow_null=True)),
    "place": Grouping("place", PlaceBriefSerializer(allow_null=True)),
    "actor": ByActor("participations__actor", ActorBriefSerializer(allow_null=True)),
    "status": Grouping("status", serializers.ChoiceField(choices=EventStatus.choices)),
    "dataset": Grouping("dataset", DatasetBriefSerializer()),
}
# The words for them, and what they mean.
WORDS = {
    "year": "year of the first day",
    "month": "month of the first day",
    "day": "first day",
    "type": "type or mode",
    "root_type": "type, with its modes",
    "country": "outermost place, if that is a country or a territory",
    "place": "place that the event is at, not what that lies in",
    "actor": "who took part, in whatever role: an event is in the group of each",
    "status": "whether it took place",
    "dataset": "dataset that it is from",
}
CHOICES = list(WORDS.items())


class EventSummaryParameters(SummaryParameters, EventParameters):
    """Filters of /api/events, and what to group what they find by."""

    by = By(WORDS, example="month")
