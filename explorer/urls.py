"""Addresses of pages: those of the API, without /api before them."""

from django.urls import path
from django.views.generic import RedirectView

from explorer import views

urlpatterns = [
    path("", views.events, name="explorer"),
    path("events", RedirectView.as_view(url="/", query_string=True)),
    path("events/<str:event_id>", views.event, name="explorer-event"),
    path("agreements", views.agreements, name="explorer-agreements"),
    path("agreements/<str:agreement_id>", views.agreement, name="explorer-agreement"),
]
