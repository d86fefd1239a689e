from rest_framework import serializers

from actors.choices import ControlKind
from actors.models import Actor, Affiliation
from api.flat import JoinedField, text_cell
from api.selection import Expansion
from api.serializers import ReadOnly, RecordSerializer, UrlField, id_field
from places.serializers import AncestorSerializer, NameSerializer, PlaceBriefSerializer
from sources.serializers import (
    CitationSerializer,
    CodeSerializer,
    IntervalSerializer,
    SourceSerializer,
)


class ActorBriefSerializer(RecordSerializer):
    """An actor in a line."""

    id = id_field()
    url = UrlField("actors")
    country = serializers.CharField(
        source="country.name", allow_null=True, help_text="The country it belongs to."
    )

    class Meta:
        model = Actor
        fields = ["id", "url", "name", "kind", "country"]


class AttributedCitationSerializer(CitationSerializer):
    """How we know, and whose word the source passes on; null when it speaks in its own voice."""

    attributed_to = ActorBriefSerializer(allow_null=True)


class AffiliationSerializer(RecordSerializer):
    """An office or membership, over some time."""

    organisation = ActorBriefSerializer()
    date = IntervalSerializer(source="*")
    sources = AttributedCitationSerializer(many=True, source="citations")

    class Meta:
        model = Affiliation
        fields = ["organisation", "title", "date", "sources"]


class HoldingSerializer(ReadOnly):
    """A place that the actor holds, or is recognised to hold, over some time."""

    place = AncestorSerializer()
    kind = serializers.ChoiceField(choices=ControlKind.choices)
    date = IntervalSerializer(source="*")
    sources = AttributedCitationSerializer(many=True, source="citations")


class ActorSerializer(RecordSerializer):
    """A state, body, force, group, person or organisation."""

    id = id_field()
    url = UrlField("actors")
    country = PlaceBriefSerializer(allow_null=True)
    names = NameSerializer(many=True)
    codes = CodeSerializer(many=True)
    affiliations = AffiliationSerializer(many=True)
    control = HoldingSerializer(many=True, source="control_claims")
    sources = AttributedCitationSerializer(many=True, source="citations")

    expansions = {"sources": Expansion(SourceSerializer, "sources.source")}

    class Meta:
        model = Actor
        fields = [
            "id",
            "url",
            "name",
            "kind",
            "country",
            "description",
            "wikidata_id",
            "names",
            "codes",
            "affiliations",
            "control",
            "sources",
        ]


class ActorRowSerializer(RecordSerializer):
    """An actor as a row of a table: unknown is empty."""

    id = id_field()
    url = UrlField("actors")
    names = JoinedField("names", "name", help_text="Every name that it is known by.")
    country_id = text_cell("country.public_id", "Id of the country that it belongs to.")
    country = text_cell("country.name", "The country that it belongs to.")
    country_iso3 = text_cell("country.iso3", "ISO 3166-1 alpha-3 of the country.")
    codes = JoinedField("codes", "scheme", "code", help_text="Codes in other schemes.")
    dataset_id = text_cell("dataset.public_id", "The dataset that it was added from.")
    licence = text_cell("dataset.licence", "The terms of the dataset.")

    class Meta:
        model = Actor
        fields = [
            "id",
            "url",
            "name",
            "names",
            "kind",
            "country_id",
            "country",
            "country_iso3",
            "description",
            "wikidata_id",
            "codes",
            "dataset_id",
            "licence",
        ]
