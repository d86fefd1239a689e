from django.db.models import Expression, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from api.bodies import texts_of
from api.formats import CSV, GEOJSON, JSON, NDJSON
from api.keys import Keys
from api.parameters import Values
from api.summaries import SummaryView
from api.views import ResourceViewSet
from events.models import Event, EventBody, EventType
from events.plan import plan
from events.queries import EventParameters, EventTypeParameters
from events.serializers import EventRowSerializer, EventSerializer, EventTypeSerializer
from events.summaries import FIGURES, GROUPINGS, EventSummaryParameters
from sources.views import ImportedViewSet, Published


class EventViewSet(ImportedViewSet):
    """What happened, where, when, who took part and how we know."""

    # The plan finds keys, and bodies are stored as they are served.

    model = Event
    serializer_class = EventSerializer
    row_serializer_class = EventRowSerializer
    parameters = EventParameters
    formats = (JSON, GEOJSON, CSV, NDJSON)
    noun, tag = "event", "events"
    collection = "events"

    def keys(self, values: Values) -> Keys:
        return plan(values)

    @property
    def body(self) -> Expression:
        stored = EventBody.objects.filter(event=OuterRef("pk")).values("body")
        # As below; of its own, so that what is not missing is not looked for.
        anew = Event._base_manager.filter(pk=OuterRef("pk")).values_list(super().body)
        return Coalesce(Subquery(stored), Subquery(anew))

    def bodies(self, keys: list[int]) -> dict[int, str]:
        stored = texts_of(EventBody, keys, F, "body")
        # None is missing unless a bulk load was left unfinished; then it is written as it is asked.
        missing = [key for key in keys if key not in stored]
        return stored | super().bodies(missing) if missing else stored

    def _named(self, public_id: str) -> str | None:
        return self._one(public_id, "stored", F("body__body")) or super()._named(public_id)


class EventSummaryView(Published, SummaryView):
    """Counts and sums of the events that a query finds, grouped by one or two of their properties."""

    model = Event
    parameters = EventSummaryParameters
    groupings = GROUPINGS
    figures = FIGURES
    noun, tag, operation_id = "event", "events", "summarizeEvents"


class EventTypeViewSet(ResourceViewSet):
    """The vocabulary of event types, with their codes in other schemes."""

    model = EventType
    serializer_class = EventTypeSerializer
    parameters = EventTypeParameters
    noun, tag = "event type", "vocabularies"
