"""What can be asked of sources and datasets."""

from datetime import date

from api.keys import SortKey
from api.lists import ListParameters, Sort
from api.parameters import Words
from sources.choices import DocumentKind

FIRST_DAY, LAST_DAY = date.min, date.max


class SourceParameters(ListParameters):
    """Filters and orders of /api/sources."""

    kind = Words(
        DocumentKind, narrow="kind__in", help_text="What sort of document.", example="article"
    )
    sort = Sort(
        {
            "id": SortKey("public_id", str),
            "title": SortKey("title", str),
            "published": SortKey("published", date, null_as=(FIRST_DAY, LAST_DAY)),
        },
        default="-published",
    )


class DatasetParameters(ListParameters):
    """Orders of /api/datasets."""

    sort = Sort({"id": SortKey("public_id", str), "name": SortKey("name", str)}, default="name")
