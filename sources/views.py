from typing import ClassVar

from api.problems import Gone
from api.views import ResourceViewSet
from sources.models import Dataset, Document, Tombstone
from sources.queries import DatasetParameters, SourceParameters
from sources.serializers import DatasetSerializer, SourceSerializer


class ImportedViewSet(ResourceViewSet):
    """A collection whose records come and go with the releases of datasets.

    `collection` is its name in addresses, under which tombstones are kept.
    """

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


class SourceViewSet(ResourceViewSet):
    """Documents behind the records."""

    model = Document
    serializer_class = SourceSerializer
    parameters = SourceParameters
    noun, tag = "source", "sources"


class DatasetViewSet(ResourceViewSet):
    """Where records come from: terms, citation, releases, coverage."""

    model = Dataset
    serializer_class = DatasetSerializer
    parameters = DatasetParameters
    noun, tag = "dataset", "sources"
