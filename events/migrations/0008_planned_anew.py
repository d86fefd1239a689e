from django.db import migrations

# (function, how rows of one table follow those of another: columns that count, table, reference)
FOLLOWING = (
    (
        "events_event_follow_place",
        ("level_1_id", "level_2_id", "level_3_id", "level_4_id"),
        "events_event",
        "place_id",
    ),
    ("events_event_follow_type", ("root_id",), "events_event", "type_id"),
    ("events_participation_follow_event", ("sort_date",), "events_participation", "event_id"),
)

# A session keeps the plan of a trigger's query from its first run on, which may have been for no rows at
# all. Two tables of changes, which have no index, would then be joined row by row: EXECUTE plans anew.
PLANNED = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved bigint[];
BEGIN
    EXECUTE 'SELECT array_agg(n.id) FROM after_change n JOIN before_change o USING (id)
        WHERE ({old}) IS DISTINCT FROM ({new})' INTO moved;
    IF moved IS NOT NULL THEN
        UPDATE {table} SET {link} = {link} WHERE {link} = ANY(moved);
    END IF;
    RETURN NULL;
END $$;
"""

KEPT = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {table} SET {link} = {link} WHERE {link} IN (
        SELECT n.id FROM after_change n JOIN before_change o USING (id)
        WHERE ({old}) IS DISTINCT FROM ({new}));
    RETURN NULL;
END $$;
"""


def _all(template):
    return "".join(
        template.format(
            function=function,
            old=", ".join(f"o.{column}" for column in columns),
            new=", ".join(f"n.{column}" for column in columns),
            table=table,
            link=link,
        )
        for function, columns, table, link in FOLLOWING
    )


class Migration(migrations.Migration):
    """What follows a change is found by a query that is planned each time."""

    dependencies = [("events", "0007_summary")]

    operations = [migrations.RunSQL(_all(PLANNED), _all(KEPT))]
