from typing import Any, ClassVar

from django.db.models import QuerySet

from api.files import Provenance
from api.formats import CSV, JSON, NDJSON, Format
from api.parameters import Values
from api.problems import Gone
from api.views import ResourceViewSet
from sources.models import Dataset, Document, Revision, Tombstone
from sources.queries import DatasetParameters, SourceParameters
from sources.serializers import DatasetSerializer, SourceRowSerializer, SourceSerializer

# Headers have their limits: of more datasets than these, the list is linked.
MOST_LINKED = 10


class Published:
    """What is given out as files, too, with the terms of the datasets it is from."""

    def provenance(self, values: Values, rows: QuerySet[Any] | None = None) -> Provenance:
        """Return the data revision, and the terms of the datasets that are asked for.

        Of `rows` they are those of the datasets that brought them; what a curator made may draw on all.
        """
        datasets = Dataset.objects.served().order_by("public_id")
        if "dataset" in values.given:
            datasets = datasets.filter(pk__in=[match.pk for match in values["dataset"]])
        if rows is not None:
            own = datasets.filter(pk__in=rows.values(rows.model.dataset_path))
            datasets = own if own.exists() else datasets
        found = list(datasets.values_list("public_id", "licence_url")[: MOST_LINKED + 1])
        if len(found) > MOST_LINKED:
            links = [("/api/datasets", "license"), ("/api/datasets", "cite-as")]
        else:
            licences = dict.fromkeys(url or f"/api/datasets/{id_}" for id_, url in found)
            links = [(url, "license") for url in licences]
            links += [(f"/api/datasets/{id_}", "cite-as") for id_, _ in found]
        return Provenance(Revision.current().number, links)


class PublishedViewSet(Published, ResourceViewSet):
    """A collection that is given out as files, too."""

    formats: ClassVar[tuple[Format, ...]] = (JSON, CSV, NDJSON)


class RemovableViewSet(ResourceViewSet):
    """A collection whose records leave tombstones, under `collection`, its name in addresses."""

    collection: ClassVar[str]

    def missing(self, public_id: str) -> Exception:
        """Tell a record that was removed from one that never was."""
        known = {} if "\x00" in public_id else {"public_id": public_id}
        withheld = Dataset.objects.filter(served=False).values("public_id")
        stones = Tombstone.objects.exclude(dataset__in=withheld)
        stone = stones.filter(collection=self.collection, **known).first()
        if stone is None or not known:
            return super().missing(public_id)
        day = f"{stone.removed_at:%Y-%m-%d}"
        why = f"release {stone.release} of {stone.dataset} does not have it"
        why = why if stone.release else f"data of {stone.dataset} were removed here"
        return Gone(f"The {self.noun} “{public_id}” was removed on {day}: {why}.")


class ImportedViewSet(RemovableViewSet, PublishedViewSet):
    """A collection whose records come and go with the releases of datasets."""


class SourceViewSet(PublishedViewSet):
    """Documents behind the records."""

    model = Document
    serializer_class = SourceSerializer
    row_serializer_class = SourceRowSerializer
    parameters = SourceParameters
    noun, tag = "source", "sources"


class DatasetViewSet(RemovableViewSet):
    """Where records come from: terms, citation, releases, coverage."""

    model = Dataset
    serializer_class = DatasetSerializer
    parameters = DatasetParameters
    noun, tag = "dataset", "sources"
    collection = "datasets"
