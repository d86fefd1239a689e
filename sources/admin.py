"""The admin of how we know: publishers, documents, datasets, and what was done to the records."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sources.curation import AnyModelAdmin, Inline, LookedAt, RecordAdmin, RowAdmin
from sources.models import Dataset, Document, Edit, Publisher, Release, Revision, Tombstone

admin.site.site_title = admin.site.site_header = "Dateline"

# What the import of a release read of its file, and what it did with the records.
ROWS, DONE = ("read", "rejected"), ("new", "changed", "unchanged", "removed")


class ReleaseInline(Inline):
    """The versions of a dataset."""

    model = Release
    readonly_fields = ("loaded_at", *ROWS, *DONE)
    fields = ("version", "checksum", *readonly_fields)


@admin.register(Publisher)
class PublisherAdmin(RecordAdmin):
    """Who publishes documents."""

    prepopulated_fields = {"public_id": ("name",)}
    list_display = ("name", "public_id", "website")
    search_fields = ("name", "public_id", "website")
    ordering = ("name",)
    fields = ("name", "public_id", "website", "dataset")


@admin.register(Document)
class DocumentAdmin(RecordAdmin):
    """What records cite."""

    route = "source"
    prepopulated_fields = {"public_id": ("title",)}
    list_display = ("title", "public_id", "kind", "publisher", "language", "published")
    list_filter = ("kind", "language", "dataset")
    list_select_related = ("publisher",)
    search_fields = ("title", "public_id", "link", "publisher__name")
    date_hierarchy = "published"
    ordering = ("title",)
    fieldsets = (
        (None, {"fields": ("title", "public_id", "kind")}),
        ("Where it appeared", {"fields": ("publisher", "published", "language", "link")}),
        ("Checking", {"fields": ("sha256",)}),
        ("Provenance", {"fields": ("dataset",)}),
    )


@admin.register(Dataset)
class DatasetAdmin(RecordAdmin):
    """Where records come from."""

    route = "dataset"
    prepopulated_fields = {"public_id": ("name",)}
    list_display = ("name", "public_id", "licence", "redistributable", "served", "website")
    list_filter = ("redistributable", "served", "licence")
    search_fields = ("name", "public_id", "description")
    ordering = ("name",)
    long_texts = ("description", "citation", "attribution")
    fieldsets = (
        (None, {"fields": ("name", "public_id", "description", "website")}),
        ("Terms", {"fields": ("licence", "licence_url", "redistributable")}),
        ("Credit", {"fields": ("citation", "attribution")}),
        (
            "Service",
            {
                "fields": ("served",),
                "description": "The API tells nobody of a dataset that is not served: neither the "
                "dataset nor its records, nor the actors, places and sources that it brought along.",
            },
        ),
    )
    inlines = (ReleaseInline,)


@admin.register(Release)
class ReleaseAdmin(RowAdmin):
    """The versions of all datasets."""

    list_display = ("dataset", "version", "loaded_at", "checksum")
    list_select_related = ("dataset",)
    list_filter = ("dataset",)
    search_fields = ("version", "dataset__name", "dataset__public_id", "checksum")
    date_hierarchy = "loaded_at"
    ordering = ("-loaded_at", "-id")
    readonly_fields = ("loaded_at", *ROWS, *DONE)
    fieldsets = (
        (None, {"fields": ("dataset", "version", "checksum", "loaded_at")}),
        ("The import that last changed something", {"fields": (ROWS, DONE)}),
    )


@admin.register(Tombstone)
class TombstoneAdmin(LookedAt, RowAdmin):
    """What was removed. To look at: imports write it, and the ids are never used again."""

    list_display = ("public_id", "collection", "dataset", "release", "removed_at")
    list_filter = ("collection", "dataset")
    search_fields = ("public_id__startswith", "dataset__exact")
    search_help_text = "The id of what was removed, or of its dataset"
    ordering = ("-id",)
    fields = ("collection", "public_id", "dataset", "release", "removed_at")


@admin.register(Revision)
class RevisionAdmin(LookedAt, AnyModelAdmin):
    """The state of the data as a whole. To look at: the database counts."""

    list_display = ("number", "changed_at", "transaction")
    ordering = ("id",)


@admin.register(Edit)
class EditAdmin(LookedAt, RowAdmin):
    """What curators did. To look at: the database writes it, and it stays as it is."""

    list_display = ("at", "curator", "action", "kind", "record", "changed")
    list_filter = ("action", "table")
    search_fields = ("record__startswith", "curator__exact")
    search_help_text = "The id of a record, or the name of a curator"
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("at", "curator", "action", "kind", "row", "record", "values")

    @admin.display(description="what", ordering="table")
    def kind(self, edit: Edit) -> str:
        model = _model(edit.table)
        return str(model._meta.verbose_name) if model else edit.table

    @admin.display(description="changed")
    def changed(self, edit: Edit) -> str:
        return ", ".join(name for name, *_ in _changes(edit)) if edit.action == "changed" else ""

    @admin.display(description="before and after")
    def values(self, edit: Edit) -> SafeString:
        model = _model(edit.table)
        rows = (
            (name, _told(model, name, before), _told(model, name, after))
            for name, before, after in _changes(edit)
        )
        return format_html(
            "<table><tr><th>field</th><th>before</th><th>after</th></tr>{}</table>",
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )


def _changes(edit: Edit) -> Iterator[tuple[str, Any, Any]]:
    """Yield the columns that an edit gave another value, with the old and the new one."""
    before, after = edit.before or {}, edit.after or {}
    for column in {**before, **after}:
        old, new = before.get(column), after.get(column)
        if old != new:
            yield column, old, new


def _model(table: str) -> type[Model] | None:
    """Return the model of a table, if there still is one."""
    models = apps.get_models(include_auto_created=True)
    return next((model for model in models if model._meta.db_table == table), None)


def _told(model: type[Model] | None, column: str, value: Any) -> str:
    """Return a value as a person reads it: what a number stands for, if that is still there."""
    if value is None:
        return "–"
    try:
        field: Any = model and model._meta.get_field(column.removesuffix("_id"))
    except FieldDoesNotExist:
        field = None
    if field is None or not field.is_relation:
        return str(value)
    meant = field.related_model._base_manager.filter(pk=value).first()
    return f"{meant or 'no longer there'} ({value})"
