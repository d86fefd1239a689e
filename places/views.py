from django.db.models import F

from api.formats import CSV, GEOJSON, JSON, NDJSON
from api.keys import Keys
from api.parameters import Values
from places.models import Place
from places.queries import PlaceParameters, typed
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

    def keys(self, values: Values) -> Keys:
        # Countries before what lies in them.
        return typed(Place, values, F("depth"))
