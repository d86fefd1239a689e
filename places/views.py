from api.views import ResourceViewSet
from places.models import Place
from places.queries import PlaceParameters
from places.serializers import PlaceSerializer


class PlaceViewSet(ResourceViewSet):
    """Places, with the places around them, their names and who holds them."""

    model = Place
    serializer_class = PlaceSerializer
    parameters = PlaceParameters
    noun, tag = "place", "places"
