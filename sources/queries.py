"""What can be asked of sources and datasets, and how other resources ask for them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from api.dates import Period
from api.kinds import From, Ids, Languages, Time, To, any_code
from api.lists import ListParameters, Sort
from api.orders import SortKey
from api.parameters import Names, Narrow, Words, any_of
from api.resolution import LabelledRecords, TitledRecords
from api.search import Search
from sources.choices import DocumentKind
from sources.records import Coding

DATASETS = LabelledRecords("dataset", "sources.Dataset", ("name",), search="/api/datasets?q=")
PUBLISHERS = LabelledRecords("publisher", "sources.Publisher", ("name",))
SOURCES = TitledRecords("source", "sources.Document", "title", search="/api/sources?q=")
ADDED_FROM = "The dataset that it was added from: id or name."
FIRST_DAY, LAST_DAY = date.min, date.max
ORDERS = {
    "id": SortKey("public_id", str),
    "title": SortKey("title", str),
    "published": SortKey("published", date, null_as=(FIRST_DAY, LAST_DAY)),
}


def during(period: Period, _: Mapping[str, Any]) -> Q:
    """Return the condition that what has dates may have been in `period`; unknown ends are open."""
    condition = ~Q(start_date=None, end_date=None)
    if period.end:
        condition &= Q(start_date__lte=period.end) | Q(start_date=None)
    if period.start:
        condition &= Q(end_date__gte=period.start) | Q(end_date=None)
    return condition


def within(column: str, period: Period) -> Q:
    """Return the condition that the day in `column` is one of `period`; an unknown day is not."""
    days = (period.start or FIRST_DAY, period.end or LAST_DAY)
    return Q(**{f"{column}__range": days})


def coded(codes: type[Coding], record: str) -> Narrow:
    """Return the narrowing of a list to records that have one of some codes."""
    return lambda asked, _: Q(pk__in=codes._default_manager.filter(any_code(asked)).values(record))


def _published(period: Period, _: Mapping[str, Any]) -> Q:
    return within("published", period)


class SourceParameters(ListParameters):
    """Filters and orders of /api/sources."""

    ordered = (("date_from", "date_to"),)

    id = Ids("npr-2020-11-20")
    q = Search("title", example="troops")
    kind = Words(
        DocumentKind, narrow="kind__in", help_text="What sort of document.", example="article"
    )
    publisher = Names(
        PUBLISHERS,
        narrow=any_of("publisher"),
        help_text="Who published it: id or name.",
        example="NPR",
    )
    language = Languages(
        help_text="Its language: a tag such as `en`, which covers `en-GB`.", example="en"
    )
    date = Time(
        narrow=_published,
        help_text="When it was published: a day, month, year or interval (2020-11-20, 2020-11, 2020, "
        "2020-10/2020-11, 2020-11-20/..). What has no date is published at none.",
        example="2020-11",
    )
    date_from = From(
        narrow="published__gte",
        help_text="Published on this day or later; of a month or year, its first day.",
        example="2020-11-01",
    )
    date_to = To(
        narrow="published__lte",
        help_text="Published on this day or earlier; of a month or year, its last day.",
        example="2020-11-30",
    )
    dataset = Names(DATASETS, narrow=any_of("dataset"), help_text=ADDED_FROM, example="aghdam-2020")
    sort = Sort(ORDERS, default="-published")


class DatasetParameters(ListParameters):
    """Filters and orders of /api/datasets."""

    id = Ids("aghdam-2020")
    q = Search("name", "description", example="report")
    sort = Sort({"id": SortKey("public_id", str), "name": SortKey("name", str)}, default="name")
