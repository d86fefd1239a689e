from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from places.grams import Grams

GRAMS = """
CREATE FUNCTION places_grams(text text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT substr(text, n, 3) FROM generate_series(1, greatest(length(text) - 2, 1)) n)
"""


class Migration(migrations.Migration):
    dependencies = [("places", "0006_uses")]

    operations = [
        migrations.RunSQL(GRAMS, "DROP FUNCTION places_grams(text)"),
        migrations.AddIndex("placename", GinIndex(Grams("key"), name="places_placename_grams")),
    ]
