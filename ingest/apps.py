from django.apps import AppConfig


class IngestConfig(AppConfig):
    """How records get in: the only writer besides the admin."""

    name = "ingest"
