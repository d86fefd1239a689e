from django.db import migrations


class Migration(migrations.Migration):
    """An agreement comes from a release of its own dataset."""

    dependencies = [("agreements", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE agreements_agreement "
            "ADD CONSTRAINT agreements_agreement_release_id_of_dataset "
            "FOREIGN KEY (release_id, dataset_id) REFERENCES sources_release (id, dataset_id) "
            "DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE agreements_agreement "
            "DROP CONSTRAINT agreements_agreement_release_id_of_dataset",
        )
    ]
