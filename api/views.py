"""How a collection answers: a list of pages, a record at a time, and files."""

from collections.abc import Generator, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus, urlencode

import orjson
from django.db.models import Expression, F, Model, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ViewSet

from api.bodies import compiled, texts_of
from api.copying import Buffer, copied
from api.files import Provenance, alone, label, respond
from api.flat import RowSerializer, csv_line, csv_lines, feature
from api.formats import (
    CSV,
    GEOJSON,
    SELECTION,
    ByteOrderMark,
    Choice,
    Format,
    FormatParameter,
    InFormats,
    choose,
    refuse_unfit,
)
from api.keys import COUNTED, KeyPage, Keys
from api.lists import NUMBERED_DEPTH, PAGING, ListParameters
from api.orders import BadCursor, Position, fingerprint
from api.parameters import Parameters, Values
from api.prepared import run
from api.problems import InvalidParameters
from api.selection import SelectionParameters, is_asked, parameters_of, select
from api.state import consistent, recalled, remembered, saw, state_query
from api.visibility import served, visible

# What changes nothing in how many rows are found.
NOT_COUNTED = (*PAGING, "page_size", "sort", "fields", "omit", "include", "format")


class ResourceViewSet(InFormats, ViewSet):
    """A collection of records, read only.

    A resource names its model, its serializer and the parameters of its list; `formats` other than JSON
    need a `row_serializer_class`, a record as a flat row. Records are found in two steps: `keys` are
    filtered, ordered and paged, then their texts are fetched.
    """

    model: ClassVar[type[Model]]
    serializer_class: ClassVar[type[ModelSerializer[Any]]]
    row_serializer_class: ClassVar[RowSerializer | None] = None
    parameters: ClassVar[type[ListParameters]]
    record_parameters: ClassVar[type[Parameters]]
    noun: ClassVar[str]
    tag: ClassVar[str]

    lookup_field = "id"
    lookup_value_regex = "[^/.]+"

    def __init_subclass__(cls, **options: Any) -> None:
        """Add to the declared parameters what follows from formats and serializer."""
        super().__init_subclass__(**options)
        if "parameters" in vars(cls):
            added: dict[str, Any] = {"format": FormatParameter(cls.formats)}
            if CSV in cls.formats:
                added["bom"] = ByteOrderMark()
            added |= parameters_of(cls.serializer_class)
            added |= {"serializer_class": cls.serializer_class, "__doc__": cls.parameters.__doc__}
            name, bases = cls.parameters.__name__, (SelectionParameters, cls.parameters)
            cls.parameters = type(name, bases, dict(added))
            cls.record_parameters = type("RecordParameters", (SelectionParameters,), dict(added))

    def keys(self, values: Values) -> Keys:
        """Return the rows that the query asks for."""
        return Keys.of(self.model, values.conditions())

    def bodies(self, keys: list[int]) -> dict[int, str]:
        """Return the JSON of the records with these keys."""
        return texts_of(self.model, keys, compiled, self.serializer_class)

    @property
    def body(self) -> Expression:
        """What writes a record as JSON."""
        return compiled(self.serializer_class)

    def copied(self, format_: Format, rows: QuerySet[Any]) -> Generator[Buffer, None, None]:
        """Yield records as they are written in `format_`, with no limit to how many."""
        if format_.bodies or self.row_serializer_class is None:
            return copied(_alone(rows, self.body))
        if format_ is CSV:
            return csv_lines(self.row_serializer_class, rows)
        return copied(_alone(rows, feature(self.row_serializer_class)))

    def texts(
        self,
        format_: Format,
        keys: list[int],
        values: Values,
        known: Mapping[int, str] = MappingProxyType({}),
    ) -> dict[int, str]:
        """Return the records with these keys as they are written in `format_`, given `known` bodies."""
        if format_.bodies or self.row_serializer_class is None:
            missing = [key for key in keys if key not in known]
            found = {**known, **(self.bodies(missing) if missing else {})}
            return select(self.serializer_class, found, values)
        write = csv_line if format_ is CSV else feature
        return texts_of(self.model, keys, write, self.row_serializer_class)

    def provenance(self, values: Values, rows: QuerySet[Any] | None = None) -> Provenance:
        """Return the state of the data, and the terms of what the query may find, or of `rows`."""
        raise NotImplementedError

    def list(self, request: Request, suffix: str | None = None) -> HttpResponseBase:
        choice = choose(self.formats, request, suffix)
        if choice.file:
            return respond(self, request, choice)
        return consistent(lambda: self._list(request, choice))

    def _list(self, request: Request, choice: Choice) -> Response:
        values = self.parameters.read(request.query_params)
        refuse_unfit(values.given, choice)
        mark = fingerprint(request.path, dict(request.query_params.lists()), PAGING)
        keys, counted = self.keys(values), _counted(request, values)
        page = self._page(keys, values, mark, recalled(counted))
        found = self.texts(choice.format, page.keys, values, page.bodies)
        count, relation = self._count(counted, keys, page, values)
        links = _links(request, {"next": page.next(), "previous": page.previous()}, mark)
        records = [orjson.Fragment(found[key]) for key in page.keys if key in found]
        counts = {"count": count, "count_relation": relation, **links}
        if choice.format is GEOJSON:
            content = {"type": "FeatureCollection", "features": records, **counts}
        else:
            content = {**counts, "results": records}
        response = Response(
            {**content, "resolved": values.resolved()}, content_type=_content_type(choice, values)
        )
        header = [
            f'<{url}>; rel="{rel.replace("previous", "prev")}"' for rel, url in links.items() if url
        ]
        if header:
            response["Link"] = ", ".join(header)
        return response

    def retrieve(
        self,
        request: Request,
        id: str,  # noqa: A002 (the name in the path)
        suffix: str | None = None,
    ) -> HttpResponseBase:
        choice = choose(self.formats, request, suffix)
        values = self.record_parameters.read(request.query_params)
        refuse_unfit(values.given, choice)
        if choice.file:
            return consistent(lambda: self._file(request, id, choice, values))
        text = consistent(lambda: self._found(id, choice.format, values))
        return HttpResponse(text, content_type=_content_type(choice, values))

    def missing(self, public_id: str) -> Exception:
        """Return the error for an id under which there is no record."""
        return Http404(f"There is no {self.noun} with the id “{public_id}”.")

    def _file(
        self, request: Request, public_id: str, choice: Choice, values: Values
    ) -> HttpResponse:
        text = self._found(public_id, choice.format, values)
        response = alone(self, choice.format, values, text)
        rows = served(self.model).filter(public_id=public_id)
        label(response, request, choice.format, self.provenance(values, rows))
        return response

    def _found(self, public_id: str, format_: Format, values: Values) -> str:
        """Return the record with an id as it is written in a format; raise if there is none."""
        text = None if "\x00" in public_id else self._text(public_id, format_, values)
        if text is None:
            raise self.missing(public_id)
        return text

    def _text(self, public_id: str, format_: Format, values: Values) -> str | None:
        if format_.bodies:
            body = self._named(public_id)
            return body and select(self.serializer_class, {0: body}, values)[0]
        key = self._one(public_id, "key", F("pk"))
        return None if key is None else self.texts(format_, [key], values)[key]

    def _named(self, public_id: str) -> str | None:
        """Return the body of the record with that id, None if there is no such record."""
        body: str | None = self._one(public_id, "body", compiled(self.serializer_class))
        return body

    def _one(self, public_id: str, name: str, value: Any) -> Any:
        """Return a value, called `name`, of the record with that id."""

        def write(conditions: Sequence[Q], _: Sequence[Any]) -> list[QuerySet[Any]]:
            rows: QuerySet[Any] = self.model._default_manager.filter(*conditions)
            return [rows.order_by().values_list(value)]

        conditions = [*visible(self.model), Q(public_id=public_id)]
        around = f"SELECT * FROM ({{}}) found CROSS JOIN ({state_query()}) state"  # noqa: S608 (our own names)
        found = run((self.model, "one", name), conditions, (), write, around)
        if not found:
            return None
        value, *state = found[0]
        saw(tuple(state))
        return value

    def _page(self, keys: Keys, values: Values, mark: str, known: int | None) -> KeyPage:
        order, size = values["sort"], values["page_size"]
        if "cursor" in values.given:
            if "page" in values.given:
                raise InvalidParameters.of(
                    "page", values["page"], "Give `page` or `cursor`, not both."
                )
            try:
                position = Position.unsign(values["cursor"], mark, order)
            except BadCursor as error:
                raise InvalidParameters.of("cursor", values["cursor"], str(error)) from error
            return keys.read(order, size, position, known=known)
        number = values["page"] or 1
        if number * size > NUMBERED_DEPTH:
            raise InvalidParameters.of(
                "page",
                number,
                f"Page {number} is more than {NUMBERED_DEPTH:,} records deep; follow `next` instead.",
            )
        page = keys.read(order, size, skip=(number - 1) * size, known=known)
        if number > 1 and not page.rows:
            last = max(1, -(-keys.count() // size))
            raise Http404(f"There is no page {number}; the last page is {last}.")
        return page

    @staticmethod
    def _count(
        counted: Hashable, keys: Keys, page: KeyPage, values: Values
    ) -> tuple[int | None, str | None]:
        if values["count"] == "none":
            return None, None
        if page.is_all:
            return len(page.rows), "exact"
        limit, found = _limit(values), page.total
        count = remembered(counted, lambda: keys.count(limit) if found is None else found)
        if limit is None or count <= COUNTED:
            return count, "exact"
        return COUNTED, "at_least"


def _alone(rows: QuerySet[Any], text: Any) -> QuerySet[Any]:
    """Return the query for a text of each row, under a name that no order has."""
    texts: QuerySet[Any] = rows.annotate(text_of_row=text).values_list("text_of_row")
    return texts


def _links(
    request: Request, positions: Mapping[str, Position | None], mark: str
) -> dict[str, str | None]:
    """Return the addresses of the pages of a list at some positions, by what they are to the one asked for."""
    kept = [
        (name, text)
        for name, texts in request.query_params.lists()
        if name not in ("cursor", "page")
        for text in texts
    ]
    query = urlencode([*kept, ("cursor", "")])
    address = f"{request.scheme}://{request.get_host()}{quote(request.path)}?{query}"
    return {
        name: address + quote_plus(position.sign(mark)) if position else None
        for name, position in positions.items()
    }


def _content_type(choice: Choice, values: Values) -> str:
    return SELECTION if is_asked(values) else choice.format.content_type


def _limit(values: Values) -> int | None:
    """Return up to how many rows a query has counted; None if all are."""
    return None if values["count"] == "exact" else COUNTED


def _counted(request: Request, values: Values) -> Hashable:
    """Return by what the number of rows that a query finds is remembered."""
    asked = fingerprint(request.path, dict(request.query_params.lists()), NOT_COUNTED)
    return "count", asked, _limit(values)
