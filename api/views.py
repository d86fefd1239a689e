"""How a collection answers: a list of pages and a record at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from django.db import connection, transaction
from django.db.models import Model
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ViewSet

from api.bodies import bodies
from api.keys import COUNTED, BadCursor, KeyPage, Keys, Position, fingerprint
from api.lists import NUMBERED_DEPTH, PAGING, ListParameters
from api.parameters import Parameters, Values
from api.problems import InvalidParameters, ParameterError
from api.visibility import served


class ResourceViewSet(ViewSet):
    """A collection of records, read only.

    A resource names its model, its serializer and the parameters of its list. Records are found in
    two steps: `keys` are filtered, ordered and paged, then `bodies` are fetched as JSON text.
    """

    model: ClassVar[type[Model]]
    serializer_class: ClassVar[type[ModelSerializer[Any]]]
    parameters: ClassVar[type[ListParameters]]
    noun: ClassVar[str]
    tag: ClassVar[str]

    lookup_field = "id"
    lookup_value_regex = "[^/]+"

    def keys(self, values: Values) -> Keys:
        """Return the rows that the query asks for."""
        return Keys.of(self.model, values.conditions())

    def bodies(self, keys: list[int]) -> dict[int, str]:
        """Return the JSON of the records with these keys."""
        return dict(bodies(self.serializer_class, self.model._default_manager.filter(pk__in=keys)))

    def list(self, request: Request) -> Response:
        with snapshot():
            return self._list(request)

    def _list(self, request: Request) -> Response:
        values = self.parameters.read(request.query_params)
        mark = fingerprint(request.path, dict(request.query_params.lists()), PAGING)
        keys = self.keys(values)
        page = self._page(keys, values, mark)
        found = self.bodies(page.keys)
        count, relation = self._count(keys, values)
        links = {
            "next": self._link(request, page.next(), mark),
            "previous": self._link(request, page.previous(), mark),
        }
        response = Response(
            {
                "count": count,
                "count_relation": relation,
                **links,
                "results": [orjson.Fragment(found[key]) for key in page.keys if key in found],
                "resolved": values.resolved(),
            }
        )
        header = [
            f'<{url}>; rel="{rel.replace("previous", "prev")}"' for rel, url in links.items() if url
        ]
        if header:
            response["Link"] = ", ".join(header)
        return response

    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 (the name in the path)
        Parameters.read(request.query_params)
        row = None if "\x00" in id else self._named(id)
        if row is None:
            raise self.missing(id)
        return Response(orjson.Fragment(row))

    def missing(self, public_id: str) -> Exception:
        """Return the error for an id under which there is no record."""
        return Http404(f"There is no {self.noun} with the id “{public_id}”.")

    def _named(self, public_id: str) -> str | None:
        rows = served(self.model).filter(public_id=public_id)
        return next((body for _, body in bodies(self.serializer_class, rows)), None)

    def _page(self, keys: Keys, values: Values, mark: str) -> KeyPage:
        order, size = values["sort"], values["page_size"]
        if "cursor" in values.given:
            if "page" in values.given:
                raise _refused("page", values["page"], "Give `page` or `cursor`, not both.")
            try:
                position = Position.unsign(values["cursor"], mark, order)
            except BadCursor as error:
                raise _refused("cursor", values["cursor"], str(error)) from error
            return keys.read(order, size, position)
        number = values["page"] or 1
        if number * size > NUMBERED_DEPTH:
            raise _refused(
                "page",
                number,
                f"Page {number} is more than {NUMBERED_DEPTH:,} records deep; follow `next` instead.",
            )
        page = keys.read(order, size, skip=(number - 1) * size)
        if number > 1 and not page.rows:
            last = max(1, -(-keys.count() // size))
            raise Http404(f"There is no page {number}; the last page is {last}.")
        return page

    @staticmethod
    def _count(keys: Keys, values: Values) -> tuple[int | None, str | None]:
        if values["count"] == "none":
            return None, None
        count = keys.count(None if values["count"] == "exact" else COUNTED)
        if values["count"] == "exact" or count <= COUNTED:
            return count, "exact"
        return COUNTED, "at_least"

    @staticmethod
    def _link(request: Request, position: Position | None, mark: str) -> str | None:
        if position is None:
            return None
        kept = [
            (name, text)
            for name, texts in request.query_params.lists()
            if name not in ("cursor", "page")
            for text in texts
        ]
        query = urlencode([*kept, ("cursor", position.sign(mark))])
        return request.build_absolute_uri(f"{request.path}?{query}")


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries of an answer see one state of the data, whoever writes meanwhile."""
    if connection.in_atomic_block:
        yield  # within a test
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _refused(name: str, value: Any, detail: str) -> InvalidParameters:
    return InvalidParameters([ParameterError(name, str(value), "invalid_value", detail)])
