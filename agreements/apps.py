from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """What was agreed."""

    name = "agreements"
