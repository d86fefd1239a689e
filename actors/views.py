from actors.models import Actor
from actors.queries import ActorParameters
from actors.serializers import ActorRowSerializer, ActorSerializer
from sources.views import PublishedViewSet


class ActorViewSet(PublishedViewSet):
    """Actors, with their names, offices and the places they hold."""

    model = Actor
    serializer_class = ActorSerializer
    row_serializer_class = ActorRowSerializer
    parameters = ActorParameters
    noun, tag = "actor", "actors"
