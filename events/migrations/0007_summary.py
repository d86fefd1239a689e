from django.db import migrations, models


class Migration(migrations.Migration):
    """One index holds all that summaries of events read."""

    dependencies = [("events", "0006_filters")]

    operations = [
        migrations.AddIndex(
            "event",
            models.Index(
                fields=["place_level_1", "start_date"],
                include=(
                    *("id", "dataset", "end_date", "type", "root_type", "status", "place"),
                    *("deaths_low", "deaths_best", "deaths_high"),
                    *("displaced_low", "displaced_best", "displaced_high"),
                ),
                name="events_event_summary",
            ),
        )
    ]
