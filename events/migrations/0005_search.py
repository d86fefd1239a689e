from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations

# A generated column is computed where the row is written, one after the other. Kept by a trigger, an
# import can bring it along, computed while the file is read.
WORDS = """
CREATE FUNCTION events_event_words(title text, summary text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('english'::regconfig, coalesce(title, '')), 'A')
        || setweight(to_tsvector('english'::regconfig, coalesce(summary, '')), 'B');

CREATE FUNCTION events_event_derive_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := events_event_words(NEW.title, NEW.summary);
    RETURN NEW;
END $$;

CREATE TRIGGER events_event_derive_search
    BEFORE UPDATE OF title, summary, search
    ON events_event FOR EACH ROW EXECUTE FUNCTION events_event_derive_search();
CREATE TRIGGER events_event_derive_search_new
    BEFORE INSERT ON events_event FOR EACH ROW
    WHEN (NEW.search IS NULL
        OR current_setting('dateline.bulk_load', true) IS DISTINCT FROM pg_current_xact_id()::text)
    EXECUTE FUNCTION events_event_derive_search();
"""
KEPT = f"""
ALTER TABLE events_event ALTER COLUMN search DROP EXPRESSION, ALTER COLUMN search SET NOT NULL;
{WORDS}
"""

GENERATED = """
DROP TRIGGER events_event_derive_search_new ON events_event;
DROP TRIGGER events_event_derive_search ON events_event;
DROP FUNCTION events_event_derive_search, events_event_words;
ALTER TABLE events_event DROP COLUMN search;
ALTER TABLE events_event ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english'::regconfig, coalesce(title, '')), 'A')
    || setweight(to_tsvector('english'::regconfig, coalesce(summary, '')), 'B')) STORED;
CREATE INDEX events_event_search ON events_event USING gin (search);
"""


class Migration(migrations.Migration):
    """The words of an event are kept by the database, and may be brought along by a bulk load."""

    dependencies = [("events", "0004_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(KEPT, GENERATED)],
            [
                migrations.RemoveIndex("event", "events_event_search"),
                migrations.RemoveField("event", "search"),
                migrations.AddField(
                    "event", "search", SearchVectorField(default=None, editable=False)
                ),
                migrations.AddIndex(
                    "event", GinIndex(fields=["search"], name="events_event_search")
                ),
            ],
        )
    ]
