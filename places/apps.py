from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Where."""

    name = "places"
