from django.db import migrations

# A session keeps the plan of a trigger's query from its first run on, which may have been for no rows at
# all. Two tables of changes, which have no index, would then be joined row by row: EXECUTE plans anew.
PLANNED = """
CREATE OR REPLACE FUNCTION places_place_pass_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved bigint[];
BEGIN
    EXECUTE 'SELECT array_agg(n.id) FROM after_change n JOIN before_change o USING (id)
        WHERE (o.level_1_id, o.level_2_id, o.level_3_id, o.level_4_id, o.country_id)
            IS DISTINCT FROM
            (n.level_1_id, n.level_2_id, n.level_3_id, n.level_4_id, n.country_id)' INTO moved;
    IF moved IS NOT NULL THEN
        UPDATE places_place SET parent_id = parent_id WHERE parent_id = ANY(moved);
    END IF;
    RETURN NULL;
END $$;
"""

KEPT = """
CREATE OR REPLACE FUNCTION places_place_pass_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved bigint[] := ARRAY(
        SELECT n.id FROM after_change n JOIN before_change o USING (id)
        WHERE (o.level_1_id, o.level_2_id, o.level_3_id, o.level_4_id, o.country_id)
            IS DISTINCT FROM
            (n.level_1_id, n.level_2_id, n.level_3_id, n.level_4_id, n.country_id));
BEGIN
    IF cardinality(moved) > 0 THEN
        UPDATE places_place SET parent_id = parent_id WHERE parent_id = ANY(moved);
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """What places pass on to those inside them is found by a query that is planned each time."""

    dependencies = [("places", "0004_indexes")]

    operations = [migrations.RunSQL(PLANNED, KEPT)]
