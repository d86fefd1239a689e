"""The admin of what was agreed: agreements, their parties, and each provision."""

from django.contrib import admin

from actors.admin import WHEN, AttributedCitationAdmin, AttributedCitationInline
from agreements.models import (
    Agreement,
    AgreementCitation,
    AgreementCode,
    Party,
    Provision,
    ProvisionCitation,
)
from places.admin import CodeAdmin, CodeInline
from sources.curation import Inline, RecordAdmin, RowAdmin, StackedInline, explain

explain(
    {
        "agreements_provision_due_whole": "A due date needs to say how it is meant, and the other "
        "way round.",
        "agreements_provision_number_from_1": "Provisions are numbered from 1.",
        "agreements_provision_number_unique": "Another provision of the agreement has this number.",
        "agreements_provision_status_dated": "A status needs the day for which it is known; one that "
        "is not known has no such day.",
        "agreements_provision_code_whole": "A code needs to say whose it is, and the other way round; "
        "a level needs both.",
    }
)

PROVISION = (
    ("number", "kind"),
    "text",
    ("obligor", "beneficiary", "place"),
    ("due_qualifier", "due_date"),
    "due_note",
    ("status", "as_of", "asserted_by"),
    ("scheme", "code", "level"),
)


class PartyInline(Inline):
    """The parties of an agreement."""

    model = Party
    fields = ("actor", "role")


class AgreementCodeInline(CodeInline):
    """The codes of an agreement in other datasets."""

    model = AgreementCode


class ProvisionInline(StackedInline):
    """The provisions of an agreement; what became of each is cited on its own page."""

    model = Provision
    long_texts = ("text", "due_note")
    fields = ("public_id", *PROVISION)
    show_change_link = True


class AgreementCitationInline(AttributedCitationInline):
    """The evidence of an agreement."""

    model = AgreementCitation


class ProvisionCitationInline(AttributedCitationInline):
    """The evidence of a provision."""

    model = ProvisionCitation


@admin.register(Agreement)
class AgreementAdmin(RecordAdmin):
    """What was agreed."""

    route = "agreement"
    prepopulated_fields = {"public_id": ("title",)}
    list_display = ("title", "public_id", "kind", "status", "edtf", "dataset")
    list_filter = ("kind", "status", "date_precision", "dataset")
    list_select_related = ("dataset",)
    search_fields = ("title", "summary", "public_id", "key__exact")
    search_help_text = "Words of the title or summary, an id, or a party by any name"
    name_paths = ("parties__actor__names",)
    date_hierarchy = "start_date"
    ordering = ("-start_date", "public_id")
    long_texts = ("summary",)
    fieldsets = (
        (None, {"fields": ("title", "public_id")}),
        ("What was agreed", {"fields": ("kind", "status", "summary")}),
        WHEN,
        ("Where", {"fields": ("places",)}),
        ("Provenance", {"fields": (("dataset", "release"), "key")}),
    )
    inlines = (PartyInline, AgreementCodeInline, ProvisionInline, AgreementCitationInline)


@admin.register(AgreementCode)
class AgreementCodeAdmin(CodeAdmin):
    """The codes of agreements in other datasets."""

    owner = "agreement"


@admin.register(Party)
class PartyAdmin(RowAdmin):
    """Who is what to which agreement."""

    list_display = ("agreement", "actor", "role")
    list_filter = ("role", "actor__kind")
    list_select_related = ("agreement", "actor")
    search_fields = ("agreement__title", "agreement__public_id", "actor__public_id")
    search_help_text = "An agreement, or an actor by any name"
    name_paths = ("actor__names",)
    ordering = ("agreement__public_id", "id")
    fields = ("agreement", "actor", "role")


@admin.register(Provision)
class ProvisionAdmin(RecordAdmin):
    """What is to be done, and what became of it."""

    route = "provision"
    list_display = (
        "public_id",
        "agreement",
        "number",
        "obligor",
        "place",
        "due_qualifier",
        "due_date",
        "status",
        "as_of",
    )
    list_filter = ("status", "due_qualifier", "kind", "scheme")
    list_select_related = ("agreement", "obligor", "place")
    search_fields = ("public_id", "text", "agreement__title", "code__exact")
    search_help_text = "Words of the provision or the agreement; an actor or place by any name"
    name_paths = ("obligor__names", "beneficiary__names", "place__names")
    date_hierarchy = "due_date"
    ordering = ("agreement__public_id", "number")
    long_texts = ("text", "due_note")
    fieldsets = (
        (None, {"fields": ("agreement", "number", "public_id")}),
        ("What is to be done", {"fields": ("kind", "text", ("obligor", "beneficiary"))}),
        ("Until when", {"fields": (("due_qualifier", "due_date"), "due_note")}),
        ("Where", {"fields": ("place",)}),
        ("What became of it", {"fields": (("status", "as_of"), "asserted_by")}),
        (
            "Coding",
            {
                "fields": (("scheme", "code", "level"),),
                "description": "What its dataset codes it as, and how far it goes in those terms.",
            },
        ),
    )
    inlines = (ProvisionCitationInline,)


@admin.register(AgreementCitation)
class AgreementCitationAdmin(AttributedCitationAdmin):
    """The evidence of agreements."""

    owner, owner_columns = "agreement", ("agreement",)


@admin.register(ProvisionCitation)
class ProvisionCitationAdmin(AttributedCitationAdmin):
    """The evidence of provisions."""

    owner, owner_columns = "provision", ("provision",)
