"""The OpenAPI document and the pages that show it, all from files of our own."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.request import Request
from rest_framework.response import Response

from api.parameters import Parameters
from api.renderers import JsonRenderer

# Nothing may be fetched from another host. Swagger UI and Redoc write their styles into the page, and Redoc
# searches in a worker that it makes up.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class OfSoftware:
    """What the software alone says: it takes no parameters, and its errors are problems too."""

    of_data = False
    # What a page asks with for its own parts.
    own_parameters: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        query = request.query_params.copy()
        for name in self.own_parameters:
            query.pop(name, None)
        Parameters.read(query)

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)  # type: ignore[misc]
        if response.exception:
            response.accepted_renderer = JsonRenderer()
        return response


class SchemaView(OfSoftware, SpectacularAPIView):
    """The OpenAPI document: JSON unless YAML is asked for."""

    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    ]

    def _get_schema_response(self, request: Request) -> Response:
        return Response(document())


class YamlSchemaView(SchemaView):
    """The OpenAPI document as YAML."""

    renderer_classes = [OpenApiYamlRenderer2, OpenApiYamlRenderer]


class JsonSchemaView(SchemaView):
    """The OpenAPI document as JSON."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]


class Page(OfSoftware):
    """A page for people: nothing from elsewhere may run in it."""

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        # Swagger UI would open it to windows that others sign in with.
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        if not response.exception:
            # Nothing is written from here. A token would come with a cookie, and be kept in a shared answer.
            response.data["csrf_token"] = ""
        return response


class SwaggerView(Page, SpectacularSwaggerSplitView):
    """Swagger UI."""

    title = "Dateline: try the API"
    template_name = "api/swagger.html"
    own_parameters = ("script",)


class RedocView(Page, SpectacularRedocView):
    """Redoc."""

    title = "Dateline: the API described"
    template_name = "api/redoc.html"


@cache
def document() -> Any:
    """Return the OpenAPI document, which nobody may change."""
    return SchemaGenerator().get_schema(request=None, public=True)
