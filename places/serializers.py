from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.bodies import JsonArray, json_of
from api.flat import JoinedField, text_cell
from api.selection import Expansion
from api.serializers import ReadOnly, RecordSerializer, UrlField, id_field
from places.choices import NameKind
from places.models import LEVELS, Place
from sources.serializers import (
    CitationSerializer,
    CodeSerializer,
    IntervalSerializer,
    SourceSerializer,
)


class CountrySerializer(RecordSerializer):
    """The country that a place lies in."""

    id = id_field()

    class Meta:
        model = Place
        fields = ["id", "name", "iso2", "iso3"]


class PlaceBriefSerializer(RecordSerializer):
    """A place in a line."""

    id = id_field()
    url = UrlField("places")
    country = CountrySerializer(allow_null=True)

    class Meta:
        model = Place
        fields = ["id", "url", "name", "kind", "country", "latitude", "longitude"]


class AncestorSerializer(RecordSerializer):
    """A place that contains another."""

    id = id_field()
    url = UrlField("places")

    class Meta:
        model = Place
        fields = ["id", "url", "name", "kind"]


@extend_schema_field(AncestorSerializer(many=True))
class AncestorsField(serializers.Field[Any, Any, Any, Any]):
    """The places that contain a place, the widest first."""

    child = AncestorSerializer

    def to_representation(self, value: Any) -> Any:
        return self.child(value, many=True).data

    def expression(self, prefix: str) -> Any:
        levels = [OuterRef(f"{prefix}level_{level}") for level in range(1, LEVELS + 1)]
        rows = Place.objects.filter(pk__in=levels, depth__lt=OuterRef(f"{prefix}depth"))
        return JsonArray(
            ArraySubquery(rows.order_by("depth").values_list(json_of(self.child(), Place)))
        )


class NameSerializer(ReadOnly):
    """One of the names of a record; `source` is where it was added from, null when it is its own."""

    name = serializers.CharField()
    language = serializers.CharField(allow_null=True, help_text="BCP 47 tag.")
    kind = serializers.ChoiceField(choices=NameKind.choices)
    source = serializers.CharField(  # type: ignore[assignment]
        source="source.public_id", allow_null=True, help_text="Id of a source."
    )


class HolderSerializer(ReadOnly):
    """The actor that holds a place, in a line."""

    id = id_field()
    url = UrlField("actors")
    name = serializers.CharField()


class ControlSerializer(ReadOnly):
    """A claim of who holds a place, or is recognised to hold it."""

    actor = HolderSerializer()
    kind = serializers.CharField(help_text="recognised, or de-facto: in control on the ground.")
    date = IntervalSerializer(source="*")


class PlaceSerializer(RecordSerializer):
    """A place, with the places that contain it and the names it is known by."""

    id = id_field()
    url = UrlField("places")
    country = CountrySerializer(allow_null=True)
    ancestors = AncestorsField()
    names = NameSerializer(many=True)
    codes = CodeSerializer(many=True)
    control = ControlSerializer(many=True, source="control_claims")
    sources = CitationSerializer(many=True, source="citations")

    expansions = {"sources": Expansion(SourceSerializer, "sources.source")}

    class Meta:
        model = Place
        fields = [
            "id",
            "url",
            "name",
            "kind",
            "country",
            "ancestors",
            "latitude",
            "longitude",
            "iso2",
            "iso3",
            "geonames_id",
            "wikidata_id",
            "names",
            "codes",
            "control",
            "sources",
        ]


class PlaceRowSerializer(RecordSerializer):
    """A place as a row of a table: unknown is empty."""

    id = id_field()
    url = UrlField("places")
    names = JoinedField("names", "name", help_text="Every name that it is known by.")
    within_id = text_cell("parent.public_id", "Id of the place around it.")
    within_name = text_cell("parent.name", "Name of the place around it.")
    country = text_cell("country.name", "The country that it lies in.")
    country_iso3 = text_cell("country.iso3", "ISO 3166-1 alpha-3 of the country.")
    codes = JoinedField("codes", "scheme", "code", help_text="Codes in other schemes.")
    dataset_id = text_cell("dataset.public_id", "The dataset that it was added from.")
    licence = text_cell("dataset.licence", "The terms of the dataset.")

    class Meta:
        model = Place
        fields = [
            "id",
            "url",
            "name",
            "names",
            "kind",
            "within_id",
            "within_name",
            "country",
            "country_iso3",
            "latitude",
            "longitude",
            "iso2",
            "iso3",
            "geonames_id",
            "wikidata_id",
            "codes",
            "dataset_id",
            "licence",
        ]
