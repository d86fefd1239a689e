from django.apps import AppConfig


class ExplorerConfig(AppConfig):
    """The pages where people look at what the API answers."""

    name = "explorer"
