"""What happened: events, who took part, how we know, and the body each is served as."""

from typing import ClassVar

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, DateField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from actors.models import Actor, AttributedCitation
from agreements.models import Agreement, Provision
from events.choices import Certainty, CodeMatch, EventStatus, LinkKind, PlacePrecision, Role
from events.indexes import OF_EVENTS, OF_TERMS
from places.models import Place
from sources.models import Dataset, Release
from sources.records import (
    MOMENTS,
    Coding,
    Dated,
    Identified,
    Record,
    in_calendar,
    not_blank,
    one_of,
    within,
)

# Days: an event that is not `lasting` takes no longer than this, so that those of a time are near it in the
# order of their first days.
BRIEF = 31


class EventType(Record):
    """A type of event, or a mode of one: PLOVER's vocabulary, in two levels.

    `quad` is the quad class: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict,
    4 material conflict; null where a type can be of any.
    """

    code = models.TextField(unique=True, help_text="RETREAT, or RETREAT/withdraw for a mode.")
    label = models.TextField()
    definition = models.TextField()
    quad = models.PositiveSmallIntegerField(null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="modes")
    # A type is its own root; kept by the database.
    root = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, editable=False, related_name="+", db_constraint=False
    )

    class Meta(Record.Meta):
        ordering = ["code"]
        constraints = [
            *Record.Meta.constraints,
            not_blank("label"),
            not_blank("definition"),
            models.CheckConstraint(
                condition=Q(quad__gte=1, quad__lte=4), name="events_eventtype_quad_range"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z]+(/[a-z-]+)?$"), name="events_eventtype_code_form"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class EventTypeCode(Identified):
    """The code of a type in another scheme, and how well the two match (SKOS)."""

    identity: ClassVar[tuple[str, ...]] = ("type__public_id", "scheme", "code")

    type = models.ForeignKey(EventType, models.CASCADE, related_name="codes")
    scheme = models.TextField()
    code = models.TextField()
    label = models.TextField(null=True, blank=True)
    match = models.TextField(choices=CodeMatch.choices)

    class Meta:
        ordering = ["scheme", "code"]
        constraints = [
            one_of("match", CodeMatch),
            not_blank("label"),
            not_blank("scheme"),
            not_blank("code"),
            models.UniqueConstraint(
                fields=["type", "scheme", "code"], name="events_eventtypecode_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


class Event(Dated, Record):
    """One event. Figures that are not known are null, never 0.

    `key` identifies it in its dataset; `digest` stands for all that its dataset said of it when it was
    imported, so that an unchanged row is known at once. The columns under "kept by the database" follow from
    others and make every list one walk of an ordered index (docs/decisions.md).
    """

    dataset_path = "dataset"

    # Both are held to a release of the dataset by one constraint of two columns. Each index is paid for
    # by every event: of these none that others begin with, or that only a removal would ask.
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, related_name="events", db_constraint=False, db_index=False
    )
    release = models.ForeignKey(
        Release, models.PROTECT, related_name="events", db_constraint=False, db_index=False
    )
    key = models.TextField("natural key", help_text="What identifies it in its dataset.")
    digest = models.UUIDField(null=True, editable=False)

    title = models.TextField()
    summary = models.TextField(null=True, blank=True)
    type = models.ForeignKey(EventType, models.PROTECT, related_name="events", db_index=False)
    status = models.TextField(choices=EventStatus.choices)
    certainty = models.TextField(choices=Certainty.choices)

    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="events", db_index=False
    )
    place_precision = models.TextField(choices=PlacePrecision.choices, null=True, blank=True)
    place_name_in_source = models.TextField(
        null=True, blank=True, help_text="What the source calls the place."
    )
    latitude = models.FloatField(
        null=True,
        blank=True,
        validators=within(90),
        help_text="Of the event itself, if its source gives one.",
    )
    longitude = models.FloatField(
        null=True,
        blank=True,
        validators=within(180),
        help_text="Of the event itself, if its source gives one.",
    )

    deaths_low = models.PositiveIntegerField(null=True, blank=True)
    deaths_best = models.PositiveIntegerField(null=True, blank=True)
    deaths_high = models.PositiveIntegerField(null=True, blank=True)
    deaths_note = models.TextField(null=True, blank=True)
    deaths_civilians = models.PositiveIntegerField(null=True, blank=True)
    deaths_unknown = models.PositiveIntegerField(
        null=True, blank=True, help_text="Deaths of which it is not known whose side they were on."
    )
    displaced_low = models.PositiveIntegerField(null=True, blank=True)
    displaced_best = models.PositiveIntegerField(null=True, blank=True)
    displaced_high = models.PositiveIntegerField(null=True, blank=True)
    displaced_note = models.TextField(null=True, blank=True)

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="events", db_index=False
    )
    fulfils = models.ManyToManyField(Provision, blank=True, related_name="fulfilled_by")
    breaches = models.ManyToManyField(Provision, blank=True, related_name="breached_by")
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", db_index=False
    )

    # Kept by the database.
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    sort_date = models.GeneratedField(
        # When it began; what began nobody knows when comes before all.
        expression=Coalesce("start_date", Cast(Value("0001-01-01"), DateField())),
        output_field=DateField(),
        db_persist=True,
    )
    lasting = models.GeneratedField(
        # Longer than BRIEF, or for all that is known.
        expression=Case(
            When(
                end_date__lte=ExpressionWrapper(F("start_date") + BRIEF, DateField()),
                then=Value(False),
            ),
            default=Value(True),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    root_type = models.ForeignKey(
        EventType,
        models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    place_level_1 = models.BigIntegerField(null=True, editable=False)
    place_level_2 = models.BigIntegerField(null=True, editable=False)
    place_level_3 = models.BigIntegerField(null=True, editable=False)
    place_level_4 = models.BigIntegerField(null=True, editable=False)
    # Words of title and summary.
    search = SearchVectorField(editable=False, default=None)

    class Meta(Record.Meta):
        abstract = False
        ordering = ["-sort_date", "-id"]
        constraints = [
            *Record.Meta.constraints,
            *Dated.Meta.constraints,
            not_blank("title"),
            not_blank("key"),
            not_blank("summary"),
            not_blank("deaths_note"),
            not_blank("place_name_in_source"),
            not_blank("displaced_note"),
            in_calendar("updated_at", MOMENTS),
            one_of("status", EventStatus),
            one_of("certainty", Certainty),
            models.UniqueConstraint(fields=["dataset", "key"], name="events_event_key_unique"),
            models.CheckConstraint(
                condition=Q(place__isnull=True, place_precision__isnull=True)
                | Q(
                    place__isnull=False,
                    place_precision__isnull=False,
                    place_precision__in=PlacePrecision.values,
                ),
                name="events_event_place_precision_known",
            ),
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90), name="events_event_latitude_range"
            ),
            models.CheckConstraint(
                condition=Q(longitude__gte=-180, longitude__lte=180),
                name="events_event_longitude_range",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="events_event_point_whole",
            ),
            models.CheckConstraint(
                condition=~Q(part_of=F("id")), name="events_event_not_part_of_itself"
            ),
            models.CheckConstraint(
                condition=~Q(status=EventStatus.ONGOING, end_date__isnull=False),
                name="events_event_ongoing_has_no_end",
            ),
        ]
        indexes = OF_EVENTS

    def __str__(self) -> str:
        return self.title


class EventCode(Coding):
    """The code of an event in another scheme.

    `sort_date` is the event's, copied by the database: the events of a code are one walk of an index on this
    table.
    """

    identity: ClassVar[tuple[str, ...]] = ("event__public_id", "scheme", "code")

    event = models.ForeignKey(Event, models.CASCADE, related_name="codes", db_index=False)
    sort_date = models.DateField(null=True, editable=False)

    class Meta(Coding.Meta):
        abstract = False
        constraints = [
            *Coding.Meta.constraints,
            models.UniqueConstraint(
                fields=["event", "scheme", "code"], name="events_eventcode_unique"
            ),
        ]
        indexes = [
            models.Index(
                F("scheme"),
                F("code"),
                F("sort_date").desc(),
                F("event").desc(),
                name="events_eventcode_code",
            )
        ]


class Participation(Identified):
    """What an actor is to an event.

    `sort_date` is the event's, copied by the database: the events of an actor are one walk of an
    index on this table.
    """

    identity: ClassVar[tuple[str, ...]] = ("event__public_id", "actor__public_id", "role")

    event = models.ForeignKey(Event, models.CASCADE, related_name="participations", db_index=False)
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="participations", db_index=False)
    role = models.TextField(choices=Role.choices)
    name_in_source = models.TextField(null=True, blank=True, help_text="What the source calls it.")
    deaths = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many of its own people died."
    )
    position = models.PositiveSmallIntegerField(help_text="Order among the participants.")
    sort_date = models.DateField(null=True, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            one_of("role", Role),
            not_blank("name_in_source"),
            models.UniqueConstraint(
                fields=["event", "actor", "role"], name="events_participation_unique"
            ),
        ]
        indexes = [
            models.Index(
                F("actor"),
                F("sort_date").desc(),
                F("event").desc(),
                name="events_participation_actor",
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.role}"


class EventCitation(AttributedCitation):
    """How we know of an event."""

    identity: ClassVar[tuple[str, ...]] = ("event__public_id", "position")

    event = models.ForeignKey(Event, models.CASCADE, related_name="citations", db_index=False)

    class Meta(AttributedCitation.Meta):
        constraints = [
            *AttributedCitation.Meta.constraints,
            models.UniqueConstraint(
                fields=["event", "position"], name="events_eventcitation_unique"
            ),
        ]


class EventLink(Identified):
    """How one event relates to an earlier one."""

    identity: ClassVar[tuple[str, ...]] = ("event__public_id", "kind", "other__public_id")

    event = models.ForeignKey(Event, models.CASCADE, related_name="links", db_index=False)
    kind = models.TextField(choices=LinkKind.choices)
    other = models.ForeignKey(Event, models.CASCADE, related_name="linked_from")

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("kind", LinkKind),
            models.UniqueConstraint(
                fields=["event", "kind", "other"], name="events_eventlink_unique"
            ),
            models.CheckConstraint(
                condition=~Q(event=F("other")), name="events_eventlink_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind} {self.other_id}"


class EventBody(models.Model):
    """The JSON that an event is served as, written by the database whenever anything in it changes."""

    # The database deletes it with its event (migration 0002).
    event = models.OneToOneField(
        Event, models.CASCADE, primary_key=True, related_name="body", db_constraint=False
    )
    body = models.TextField()

    class Meta:
        verbose_name_plural = "event bodies"

    def __str__(self) -> str:
        return str(self.event_id)


class EventTerms(models.Model):
    """What an event is found by (`events.terms`), and when and where: at its own point or its place's."""

    # The database writes them along with its body, and deletes them with it.
    event = models.OneToOneField(
        Event, models.CASCADE, primary_key=True, related_name="terms", db_constraint=False
    )
    sort_date = models.DateField()
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    latitude, longitude = models.FloatField(null=True), models.FloatField(null=True)
    terms = SearchVectorField()

    class Meta:
        verbose_name_plural = "event terms"
        indexes = OF_TERMS

    def __str__(self) -> str:
        return str(self.event_id)
