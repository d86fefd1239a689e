from django.db import migrations

# A place takes the levels of its parent and adds itself; when it moves, the places inside follow.
DERIVE = """
CREATE FUNCTION places_place_derive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above places_place%ROWTYPE;
    levels bigint[];
BEGIN
    IF NEW.parent_id IS NOT NULL THEN
        SELECT * INTO above FROM places_place WHERE id = NEW.parent_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the place that contains % does not exist yet', NEW.public_id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'places_place_parent_first';
        END IF;
        levels := array_remove(
            ARRAY[above.level_1_id, above.level_2_id, above.level_3_id, above.level_4_id], NULL);
        IF NEW.id = ANY(levels) THEN
            RAISE EXCEPTION 'place % would lie inside itself', NEW.public_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'places_place_no_cycle';
        END IF;
    END IF;
    levels := coalesce(levels, '{}') || NEW.id;
    NEW.depth := cardinality(levels);
    NEW.level_1_id := levels[1];
    NEW.level_2_id := levels[2];
    NEW.level_3_id := levels[3];
    NEW.level_4_id := levels[4];
    NEW.country_id := CASE WHEN NEW.kind = 'country' THEN NEW.id ELSE above.country_id END;
    RETURN NEW;
END $$;

CREATE TRIGGER places_place_derive
    BEFORE INSERT OR UPDATE OF
        parent_id, kind, depth, country_id, level_1_id, level_2_id, level_3_id, level_4_id
    ON places_place FOR EACH ROW EXECUTE FUNCTION places_place_derive();

CREATE FUNCTION places_place_pass_on() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER places_place_pass_on
    AFTER UPDATE ON places_place
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION places_place_pass_on();
"""

UNDO = """
DROP TRIGGER places_place_pass_on ON places_place;
DROP FUNCTION places_place_pass_on;
DROP TRIGGER places_place_derive ON places_place;
DROP FUNCTION places_place_derive;
"""


class Migration(migrations.Migration):
    """What the database keeps of the tree of places: depth, levels, country; no place in itself."""

    dependencies = [("places", "0001_initial")]

    operations = [migrations.RunSQL(DERIVE, UNDO)]
