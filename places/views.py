from api.formats import CSV, GEOJSON, JSON, NDJSON
from places.models import Place
from places.queries import PlaceParameters
from places.serializers import PlaceRowSerializer, PlaceSerializer
from sources.views import PublishedViewSet


class PlaceViewSet(PublishedViewSet):
    """Places, with the places around them, their names and who holds them."""

    model = Place
    serializer_class = PlaceSerializer
    row_serializer_class = PlaceRowSerializer
    parameters = PlaceParameters
    formats = (JSON, GEOJSON, CSV, NDJSON)
    noun, tag = "place", "places"
