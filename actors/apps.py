from django.apps import AppConfig


class ActorsConfig(AppConfig):
    """Who."""

    name = "actors"
