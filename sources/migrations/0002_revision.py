from django.db import migrations


class Migration(migrations.Migration):
    """The one row that counts the changes of the data."""

    dependencies = [("sources", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO sources_revision (id, number, changed_at, transaction) "
            "VALUES (1, 0, now(), '')",
            "DELETE FROM sources_revision",
        )
    ]
