from rest_framework import serializers

from actors.serializers import (
    ActorBriefSerializer,
    ActorSerializer,
    AttributedCitationSerializer,
)
from agreements.serializers import (
    AgreementBriefSerializer,
    AgreementSerializer,
    ProvisionBriefSerializer,
)
from api.flat import FirstKnownField, JoinedField, text_cell
from api.selection import Expansion
from api.serializers import (
    ReadOnly,
    RecordSerializer,
    TallyField,
    TimeField,
    UrlField,
    id_field,
)
from events.choices import LinkKind, PlacePrecision, Role
from events.models import Event, EventType, EventTypeCode
from places.serializers import PlaceBriefSerializer, PlaceSerializer
from sources.serializers import (
    CodeSerializer,
    DatasetBriefSerializer,
    IntervalSerializer,
    SourceSerializer,
)


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

    expansions = {
        "place": Expansion(PlaceSerializer, "place"),
        "actors": Expansion(ActorSerializer, "participants.actor"),
        "agreement": Expansion(AgreementSerializer, "agreement"),
        "sources": Expansion(SourceSerializer, "sources.source"),
    }

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


class EventTypeSerializer(RecordSerializer):
    """A type of event, or a mode of one, with its codes in other schemes."""

    id = id_field()
    url = UrlField("event-types")
    parent = TypeBriefSerializer(allow_null=True)
    codes = TypeCodeSerializer(many=True)
    # A type without a mode is the root of its own events.
    event_count = TallyField(
        Event.objects.served,
        ["root_type", "type"],
        help_text="How many events have it; those of its modes included.",
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


class EventRowSerializer(RecordSerializer):
    """An event as a row of a table: one column for each fact, unknown is empty."""

    id = id_field()
    url = UrlField("events")
    type = text_cell("type.code", "Code of its type; /api/event-types explains it.")
    type_label = text_cell("type.label", "The type in words.")
    root_type = text_cell("root_type.code", "The type that its type is a mode of.")
    codes = JoinedField("codes", "scheme", "code", help_text="Codes in other schemes: `cameo:190`.")
    date_start = serializers.DateField(source="start_date", allow_null=True, help_text="First day.")
    date_end = serializers.DateField(
        source="end_date", allow_null=True, help_text="Last day; empty is unknown or still open."
    )
    date_edtf = text_cell("edtf", "The date with its doubt, in the Extended Date/Time Format.")
    place_id = text_cell("place.public_id", "Id of the place.")
    place_name = text_cell("place.name", "Name of the place.")
    place_kind = text_cell("place.kind", "What sort of place.")
    country = text_cell("place.country.name", "The country that it lies in.")
    country_iso3 = text_cell("place.country.iso3", "ISO 3166-1 alpha-3 of the country.")
    latitude = FirstKnownField(
        "latitude", "place.latitude", help_text="Degrees north: of the event or else of its place."
    )
    longitude = FirstKnownField(
        "longitude", "place.longitude", help_text="Degrees east: of the event or else of its place."
    )
    actors = JoinedField(
        "participations", "actor.name", help_text="Who took part; one who had two roles twice."
    )
    actor_ids = JoinedField(
        "participations", "actor.public_id", help_text="Their ids, in the same order."
    )
    actor_roles = JoinedField("participations", "role", help_text="Their roles, in the same order.")
    agreement_id = text_cell("agreement.public_id", "Id of the agreement that it is about.")
    agreement_title = text_cell("agreement.title", "Its title.")
    fulfils = JoinedField(
        "fulfils",
        "public_id",
        help_text="Provisions that it carries out, if it takes place (`status`), by id.",
    )
    breaches = JoinedField(
        "breaches", "public_id", help_text="Provisions that it breaks, if it takes place, by id."
    )
    part_of = text_cell("part_of.public_id", "The event that it is part of, by id.")
    source_ids = JoinedField(
        "citations",
        "document.public_id",
        once=True,
        help_text="Sources, by id; /api/sources has them.",
    )
    dataset_id = text_cell("dataset.public_id", "The dataset that it is from.")
    licence = text_cell("dataset.licence", "The terms of the dataset.")
    release = text_cell("release.version", "The release of the dataset.")
    updated_at = TimeField()

    class Meta:
        model = Event
        fields = [
            "id",
            "url",
            "title",
            "summary",
            "type",
            "type_label",
            "root_type",
            "codes",
            "status",
            "certainty",
            "date_start",
            "date_end",
            "date_precision",
            "date_edtf",
            "place_id",
            "place_name",
            "place_kind",
            "place_precision",
            "country",
            "country_iso3",
            "latitude",
            "longitude",
            "actors",
            "actor_ids",
            "actor_roles",
            "deaths_low",
            "deaths_best",
            "deaths_high",
            "deaths_civilians",
            "displaced_low",
            "displaced_best",
            "displaced_high",
            "agreement_id",
            "agreement_title",
            "fulfils",
            "breaches",
            "part_of",
            "source_ids",
            "dataset_id",
            "licence",
            "release",
            "updated_at",
            "revision",
        ]
