from actors.models import Actor
from actors.queries import ActorParameters
from actors.serializers import ActorSerializer
from api.views import ResourceViewSet


class ActorViewSet(ResourceViewSet):
    """Actors, with their names, offices and the places they hold."""

    model = Actor
    serializer_class = ActorSerializer
    parameters = ActorParameters
    noun, tag = "actor", "actors"
