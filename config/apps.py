from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """How the pieces are put together; holds the command that runs the service."""

    name = "config"
