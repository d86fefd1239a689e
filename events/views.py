from api.keys import Keys
from api.parameters import Values
from api.views import ResourceViewSet
from events.models import Event, EventBody, EventType
from events.queries import EventParameters, EventTypeParameters, plan
from events.serializers import EventSerializer, EventTypeSerializer


class EventViewSet(ResourceViewSet):
    """Events: the plan finds their keys, their bodies are stored as they are served."""

    model = Event
    serializer_class = EventSerializer
    parameters = EventParameters
    noun, tag = "event", "events"

    def keys(self, values: Values) -> Keys:
        return plan(values)

    def bodies(self, keys: list[int]) -> dict[int, str]:
        return dict(EventBody.objects.filter(pk__in=keys).values_list("pk", "body"))

    def _named(self, public_id: str) -> str | None:
        bodies = EventBody.objects.filter(event__public_id=public_id)
        return bodies.values_list("body", flat=True).first()


class EventTypeViewSet(ResourceViewSet):
    """The vocabulary of event types, with their codes in other schemes."""

    model = EventType
    serializer_class = EventTypeSerializer
    parameters = EventTypeParameters
    noun, tag = "event type", "vocabularies"
