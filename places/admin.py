"""The admin of where: places, their names, and how we know of them."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from api.names import fold
from places.choices import NameKind, PlaceKind
from places.models import Place, PlaceCitation, PlaceCode, PlaceName
from sources.curation import CitationAdmin, CitationInline, Inline, RecordAdmin, RowAdmin, explain

explain(
    {
        "_latitude_range": "A latitude lies between -90 and 90 degrees.",
        "_longitude_range": "A longitude lies between -180 and 180 degrees.",
        "_point_whole": "A point needs both latitude and longitude; fill in the other one, too, or empty both.",
        "_wikidata_form": "A Wikidata id is Q and a number, such as Q183.",
        "places_place_iso2_form": "An ISO 3166-1 alpha-2 code is two capital letters.",
        "places_place_iso3_form": "An ISO 3166-1 alpha-3 code is three capital letters.",
        "places_place_no_cycle": "A place cannot lie within itself, however long the way round.",
        "places_place_not_within_itself": "A place cannot lie within itself.",
        "places_place_depth_range": "Places lie at most four levels deep, those inside included.",
        "places_place_parent_first": "The place that contains it does not exist any more.",
    }
)


class Countries(admin.RelatedFieldListFilter):
    """Offers the countries, where the field could be any place."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return field.get_choices(
            include_blank=False,
            ordering=("name",),
            limit_choices_to={"kind": PlaceKind.COUNTRY},
        )


class NameInline(Inline):
    """The names of a record."""

    verbose_name_plural = "names"
    fields = ("name", "language", "kind", "source", "key")
    readonly_fields = ("key",)


class NamedAdmin(RecordAdmin):
    """The pages of what has names."""

    name_paths = ("names",)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep the record's own name among its names: it is looked up there."""
        super().save_related(request, form, formsets, change)
        form.instance.names.get_or_create(name=form.instance.name)


class NameAdmin(RowAdmin):
    """The names of all records of a kind; `owner` is the field of the record."""

    owner: ClassVar[str]
    list_filter = ("kind", "language")
    ordering = ("name", "id")
    readonly_fields = ("key",)
    search_help_text = "A name in any spelling, or the id of what it names"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.owner, "name", "language", "kind", "source", "key")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", self.owner, "kind", "language", "key", "source")

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return (self.owner, "source")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", f"{self.owner}__public_id")

    def alternatives(self, term: str) -> Iterator[Q]:
        yield Q(key__contains=fold(term))

    def columns_to_write(self, form: Any) -> list[str]:
        """Write the key with the name that it follows from."""
        return [*form.changed_data, "key"] if "name" in form.changed_data else form.changed_data


class CodeInline(Inline):
    """The codes of a record in other schemes."""

    verbose_name_plural = "codes in other schemes"
    fields: ClassVar[tuple[str, ...]] = ("scheme", "code")


class CodeAdmin(RowAdmin):
    """The codes of all records of a kind in other schemes; `owner` is the field of the record."""

    owner: ClassVar[str]
    list_filter = ("scheme",)
    ordering = ("-id",)
    search_help_text = "A code, or the id of what it stands for"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.owner, *CodeInline.fields)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (self.owner, *CodeInline.fields)

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return (self.owner,)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("code__exact", f"{self.owner}__public_id__startswith")


class PlaceNameInline(NameInline):
    """The names of a place."""

    model = PlaceName


class PlaceCodeInline(CodeInline):
    """The codes of a place in other schemes."""

    model = PlaceCode


class PlaceCitationInline(CitationInline):
    """The evidence of a place."""

    model = PlaceCitation


@admin.register(Place)
class PlaceAdmin(NamedAdmin):
    """Where."""

    route = "place"
    prepopulated_fields = {"public_id": ("name",)}
    list_display = ("name", "public_id", "kind", "parent", "country", "latitude", "longitude")
    list_filter = ("kind", "depth", ("country", Countries), "dataset")
    list_select_related = ("parent", "country")
    search_fields = ("name", "public_id", "iso2__iexact", "iso3__iexact", "wikidata_id__iexact")
    search_help_text = "A name in any spelling, or an id"
    ordering = ("name", "id")
    readonly_fields = ("depth", "country", "level_1", "level_2", "level_3", "level_4")
    fieldsets = (
        (None, {"fields": ("name", "public_id", "kind", "parent")}),
        ("Where", {"fields": (("latitude", "longitude"),)}),
        ("Elsewhere", {"fields": (("iso2", "iso3"), ("geonames_id", "wikidata_id"))}),
        ("Provenance", {"fields": ("dataset",)}),
        (
            "Kept by the database",
            {
                "classes": ("collapse",),
                "fields": ("depth", "country", "level_1", "level_2", "level_3", "level_4"),
            },
        ),
    )
    inlines = (PlaceNameInline, PlaceCodeInline, PlaceCitationInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep ISO codes among the names of a place, by which it is looked up."""
        super().save_related(request, form, formsets, change)
        for code in filter(None, (form.instance.iso2, form.instance.iso3)):
            form.instance.names.get_or_create(name=code, defaults={"kind": NameKind.CODE})


@admin.register(PlaceName)
class PlaceNameAdmin(NameAdmin):
    """The names of places."""

    owner = "place"


@admin.register(PlaceCode)
class PlaceCodeAdmin(CodeAdmin):
    """The codes of places in other schemes."""

    owner = "place"


@admin.register(PlaceCitation)
class PlaceCitationAdmin(CitationAdmin):
    """The evidence of places."""

    owner, owner_columns = "place", ("place",)
