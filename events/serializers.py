from typing import Any

from django.db.models import Count, Q, QuerySet
from rest_framework import serializers

from actors.serializers import ActorBriefSerializer, AttributedCitationSerializer
from agreements.serializers import AgreementBriefSerializer, ProvisionBriefSerializer
from api.serializers import (
    AggregateField,
    ReadOnly,
    RecordSerializer,
    TimeField,
    UrlField,
    id_field,
)
from events.choices import LinkKind, PlacePrecision, Role
from events.models import Event, EventType, EventTypeCode
from places.serializers import PlaceBriefSerializer
from sources.serializers import CodeSerializer, DatasetBriefSerializer, IntervalSerializer


class TypeSerializer(RecordSerializer):
    """The type of an event: PLOVER's code, with the root type that it is a mode of."""

    root = serializers.CharField(source="root.code")  # type: ignore[assignment]

    class Meta:
        model = EventType
        fields = ["code", "label", "root"]


class CoordinatesSerializer(ReadOnly):
    """Where the source itself puts the event; null where it gives a place only."""

    latitude = serializers.FloatField(allow_null=True, help_text="Degrees north, WGS 84.")
    longitude = serializers.FloatField(allow_null=True, help_text="Degrees east, WGS 84.")


class DeathsSerializer(ReadOnly):
    """How many people died. What is not known is null."""

    low = serializers.IntegerField(source="deaths_low", allow_null=True)
    best = serializers.IntegerField(source="deaths_best", allow_null=True)
    high = serializers.IntegerField(source="deaths_high", allow_null=True)
    civilians = serializers.IntegerField(
        source="deaths_civilians", allow_null=True, help_text="Civilians among them."
    )
    unknown = serializers.IntegerField(
        source="deaths_unknown",
        allow_null=True,
        help_text="Those of whom it is not known whose side they were on.",
    )
    note = serializers.CharField(source="deaths_note", allow_null=True)


class DisplacedSerializer(ReadOnly):
    """How many people had to leave their homes. What is not known is null."""

    low = serializers.IntegerField(source="displaced_low", allow_null=True)
    best = serializers.IntegerField(source="displaced_best", allow_null=True)
    high = serializers.IntegerField(source="displaced_high", allow_null=True)
    note = serializers.CharField(source="displaced_note", allow_null=True)


class ParticipantSerializer(ReadOnly):
    """What an actor is to an event, and what the source calls it."""

    role = serializers.ChoiceField(choices=Role.choices)
    actor = ActorBriefSerializer()
    name_in_source = serializers.CharField(allow_null=True)
    deaths = serializers.IntegerField(
        allow_null=True, help_text="How many of its own people died; null is unknown."
    )


class EventBriefSerializer(RecordSerializer):
    """An event in a line."""

    id = id_field()
    url = UrlField("events")
    date = IntervalSerializer(source="*")

    class Meta:
        model = Event
        fields = ["id", "url", "title", "status", "date"]


class LinkSerializer(ReadOnly):
    """How an event relates to an earlier one."""

    kind = serializers.ChoiceField(choices=LinkKind.choices)
    event = EventBriefSerializer(source="other")


class EventSerializer(RecordSerializer):
    """What happened, where, when, who took part and how we know."""

    id = id_field()
    url = UrlField("events")
    type = TypeSerializer()
    codes = CodeSerializer(many=True)
    date = IntervalSerializer(source="*")
    place = PlaceBriefSerializer(allow_null=True)
    place_precision = serializers.ChoiceField(choices=PlacePrecision.choices, allow_null=True)
    coordinates = CoordinatesSerializer(source="*")
    participants = ParticipantSerializer(many=True, source="participations")
    deaths = DeathsSerializer(source="*")
    displaced = DisplacedSerializer(source="*")
    agreement = AgreementBriefSerializer(allow_null=True)
    fulfils = ProvisionBriefSerializer(many=True)
    breaches = ProvisionBriefSerializer(many=True)
    part_of = EventBriefSerializer(allow_null=True)
    related = LinkSerializer(many=True, source="links")
    sources = AttributedCitationSerializer(many=True, source="citations")
    dataset = DatasetBriefSerializer()
    release = serializers.CharField(source="release.version")
    updated_at = TimeField()

    class Meta:
        model = Event
        fields = [
            "id",
            "url",
            "title",
            "summary",
            "type",
            "codes",
            "status",
            "certainty",
            "date",
            "place",
            "place_precision",
            "place_name_in_source",
            "coordinates",
            "participants",
            "deaths",
            "displaced",
            "agreement",
            "fulfils",
            "breaches",
            "part_of",
            "related",
            "sources",
            "dataset",
            "release",
            "updated_at",
            "revision",
        ]


class TypeCodeSerializer(RecordSerializer):
    """The code of a type in another scheme, and how well the two match."""

    class Meta:
        model = EventTypeCode
        fields = ["scheme", "code", "label", "match"]


class TypeBriefSerializer(RecordSerializer):
    """A type in a line."""

    id = id_field()
    url = UrlField("event-types")

    class Meta:
        model = EventType
        fields = ["id", "url", "code", "label"]


def _events_of(type_: Any) -> QuerySet[Event]:
    events: QuerySet[Event] = Event.objects.served()
    return events.filter(Q(type=type_) | Q(root_type=type_))


class EventTypeSerializer(RecordSerializer):
    """A type of event, or a mode of one, with its codes in other schemes."""

    id = id_field()
    url = UrlField("event-types")
    parent = TypeBriefSerializer(allow_null=True)
    codes = TypeCodeSerializer(many=True)
    event_count = AggregateField(
        _events_of, Count("pk"), help_text="How many events have it; those of its modes included."
    )

    class Meta:
        model = EventType
        fields = [
            "id",
            "url",
            "code",
            "label",
            "definition",
            "quad",
            "parent",
            "codes",
            "event_count",
        ]
