"""The stored bodies of events."""

from api.stored import StoredBody
from events.models import Event, EventBody
from events.serializers import EventSerializer

EVENT_BODIES = StoredBody(EventSerializer, Event, EventBody)
