from rest_framework import serializers

from actors.serializers import ActorBriefSerializer, AttributedCitationSerializer
from agreements.choices import DueQualifier, PartyRole
from agreements.models import Agreement, Provision
from api.serializers import ReadOnly, RecordSerializer, UrlField, id_field
from places.serializers import PlaceBriefSerializer
from sources.serializers import CodeSerializer, DatasetBriefSerializer, IntervalSerializer


class OutcomeSerializer(ReadOnly):
    """An event that carried out or broke a provision, in a line."""

    id = id_field()
    url = UrlField("events")
    title = serializers.CharField()
    date = IntervalSerializer(source="*")


class DueSerializer(ReadOnly):
    """When a provision is due, and how that is meant."""

    qualifier = serializers.ChoiceField(
        source="due_qualifier", choices=DueQualifier.choices, allow_null=True
    )
    date = serializers.DateField(source="due_date", allow_null=True)
    note = serializers.CharField(
        source="due_note", allow_null=True, help_text="How the date was arrived at."
    )


class PartySerializer(ReadOnly):
    """What an actor is to an agreement."""

    actor = ActorBriefSerializer()
    role = serializers.ChoiceField(choices=PartyRole.choices)


class ProvisionCodeSerializer(ReadOnly):
    """What a dataset codes a provision as; null where none does."""

    scheme = serializers.CharField(allow_null=True, help_text="pax, ucdp-peace-agreements…")
    code = serializers.CharField(allow_null=True)
    level = serializers.IntegerField(
        allow_null=True, help_text="How far the provision goes, in the dataset's own terms."
    )


class ClauseSerializer(RecordSerializer):
    """A provision as part of its agreement."""

    id = id_field()
    url = UrlField("provisions")
    obligor = ActorBriefSerializer(allow_null=True)
    beneficiary = ActorBriefSerializer(allow_null=True)
    place = PlaceBriefSerializer(allow_null=True)
    code = ProvisionCodeSerializer(source="*")
    due = DueSerializer(source="*")
    asserted_by = ActorBriefSerializer(allow_null=True)
    fulfilled_by = OutcomeSerializer(many=True)
    breached_by = OutcomeSerializer(many=True)
    sources = AttributedCitationSerializer(many=True, source="citations")

    class Meta:
        model = Provision
        fields = [
            "id",
            "url",
            "number",
            "kind",
            "code",
            "text",
            "obligor",
            "beneficiary",
            "place",
            "due",
            "status",
            "as_of",
            "asserted_by",
            "fulfilled_by",
            "breached_by",
            "sources",
        ]


class AgreementBriefSerializer(RecordSerializer):
    """An agreement in a line."""

    id = id_field()
    url = UrlField("agreements")
    date = IntervalSerializer(source="*")

    class Meta:
        model = Agreement
        fields = ["id", "url", "title", "kind", "status", "date"]


class ProvisionBriefSerializer(RecordSerializer):
    """A provision in a line."""

    id = id_field()
    url = UrlField("provisions")
    agreement = serializers.CharField(
        source="agreement.public_id", help_text="Id of the agreement."
    )
    due = DueSerializer(source="*")

    class Meta:
        model = Provision
        fields = ["id", "url", "agreement", "number", "text", "status", "due"]


class ProvisionSerializer(ClauseSerializer):
    """One undertaking of an agreement: who owes what to whom, where, by when, and what came of it."""

    agreement = AgreementBriefSerializer()

    class Meta(ClauseSerializer.Meta):
        fields = ["id", "url", "agreement", *ClauseSerializer.Meta.fields[2:]]


class AgreementSerializer(RecordSerializer):
    """An agreement with its parties and provisions, each with the events that came of it."""

    id = id_field()
    url = UrlField("agreements")
    date = IntervalSerializer(source="*")
    codes = CodeSerializer(many=True)
    places = PlaceBriefSerializer(many=True)
    parties = PartySerializer(many=True)
    provisions = ClauseSerializer(many=True)
    sources = AttributedCitationSerializer(many=True, source="citations")
    dataset = DatasetBriefSerializer()
    release = serializers.CharField(source="release.version")

    class Meta:
        model = Agreement
        fields = [
            "id",
            "url",
            "title",
            "kind",
            "status",
            "date",
            "summary",
            "codes",
            "places",
            "parties",
            "provisions",
            "sources",
            "dataset",
            "release",
        ]
