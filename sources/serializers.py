from collections.abc import Callable
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from rest_framework import serializers

from api.flat import text_cell
from api.serializers import (
    AggregateField,
    ReadOnly,
    RecordSerializer,
    TimeField,
    UrlField,
    id_field,
)
from sources.choices import DatePrecision
from sources.models import Dataset, Document, Publisher, Release


class IntervalSerializer(ReadOnly):
    """A time that may be longer than a day, or known only roughly."""

    start = serializers.DateField(
        source="start_date", allow_null=True, help_text="First day; null is unknown."
    )
    end = serializers.DateField(
        source="end_date", allow_null=True, help_text="Last day; null is unknown or still open."
    )
    precision = serializers.ChoiceField(
        source="date_precision", choices=DatePrecision.choices, allow_null=True
    )
    edtf = serializers.CharField(
        allow_null=True, help_text="The same in the Extended Date/Time Format (ISO 8601-2)."
    )


class PublisherSerializer(RecordSerializer):
    """Who published a document."""

    id = id_field()

    class Meta:
        model = Publisher
        fields = ["id", "name", "website"]


class SourceBriefSerializer(RecordSerializer):
    """A document in a line."""

    id = id_field()
    url = UrlField("sources")
    publisher = serializers.CharField(source="publisher.name", allow_null=True)

    class Meta:
        model = Document
        fields = ["id", "url", "title", "publisher", "published"]


class SourceSerializer(RecordSerializer):
    """A document that records cite. Its text is not stored here; `sha256` identifies it."""

    id = id_field()
    url = UrlField("sources")
    publisher = PublisherSerializer(allow_null=True)

    class Meta:
        model = Document
        fields = [
            "id",
            "url",
            "kind",
            "title",
            "publisher",
            "link",
            "language",
            "published",
            "sha256",
        ]


class LocatorSerializer(ReadOnly):
    """Where in a document: a passage by paragraph and characters, a paragraph, or a record of a dataset."""

    paragraph = serializers.IntegerField(
        allow_null=True, help_text="Blocks of text between empty lines, from 1 (the headline)."
    )
    start = serializers.IntegerField(
        allow_null=True, help_text="First character in the paragraph, from 0."
    )
    end = serializers.IntegerField(allow_null=True, help_text="Character after the last one.")
    sha256 = serializers.CharField(
        allow_null=True, help_text="SHA-256 of the passage in UTF-8, in hex."
    )
    record = serializers.CharField(
        source="locator", allow_null=True, help_text="Record of a dataset."
    )


class CitationSerializer(ReadOnly):
    """How we know, or where something was added from, and which fields rest on it."""

    source = SourceBriefSerializer(source="document")  # type: ignore[assignment]
    locator = LocatorSerializer(source="*")
    supports = serializers.ListField(child=serializers.CharField())


class CodeSerializer(ReadOnly):
    """What a record is called in another scheme."""

    scheme = serializers.CharField(help_text="cameo, ucdp-actor, fips…")
    code = serializers.CharField(help_text="As text: leading zeros count.")


class DatasetBriefSerializer(RecordSerializer):
    """A dataset in a line."""

    id = id_field()
    url = UrlField("datasets")

    class Meta:
        model = Dataset
        fields = ["id", "url", "name", "licence"]


class ReleaseSerializer(RecordSerializer):
    """A version of a dataset as it was loaded here, and what the import did that loaded it."""

    loaded_at = TimeField()

    class Meta:
        model = Release
        fields = [
            "version",
            "checksum",
            "loaded_at",
            "read",
            "rejected",
            "new",
            "changed",
            "unchanged",
            "removed",
        ]


def _rows_of(relation: str) -> Callable[[Any], QuerySet[Any]]:
    """Return the function that returns the rows of a dataset at the other end of a relation."""

    def rows(dataset: Any) -> QuerySet[Any]:
        model: Any = Dataset._meta.get_field(relation).related_model
        found: QuerySet[Any] = model.objects.filter(dataset=dataset)
        return found

    return rows


_events, _agreements = _rows_of("events"), _rows_of("agreements")


class CoverageSerializer(ReadOnly):
    """What a dataset covers."""

    events = AggregateField(Count("pk"), _events, help_text="How many events it has.")
    first_date = AggregateField(
        Min("start_date"),
        _events,
        _agreements,
        help_text="First day of the earliest event or agreement.",
    )
    last_date = AggregateField(
        Max("end_date"),
        _events,
        _agreements,
        help_text="Last day of the latest event or agreement.",
    )
    agreements = AggregateField(Count("pk"), _agreements, help_text="How many agreements it has.")


class DatasetSerializer(RecordSerializer):
    """A collection of records with one origin and one set of terms."""

    id = id_field()
    url = UrlField("datasets")
    releases = ReleaseSerializer(many=True)
    coverage = CoverageSerializer(source="*")

    class Meta:
        model = Dataset
        fields = [
            "id",
            "url",
            "name",
            "description",
            "licence",
            "licence_url",
            "citation",
            "attribution",
            "website",
            "redistributable",
            "releases",
            "coverage",
        ]


class SourceRowSerializer(RecordSerializer):
    """A document as a row of a table: unknown is empty."""

    id = id_field()
    url = UrlField("sources")
    publisher_id = text_cell("publisher.public_id", "Id of who published it.")
    publisher = text_cell("publisher.name", "Who published it.")
    dataset_id = text_cell("dataset.public_id", "The dataset that it was added from.")
    licence = text_cell("dataset.licence", "The terms of the dataset.")

    class Meta:
        model = Document
        fields = [
            "id",
            "url",
            "kind",
            "title",
            "publisher_id",
            "publisher",
            "link",
            "language",
            "published",
            "sha256",
            "dataset_id",
            "licence",
        ]
