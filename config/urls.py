"""The whole surface of the service."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from rest_framework.routers import SimpleRouter
from rest_framework.urlpatterns import format_suffix_patterns

from actors.views import ActorViewSet
from agreements.views import AgreementViewSet, ProvisionViewSet
from api.docs import JsonSchemaView, RedocView, SchemaView, SwaggerView, YamlSchemaView
from api.guide import guide
from api.pages import problem_list, problem_page
from config.logins import LoginForm
from config.views import IndexView, live, ready
from events.views import EventSummaryView, EventTypeViewSet, EventViewSet
from places.views import PlaceViewSet
from sources.views import DatasetViewSet, SourceViewSet

router = SimpleRouter(trailing_slash=False)
router.register("events", EventViewSet, "event")
router.register("actors", ActorViewSet, "actor")
router.register("places", PlaceViewSet, "place")
router.register("agreements", AgreementViewSet, "agreement")
router.register("provisions", ProvisionViewSet, "provision")
router.register("sources", SourceViewSet, "source")
router.register("datasets", DatasetViewSet, "dataset")
router.register("event-types", EventTypeViewSet, "event-type")

admin.site.login_form = LoginForm

# What is asked for most comes first, as they are tried one by one.
urlpatterns = [
    *format_suffix_patterns(
        [path("api/events/summary", EventSummaryView.as_view(), name="event-summary")]
    ),
    path("api/", include(format_suffix_patterns(router.urls))),
    path("api", IndexView.as_view(), name="index"),
    path("", include("explorer.urls")),
    path("favicon.ico", RedirectView.as_view(url="/static/api/icon.svg")),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/schema.json", JsonSchemaView.as_view(), name="schema-json"),
    path("api/schema.yaml", YamlSchemaView.as_view(), name="schema-yaml"),
    path("api/docs", SwaggerView.as_view(), name="docs"),
    path("api/redoc", RedocView.as_view(), name="redoc"),
    path("problems", problem_list, name="problems"),
    path("problems/<str:code>", problem_page, name="problem"),
    path("llms.txt", guide, name="guide"),
    path("livez", live, name="livez"),
    path("readyz", ready, name="readyz"),
    path("admin/", admin.site.urls),
]

handler400 = "api.problems.bad_request"
handler403 = "api.problems.forbidden"
handler404 = "explorer.missing.not_found"
handler500 = "api.problems.server_error"
