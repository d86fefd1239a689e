"""How answers are written: JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.accept import preferred


class JsonRenderer(BaseRenderer):
    """JSON in UTF-8. Bodies that the database wrote are passed through as `orjson.Fragment`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class Negotiation(BaseContentNegotiation):
    """Chooses among the renderers of a view by what the client accepts, weights included."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        by_type = {renderer.media_type: renderer for renderer in renderers}
        found = preferred(request._request, list(by_type))
        if found is None:
            raise NotAcceptable
        return by_type[found], found
