from api.views import ResourceViewSet
from sources.models import Dataset, Document
from sources.queries import DatasetParameters, SourceParameters
from sources.serializers import DatasetSerializer, SourceSerializer


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
