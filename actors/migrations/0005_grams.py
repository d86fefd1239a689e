from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from places.grams import Grams


class Migration(migrations.Migration):
    dependencies = [("actors", "0004_uses"), ("places", "0007_grams")]

    operations = [
        migrations.AddIndex("actorname", GinIndex(Grams("key"), name="actors_actorname_grams")),
    ]
