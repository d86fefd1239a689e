"""The admin of what happened: events and their types, who took part, and how we know."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.http import HttpRequest

from actors.admin import WHEN, AttributedCitationAdmin, AttributedCitationInline
from events.models import (
    Event,
    EventCitation,
    EventCode,
    EventLink,
    EventType,
    EventTypeCode,
    Participation,
)
from places.admin import CodeAdmin, CodeInline
from sources.curation import Inline, RecordAdmin, RowAdmin, explain

explain(
    {
        "events_event_place_precision_known": "A place needs to say how exactly it is known, and "
        "the other way round.",
        "events_event_not_part_of_itself": "An event cannot be part of itself.",
        "events_event_no_cycle": "An event cannot be part of itself, however long the way round.",
        "events_event_ongoing_has_no_end": "What is ongoing has no last day yet.",
        "events_eventlink_not_to_itself": "An event cannot be linked to itself.",
        "events_eventtype_two_levels": "Types have two levels: a mode has no modes of its own.",
        "events_eventtype_quad_range": "Quad classes are numbered from 1 to 4.",
        "events_eventtype_code_form": "A code is in capitals, with a mode in lower case after a "
        "slash: RETREAT, RETREAT/withdraw.",
    }
)


class RootTypes(admin.RelatedFieldListFilter):
    """Offers the types without their modes."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return field.get_choices(
            include_blank=False, ordering=("code",), limit_choices_to={"parent": None}
        )


class EventTypeCodeInline(Inline):
    """The codes of a type in other schemes."""

    model = EventTypeCode
    fields = ("scheme", "code", "label", "match")


class ParticipationInline(Inline):
    """Who took part."""

    model = Participation
    verbose_name_plural = "participants"
    fields = ("position", "actor", "role", "name_in_source", "deaths")


class EventCodeInline(CodeInline):
    """The codes of an event in other schemes."""

    model = EventCode


class EventLinkInline(Inline):
    """How an event relates to earlier ones."""

    model = EventLink
    fk_name = "event"
    verbose_name_plural = "links to earlier events"
    fields = ("kind", "other")


class EventCitationInline(AttributedCitationInline):
    """The evidence of an event."""

    model = EventCitation


@admin.register(EventType)
class EventTypeAdmin(RecordAdmin):
    """The vocabulary of types."""

    route = "event-type"
    prepopulated_fields = {"public_id": ("code",)}
    list_display = ("code", "label", "public_id", "quad", "parent")
    list_filter = ("quad", ("root", RootTypes))
    list_select_related = ("parent",)
    search_fields = ("code", "label", "definition", "public_id", "codes__code__iexact")
    ordering = ("code",)
    readonly_fields = ("root",)
    long_texts = ("definition",)
    fieldsets = (
        (None, {"fields": ("code", "label", "public_id")}),
        ("Meaning", {"fields": ("definition", "quad", "parent", "root")}),
    )
    inlines = (EventTypeCodeInline,)


@admin.register(EventTypeCode)
class EventTypeCodeAdmin(RowAdmin):
    """The codes of types in other schemes."""

    list_display = ("type", "scheme", "code", "label", "match")
    list_filter = ("scheme", "match")
    list_select_related = ("type",)
    search_fields = ("code", "label", "type__code", "type__label")
    ordering = ("type__code", "scheme", "code")
    fields = ("type", "scheme", "code", "label", "match")


@admin.register(Event)
class EventAdmin(RecordAdmin):
    """What happened."""

    route = "event"
    prepopulated_fields = {"public_id": ("title",)}
    list_display = ("title", "edtf", "type", "place", "status", "certainty", "dataset")
    list_filter = (
        "status",
        "certainty",
        ("root_type", RootTypes),
        "date_precision",
        "place_precision",
        "dataset",
    )
    list_select_related = ("type", "place", "dataset")
    # Exact, as events are many: their words are searched through the index of the API.
    search_fields = ("public_id__startswith", "key__exact")
    search_help_text = "Words of the title or summary, a place by any name, or an id"
    name_paths = ("place__names",)
    date_hierarchy = "start_date"
    ordering = ("-sort_date", "-id")
    long_texts = ("summary", "deaths_note", "displaced_note")
    readonly_fields = ("root_type", "sort_date", "revision", "updated_at")
    fieldsets = (
        (None, {"fields": ("title", "public_id")}),
        ("What happened", {"fields": ("type", "summary", ("status", "certainty"))}),
        WHEN,
        (
            "Where",
            {
                "fields": (
                    ("place", "place_precision"),
                    "place_name_in_source",
                    ("latitude", "longitude"),
                )
            },
        ),
        (
            "Figures: empty is not known, 0 is none",
            {
                "fields": (
                    ("deaths_low", "deaths_best", "deaths_high"),
                    ("deaths_civilians", "deaths_unknown"),
                    "deaths_note",
                    ("displaced_low", "displaced_best", "displaced_high"),
                    "displaced_note",
                )
            },
        ),
        ("Links", {"fields": ("agreement", "fulfils", "breaches", "part_of")}),
        ("Provenance", {"fields": (("dataset", "release"), "key")}),
        (
            "Kept by the database",
            {
                "classes": ("collapse",),
                "fields": (("root_type", "sort_date"), ("revision", "updated_at")),
            },
        ),
    )
    inlines = (ParticipationInline, EventCodeInline, EventLinkInline, EventCitationInline)

    def alternatives(self, term: str) -> Iterator[Q]:
        yield from super().alternatives(term)
        words = [f"{word}:*" for word in re.findall(r"\w+", term)]
        if words:
            query = SearchQuery(" & ".join(words), search_type="raw", config="english")
            yield Q(search=query)


@admin.register(Participation)
class ParticipationAdmin(RowAdmin):
    """Who took part in what."""

    list_display = ("event", "sort_date", "actor", "role", "name_in_source", "deaths")
    list_filter = ("role", "actor__kind")
    list_select_related = ("event", "actor")
    search_fields = ("event__public_id__startswith", "actor__public_id__exact")
    search_help_text = "The id of an event, or an actor by any name"
    name_paths = ("actor__names",)
    ordering = ("-id",)
    readonly_fields = ("sort_date",)
    fields = ("event", "position", "actor", "role", "name_in_source", "deaths", "sort_date")


@admin.register(EventCode)
class EventCodeAdmin(CodeAdmin):
    """The codes of events in other schemes."""

    owner = "event"


@admin.register(EventLink)
class EventLinkAdmin(RowAdmin):
    """How events relate."""

    list_display = ("event", "kind", "other")
    list_filter = ("kind",)
    list_select_related = ("event", "other")
    search_fields = ("event__public_id__startswith", "other__public_id__startswith")
    search_help_text = "The id of an event"
    ordering = ("-id",)
    fields = ("event", "kind", "other")


@admin.register(EventCitation)
class EventCitationAdmin(AttributedCitationAdmin):
    """The evidence of events."""

    owner, owner_columns = "event", ("event",)
