import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.models.functions import Floor

# Terms go with their event, whoever deletes it.
BELONGS = """
ALTER TABLE events_eventterms ADD CONSTRAINT events_eventterms_go_with_their_event
    FOREIGN KEY (event_id) REFERENCES events_event (id) ON DELETE CASCADE;
"""
UNDO = "ALTER TABLE events_eventterms DROP CONSTRAINT events_eventterms_go_with_their_event;"


class Migration(migrations.Migration):
    """What events are found by when filters seldom meet; written along with their bodies."""

    dependencies = [("events", "0011_paragraph_alone")]

    operations = [
        migrations.CreateModel(
            name="EventTerms",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="terms",
                        serialize=False,
                        to="events.event",
                    ),
                ),
                ("sort_date", models.DateField()),
                ("start_date", models.DateField(null=True)),
                ("end_date", models.DateField(null=True)),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                ("terms", SearchVectorField()),
            ],
            options={
                "verbose_name_plural": "event terms",
                "indexes": [
                    GinIndex(
                        fields=["terms"], gin_pending_list_limit=512, name="events_eventterms_terms"
                    ),
                    models.Index(fields=["sort_date"], name="events_eventterms_date"),
                    models.Index(
                        Floor("latitude"),
                        models.F("longitude"),
                        models.F("latitude"),
                        name="events_eventterms_point",
                    ),
                ],
            },
        ),
        migrations.RunSQL(BELONGS, UNDO),
    ]
