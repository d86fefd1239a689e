"""What the admins of all apps share: how records are shown, searched, edited and saved."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import Field, Model, Q, QuerySet, TextField, URLField
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from api.names import fold

if TYPE_CHECKING:
    AnyOptions = BaseModelAdmin[Any]
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyInline = admin.TabularInline[Any, Any]
    AnyStackedInline = admin.StackedInline[Any, Any]
    AnyForm = forms.ModelForm[Any]
else:
    # Django's classes take no parameters while they run.
    AnyOptions, AnyModelAdmin, AnyForm = BaseModelAdmin, admin.ModelAdmin, forms.ModelForm
    AnyInline, AnyStackedInline = admin.TabularInline, admin.StackedInline

# What a constraint means to a curator, by the end of its name.
_SENTENCES = {
    "_public_id_form": "An id is made of lower-case letters and digits, in words joined by hyphens.",
    "_dates_ordered": "The last day is before the first.",
    "_date_whole": "A date needs a first or last day, a precision and EDTF; or none of them at all.",
    "_passage_whole": "A passage needs its paragraph (from 1), start, a larger end, and the SHA-256 "
    "of its text in lower-case hex; or the paragraph alone; or none of them.",
    "_sha256_form": "A SHA-256 is 64 lower-case hexadecimal digits.",
    "_checksum_form": "A checksum is a SHA-256: 64 lower-case hexadecimal digits.",
    "_language_form": "A language is a BCP 47 tag, such as en or az-Latn.",
}


def explain(sentences: dict[str, str]) -> None:
    """Say what constraints mean to a curator, each by the end of its name."""
    _SENTENCES.update(sentences)


def in_words(constraint: str) -> str:
    """Return what the constraint of that name means."""
    for ending, sentence in _SENTENCES.items():
        if constraint.endswith(ending):
            return sentence
    return f"The database does not allow this ({constraint})."


class PlainText(forms.CharField):
    """Text with the line ends it is stored with: browsers send others, which would be a change."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


class RecordForm(AnyForm):
    """A form that says in words which rule of the database its data break."""

    # What the database said when the data were saved: its triggers know more than validation.
    refusal: ClassVar[str | None] = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            self.add_error(None, self.refusal)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        if field is None and hasattr(error, "error_dict"):
            errors = error.error_dict.get(NON_FIELD_ERRORS, [])
            error.error_dict[NON_FIELD_ERRORS] = [self._in_words(one) for one in errors]
            if not errors:
                del error.error_dict[NON_FIELD_ERRORS]
        super().add_error(field, error)

    def _in_words(self, error: ValidationError) -> ValidationError:
        for constraint in self.instance._meta.constraints:
            if error.message == f"Constraint “{constraint.name}” is violated.":
                return ValidationError(in_words(constraint.name), code="constraint")
        return error


class Fields(AnyOptions):
    """How the columns of any record are edited, on a page of their own or inside another's."""

    form: Any = RecordForm
    # Texts of more than a line.
    long_texts: ClassVar[tuple[str, ...]] = ()
    formfield_overrides = {
        URLField: {"assume_scheme": "https"},
        ArrayField: {"widget": AdminTextInputWidget},
    }

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Let every link be chosen by typing: the tables behind them grow without limit."""
        meta = self.model._meta
        links = (*meta.fields, *meta.many_to_many)
        return [link.name for link in links if link.is_relation and link.editable]

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if isinstance(db_field, TextField) and not db_field.choices:
            kwargs["form_class"] = PlainText
            # What is not known is null: an empty text would be a value.
            kwargs["empty_value"] = None if db_field.null else ""
            if db_field.name not in self.long_texts:
                kwargs["widget"] = AdminTextInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class _Inside:
    """Rows of another table inside a record's page: those that there are, and so many at most are added at once."""

    extra = 0
    added = 100

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        this: Any = self
        link = _get_foreign_key(this.parent_model, this.model, fk_name=this.fk_name)
        there = this.model._default_manager.filter(**{link.name: obj}).count() if obj else 0
        # Whoever sends a form says how many rows it has, and each takes milliseconds.
        most = {"max_num": there + self.added, "absolute_max": there + self.added}
        return super().get_formset(request, obj, **{**most, **kwargs})  # type: ignore[misc]


class Inline(_Inside, Fields, AnyInline):
    """One row to a line."""


class StackedInline(_Inside, Fields, AnyStackedInline):
    """One row below the other."""


class RowAdmin(Fields, AnyModelAdmin):
    """The pages of any table."""

    # Paths to names that a row is also found by, in any spelling.
    name_paths: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    # Counting a large table twice on each page is slow, and nobody asked for the number.
    show_full_result_count = False
    save_on_top = True

    def alternatives(self, term: str) -> Iterator[Q]:
        """Yield the conditions, besides `search_fields`, under which a row is found by `term`."""
        for path in self.name_paths:
            yield Q(**{f"{path}__key__contains": fold(term)})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows by their own words or by a name; by parts, so that each can use its index."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, duplicates
        others = [
            queryset.filter(condition).order_by().values("pk")
            for condition in self.alternatives(search_term)
        ]
        keys = found.order_by().values("pk").union(*others) if others else found.values("pk")
        return queryset.filter(pk__in=keys), False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a refusal of the database as an error of the form; nothing has been saved then."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            diagnosis = getattr(error.__cause__, "diag", None)
            constraint = getattr(diagnosis, "constraint_name", None) or "a rule without a name"
            # The form is validated again, with this error in it.
            request.refusal = in_words(constraint)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to what curators did to the row, and to what is part of it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404(f"There is no row {object_id} here.")
        trail = reverse("admin:sources_edit_changelist")
        return HttpResponseRedirect(f"{trail}?{urlencode(self.in_trail(row))}")

    def in_trail(self, row: Any) -> dict[str, Any]:
        """Return what the lines of the trail that tell of a row have in common."""
        return {"table": self.model._meta.db_table, "row": row.pk}

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Write what the curator changed, and nothing else.

        Two people can then edit one record, what the database keeps is left to it, and saving
        without a change leaves the data as they are.
        """
        if not change:
            obj.save()
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=columns.intersection(self.columns_to_write(form)))

    def columns_to_write(self, form: Any) -> list[str]:
        """Return the columns that a changed form is to write."""
        return list(form.changed_data)


class RecordAdmin(RowAdmin):
    """The pages of what the API serves under an id of its own.

    `route` is the name of the API's route for it, where it has one.
    """

    route: ClassVar[str] = ""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the id of a published record: links and citations rest on it."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "public_id") if obj else fields

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, Sequence[str]]:
        """Suggest the id of a new record; that of an old one stays."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def in_trail(self, row: Any) -> dict[str, Any]:
        return {"collection": self.model._meta.db_table, "record": row.public_id}

    def view_on_site(self, obj: Any) -> str | None:
        """Return the path under which the API serves the record, if it does."""
        if not self.route or not type(obj).objects.served().filter(pk=obj.pk).exists():
            return None
        return reverse(f"{self.route}-detail", args=[obj.public_id])


class CitationInline(Inline):
    """The evidence of a record."""

    verbose_name_plural = "citations"
    classes = ["collapse"]
    fields: ClassVar[tuple[str, ...]] = (
        "position",
        "document",
        "paragraph",
        "start",
        "end",
        "sha256",
        "locator",
        "supports",
    )


class CitationAdmin(RowAdmin):
    """The evidence of all records of a kind: what rests on a document.

    `owner` is the field of the record, `owner_columns` are the paths to what it is known by.
    """

    owner: ClassVar[str]
    owner_columns: ClassVar[tuple[str, ...]]
    list_filter = ("document__kind",)
    search_help_text = "The record, or a document by title or id"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.owner, *CitationInline.fields)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return (*self.owner_columns, "position", "document", "passage", "supported")

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.owner_columns, "document")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        ids = tuple(f"{column}__public_id__startswith" for column in self.owner_columns)
        return (*ids, "document__public_id", "document__title")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"{self.owner}_id", "position")

    @admin.display(description="passage")
    def passage(self, citation: Any) -> str:
        if citation.paragraph is None:
            return citation.locator or ""
        if citation.start is None:
            return f"¶{citation.paragraph}"
        return f"¶{citation.paragraph}, characters {citation.start}–{citation.end}"

    @admin.display(description="supports")
    def supported(self, citation: Any) -> str:
        return ", ".join(citation.supports)


class LookedAt(AnyOptions):
    """What is shown, and changed by the database or by imports alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
