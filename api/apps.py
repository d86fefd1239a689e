from django.apps import AppConfig


class ApiConfig(AppConfig):
    """How any resource behaves over HTTP."""

    name = "api"
