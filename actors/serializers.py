from rest_framework import serializers

from actors.choices import ControlKind
from actors.models import Actor, Affiliation
from api.serializers import ReadOnly, RecordSerializer, UrlField, id_field
from places.serializers import AncestorSerializer, NameSerializer, PlaceBriefSerializer
from sources.serializers import CitationSerializer, CodeSerializer, IntervalSerializer


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
