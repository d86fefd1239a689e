from actors.models import Actor
from actors.queries import ActorParameters
from actors.serializers import ActorRowSerializer, ActorSerializer
from api.keys import Keys
from api.parameters import Values
from places.queries import typed
from sources.views import PublishedViewSet


class ActorViewSet(PublishedViewSet):
    """Actors, with their names, offices and the places they hold."""

    model = Actor
    serializer_class = ActorSerializer
    row_serializer_class = ActorRowSerializer
    parameters = ActorParameters
    noun, tag = "actor", "actors"

    def keys(self, values: Values) -> Keys:
        return typed(Actor, values)
