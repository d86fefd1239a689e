"""Django REST framework as most people write it: a ModelViewSet, nested serializers, numbered pages.

`select_related` and `prefetch_related` are there, so no row costs a query of its own.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ModelViewSet

from actors.models import Actor
from benchmarks.reading.contestants import orm
from benchmarks.reading.contestants.sql import PAGE
from events.models import Event, EventCode, EventType, Participation
from places.models import Place
from sources.models import Dataset


class Named(serializers.ModelSerializer[Any]):
    """A record with its id and address."""

    id = serializers.CharField(source="public_id")
    url = serializers.SerializerMethodField()
    collection = ""

    def get_url(self, record: Any) -> str:
        return f"/api/{self.collection}/{record.public_id}"


class TypeSerializer(serializers.ModelSerializer[EventType]):
    root = serializers.CharField(source="root.code")  # type: ignore[assignment]

    class Meta:
        model = EventType
        fields = ["code", "label", "root"]


class CodeSerializer(serializers.ModelSerializer[EventCode]):
    class Meta:
        model = EventCode
        fields = ["scheme", "code"]


class CountrySerializer(Named):
    class Meta:
        model = Place
        fields = ["id", "name", "iso2", "iso3"]

    url = None  # type: ignore[assignment]


class PlaceSerializer(Named):
    country = CountrySerializer()
    collection = "places"

    class Meta:
        model = Place
        fields = ["id", "url", "name", "kind", "country", "latitude", "longitude"]


class ActorSerializer(Named):
    country = serializers.CharField(source="country.name", default=None)
    collection = "actors"

    class Meta:
        model = Actor
        fields = ["id", "url", "name", "kind", "country"]


class ParticipantSerializer(serializers.ModelSerializer[Participation]):
    actor = ActorSerializer()

    class Meta:
        model = Participation
        fields = ["role", "actor", "name_in_source", "deaths"]


class DatasetSerializer(Named):
    collection = "datasets"

    class Meta:
        model = Dataset
        fields = ["id", "url", "name", "licence"]


class DateSerializer(serializers.ModelSerializer[Event]):
    start = serializers.DateField(source="start_date")
    end = serializers.DateField(source="end_date")
    precision = serializers.CharField(source="date_precision")

    class Meta:
        model = Event
        fields = ["start", "end", "precision", "edtf"]


class CoordinatesSerializer(serializers.ModelSerializer[Event]):
    class Meta:
        model = Event
        fields = ["latitude", "longitude"]


class DeathsSerializer(serializers.ModelSerializer[Event]):
    low = serializers.IntegerField(source="deaths_low")
    best = serializers.IntegerField(source="deaths_best")
    high = serializers.IntegerField(source="deaths_high")
    civilians = serializers.IntegerField(source="deaths_civilians")
    unknown = serializers.IntegerField(source="deaths_unknown")
    note = serializers.CharField(source="deaths_note")

    class Meta:
        model = Event
        fields = ["low", "best", "high", "civilians", "unknown", "note"]


class DisplacedSerializer(serializers.ModelSerializer[Event]):
    low = serializers.IntegerField(source="displaced_low")
    best = serializers.IntegerField(source="displaced_best")
    high = serializers.IntegerField(source="displaced_high")
    note = serializers.CharField(source="displaced_note")

    class Meta:
        model = Event
        fields = ["low", "best", "high", "note"]


class EventSerializer(Named):
    """An event with all that belongs to it."""

    collection = "events"
    type = TypeSerializer()
    codes = CodeSerializer(many=True)
    date = DateSerializer(source="*")
    place = PlaceSerializer()
    coordinates = CoordinatesSerializer(source="*")
    participants = ParticipantSerializer(many=True, source="participations")
    deaths = DeathsSerializer(source="*")
    displaced = DisplacedSerializer(source="*")
    agreement = serializers.ReadOnlyField(default=None)
    fulfils = serializers.ReadOnlyField(source="absent", default=[])
    breaches = serializers.ReadOnlyField(source="absent", default=[])
    part_of = serializers.ReadOnlyField(source="absent", default=None)
    related = serializers.ReadOnlyField(source="absent", default=[])
    sources = serializers.ReadOnlyField(source="absent", default=[])
    dataset = DatasetSerializer()
    release = serializers.CharField(source="release.version")
    updated_at = serializers.DateTimeField(format="%Y-%m-%dT%H:%M:%SZ")

    class Meta:
        model = Event
        fields = [
            *("id", "url", "title", "summary", "type", "codes", "status", "certainty", "date"),
            *("place", "place_precision", "place_name_in_source", "coordinates", "participants"),
            *("deaths", "displaced", "agreement", "fulfils", "breaches", "part_of", "related"),
            *("sources", "dataset", "release", "updated_at", "revision"),
        ]


class Pages(PageNumberPagination):
    """Numbered pages, with the count that the framework makes of them."""

    page_size = PAGE


class EventViewSet(ModelViewSet[Event]):
    """Events, their summary by month, and one event by its id."""

    serializer_class = EventSerializer
    pagination_class = Pages
    lookup_field = "public_id"

    def get_queryset(self) -> QuerySet[Event]:
        return orm.found(orm.whole(), self.request.query_params)

    @action(detail=False)
    def summary(self, request: Request) -> Response:
        return Response({"groups": orm.by_month(request.query_params)})


router = SimpleRouter(trailing_slash=False)
router.register("api/events", EventViewSet, "event")
urlpatterns = router.urls
