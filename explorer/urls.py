"""Addresses of pages: those of the API, without /api before them."""

from typing import Any

from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from explorer import views


def moved(**where: Any) -> Any:
    """Return a view that leads for good to another address, with the query as it is."""
    return csrf_exempt(
        require_safe(RedirectView.as_view(permanent=True, query_string=True, **where))
    )


urlpatterns = [
    path("", views.events, name="explorer"),
    path("events", RedirectView.as_view(url="/", query_string=True)),
    path("events/", moved(url="/")),
    path("events/<str:event_id>", views.event, name="explorer-event"),
    path("events/<str:event_id>/", moved(pattern_name="explorer-event")),
    path("agreements", views.agreements, name="explorer-agreements"),
    path("agreements/", moved(pattern_name="explorer-agreements")),
    path("agreements/<str:agreement_id>", views.agreement, name="explorer-agreement"),
    path("agreements/<str:agreement_id>/", moved(pattern_name="explorer-agreement")),
]
