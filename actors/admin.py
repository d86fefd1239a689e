"""The admin of who: actors, their names and offices, and what they hold."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from actors.models import (
    Actor,
    ActorCitation,
    ActorCode,
    ActorName,
    Affiliation,
    AffiliationCitation,
    ControlCitation,
    ControlClaim,
)
from places.admin import CodeAdmin, CodeInline, Countries, NameAdmin, NamedAdmin, NameInline
from sources.curation import CitationAdmin, CitationInline, Inline, RowAdmin, explain

explain({"actors_affiliation_not_with_itself": "Nobody holds an office in themselves."})

DATES = ("start_date", "end_date", "date_precision", "edtf")
WHEN: tuple[str, Any] = (
    "When",
    {"fields": (("start_date", "end_date"), ("date_precision", "edtf"))},
)


class AttributedCitationInline(CitationInline):
    """The evidence of a record, and whose word it is."""

    fields = (*CitationInline.fields[:-1], "attributed_to", "supports")


class AttributedCitationAdmin(CitationAdmin):
    """The evidence of all records of a kind, and whose word it is."""

    name_paths = ("attributed_to__names",)
    search_help_text = "The record, a document by title or id, or who is quoted"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.owner, *AttributedCitationInline.fields)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return (*super().get_list_display(request), "attributed_to")

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return (*super().get_list_select_related(request), "attributed_to")


class ActorNameInline(NameInline):
    """The names of an actor."""

    model = ActorName


class ActorCodeInline(CodeInline):
    """The codes of an actor in other schemes."""

    model = ActorCode


class AffiliationInline(Inline):
    """The offices that a person holds."""

    model = Affiliation
    fk_name = "person"
    verbose_name_plural = "offices it holds"
    fields = ("organisation", "title", *DATES)
    show_change_link = True


class MemberInline(Inline):
    """Who holds an office in an organisation."""

    model = Affiliation
    fk_name = "organisation"
    verbose_name_plural = "who holds an office in it"
    fields = ("person", "title", *DATES)
    show_change_link = True


class ControlClaimInline(Inline):
    """The places that an actor holds."""

    model = ControlClaim
    verbose_name_plural = "places it holds"
    fields = ("place", "kind", *DATES)
    show_change_link = True


class ActorCitationInline(AttributedCitationInline):
    """The evidence of an actor."""

    model = ActorCitation
    fk_name = "actor"


class AffiliationCitationInline(AttributedCitationInline):
    """The evidence of an office."""

    model = AffiliationCitation


class ControlCitationInline(AttributedCitationInline):
    """The evidence of who holds a place."""

    model = ControlCitation


@admin.register(Actor)
class ActorAdmin(NamedAdmin):
    """Who."""

    route = "actor"
    prepopulated_fields = {"public_id": ("name",)}
    list_display = ("name", "public_id", "kind", "country", "wikidata_id")
    list_filter = ("kind", ("country", Countries), "dataset")
    list_select_related = ("country",)
    search_fields = ("name", "public_id", "wikidata_id__iexact")
    search_help_text = "A name in any spelling, or an id"
    ordering = ("name", "id")
    long_texts = ("description",)
    fieldsets = (
        (None, {"fields": ("name", "public_id", "kind", "country", "description")}),
        ("Elsewhere", {"fields": ("wikidata_id",)}),
        ("Provenance", {"fields": ("dataset",)}),
    )
    inlines = (
        ActorNameInline,
        ActorCodeInline,
        AffiliationInline,
        MemberInline,
        ControlClaimInline,
        ActorCitationInline,
    )


@admin.register(ActorName)
class ActorNameAdmin(NameAdmin):
    """The names of actors."""

    owner = "actor"


@admin.register(ActorCode)
class ActorCodeAdmin(CodeAdmin):
    """The codes of actors in other schemes."""

    owner = "actor"


@admin.register(ActorCitation)
class ActorCitationAdmin(AttributedCitationAdmin):
    """The evidence of actors."""

    owner, owner_columns = "actor", ("actor",)


@admin.register(Affiliation)
class AffiliationAdmin(RowAdmin):
    """Who holds an office where."""

    list_display = ("person", "title", "organisation", "edtf", "date_precision")
    list_filter = ("date_precision", "organisation__kind")
    list_select_related = ("person", "organisation")
    search_fields = ("title", "person__public_id", "organisation__public_id")
    search_help_text = "An office, or a person or organisation by any name"
    name_paths = ("person__names", "organisation__names")
    ordering = ("person__name", "id")
    fieldsets = ((None, {"fields": ("person", "title", "organisation")}), WHEN)
    inlines = (AffiliationCitationInline,)


@admin.register(AffiliationCitation)
class AffiliationCitationAdmin(AttributedCitationAdmin):
    """The evidence of offices."""

    owner = "affiliation"
    owner_columns = ("affiliation__person", "affiliation__organisation")


@admin.register(ControlClaim)
class ControlClaimAdmin(RowAdmin):
    """Who holds a place, or is recognised to."""

    list_display = ("place", "actor", "kind", "edtf", "start_date", "end_date")
    list_filter = ("kind", "date_precision")
    list_select_related = ("place", "actor")
    search_fields = ("place__public_id", "actor__public_id")
    search_help_text = "A place or an actor by any name"
    name_paths = ("place__names", "actor__names")
    date_hierarchy = "start_date"
    ordering = ("place__name", "id")
    fieldsets = ((None, {"fields": ("place", "actor", "kind")}), WHEN)
    inlines = (ControlCitationInline,)


@admin.register(ControlCitation)
class ControlCitationAdmin(AttributedCitationAdmin):
    """The evidence of who holds a place."""

    owner = "claim"
    owner_columns = ("claim__place", "claim__actor")
