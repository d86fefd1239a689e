"""The stored bodies of events, and with them what events are found by."""

from api.stored import StoredBody
from events.models import Event, EventBody
from events.serializers import EventSerializer
from events.terms import TERMS

EVENT_BODIES = StoredBody(EventSerializer, Event, EventBody, along=[TERMS])
