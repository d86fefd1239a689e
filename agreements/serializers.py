from rest_framework import serializers

from actors.serializers import (
    ActorBriefSerializer,
    ActorSerializer,
    AttributedCitationSerializer,
)
from agreements.choices import DueQualifier, PartyRole
from agreements.models import BROKE, CARRIED_OUT, Agreement, Provision
from api.bodies import Related
from api.flat import JoinedField, text_cell
from api.selection import Expansion
from api.serializers import ReadOnly, RecordSerializer, UrlField, id_field
from places.serializers import PlaceBriefSerializer, PlaceSerializer
from sources.serializers import (
    CodeSerializer,
    DatasetBriefSerializer,
    IntervalSerializer,
    SourceSerializer,
)


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
    fulfilled_by = Related(
        child=OutcomeSerializer(), only=CARRIED_OUT, help_text="Events that carried it out."
    )
    breached_by = Related(child=OutcomeSerializer(), only=BROKE, help_text="Events that broke it.")
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

    expansions = {
        "places": Expansion(PlaceSerializer, "places"),
        "actors": Expansion(ActorSerializer, "parties.actor"),
        "sources": Expansion(SourceSerializer, "sources.source"),
    }

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


class ProvisionSerializer(ClauseSerializer):
    """One undertaking of an agreement: who owes what to whom, where, by when, and what came of it."""

    agreement = AgreementBriefSerializer()

    expansions = {
        "agreement": Expansion(AgreementSerializer, "agreement"),
        "actors": Expansion(ActorSerializer, "obligor", "beneficiary"),
        "place": Expansion(PlaceSerializer, "place"),
        "sources": Expansion(SourceSerializer, "sources.source"),
    }

    class Meta(ClauseSerializer.Meta):
        fields = ["id", "url", "agreement", *ClauseSerializer.Meta.fields[2:]]


class AgreementRowSerializer(RecordSerializer):
    """An agreement as a row of a table: unknown is empty."""

    id = id_field()
    url = UrlField("agreements")
    date_start = serializers.DateField(source="start_date", allow_null=True, help_text="First day.")
    date_end = serializers.DateField(source="end_date", allow_null=True, help_text="Last day.")
    date_edtf = text_cell("edtf", "The date with its doubt, in the Extended Date/Time Format.")
    parties = JoinedField("parties", "actor.name", help_text="Its parties, whatever their role.")
    party_ids = JoinedField("parties", "actor.public_id", help_text="Their ids, in the same order.")
    party_roles = JoinedField("parties", "role", help_text="Their roles, in the same order.")
    places = JoinedField("places", "name", help_text="What it is about, on the map.")
    place_ids = JoinedField("places", "public_id", help_text="Their ids, in the same order.")
    provision_ids = JoinedField("provisions", "public_id", help_text="Its provisions, by id.")
    codes = JoinedField("codes", "scheme", "code", help_text="Codes in other schemes.")
    source_ids = JoinedField(
        "citations", "document.public_id", once=True, help_text="Sources, by id."
    )
    dataset_id = text_cell("dataset.public_id", "The dataset that it is from.")
    licence = text_cell("dataset.licence", "The terms of the dataset.")
    release = text_cell("release.version", "The release of the dataset.")

    class Meta:
        model = Agreement
        fields = [
            "id",
            "url",
            "title",
            "kind",
            "status",
            "date_start",
            "date_end",
            "date_precision",
            "date_edtf",
            "summary",
            "parties",
            "party_ids",
            "party_roles",
            "places",
            "place_ids",
            "provision_ids",
            "codes",
            "source_ids",
            "dataset_id",
            "licence",
            "release",
        ]


class ProvisionRowSerializer(RecordSerializer):
    """A provision as a row of a table: unknown is empty."""

    id = id_field()
    url = UrlField("provisions")
    agreement_id = text_cell("agreement.public_id", "Id of the agreement.")
    agreement_title = text_cell("agreement.title", "Title of the agreement.")
    obligor_id = text_cell("obligor.public_id", "Id of who has to carry it out.")
    obligor = text_cell("obligor.name", "Who has to carry it out.")
    beneficiary_id = text_cell("beneficiary.public_id", "Id of who gains by it.")
    beneficiary = text_cell("beneficiary.name", "Who gains by it.")
    place_id = text_cell("place.public_id", "Id of the place.")
    place_name = text_cell("place.name", "Name of the place.")
    asserted_by = text_cell("asserted_by.name", "Whose word the status is.")
    fulfilled_by = JoinedField(
        "fulfilled_by",
        "public_id",
        only=CARRIED_OUT,
        help_text="Events that carried it out, by id.",
    )
    breached_by = JoinedField(
        "breached_by", "public_id", only=BROKE, help_text="Events that broke it, by id."
    )
    source_ids = JoinedField(
        "citations", "document.public_id", once=True, help_text="Sources, by id."
    )
    dataset_id = text_cell("agreement.dataset.public_id", "The dataset that it is from.")
    licence = text_cell("agreement.dataset.licence", "The terms of the dataset.")

    class Meta:
        model = Provision
        fields = [
            "id",
            "url",
            "agreement_id",
            "agreement_title",
            "number",
            "kind",
            "scheme",
            "code",
            "level",
            "text",
            "obligor_id",
            "obligor",
            "beneficiary_id",
            "beneficiary",
            "place_id",
            "place_name",
            "due_qualifier",
            "due_date",
            "due_note",
            "status",
            "as_of",
            "asserted_by",
            "fulfilled_by",
            "breached_by",
            "source_ids",
            "dataset_id",
            "licence",
        ]
