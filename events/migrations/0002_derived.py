from django.db import migrations

# A type without a parent is its own root; vocabularies have two levels, no more.
TYPES = """
CREATE FUNCTION events_eventtype_derive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.root_id := coalesce(NEW.parent_id, NEW.id);
    IF NEW.parent_id IS NOT NULL AND (
        NEW.parent_id = NEW.id
        OR EXISTS (SELECT FROM events_eventtype WHERE id = NEW.parent_id AND parent_id IS NOT NULL)
        OR EXISTS (SELECT FROM events_eventtype WHERE parent_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'type % would be on a third level', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'events_eventtype_two_levels';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER events_eventtype_derive
    BEFORE INSERT OR UPDATE OF parent_id, root_id ON events_eventtype
    FOR EACH ROW EXECUTE FUNCTION events_eventtype_derive();
"""

# An event carries the levels of its place and the root of its type; when those move, it follows.
EVENTS = """
CREATE FUNCTION events_event_derive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT level_1_id, level_2_id, level_3_id, level_4_id
        INTO NEW.place_level_1, NEW.place_level_2, NEW.place_level_3, NEW.place_level_4
        FROM places_place WHERE id = NEW.place_id;
    IF NEW.place_id IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'the place of event % does not exist yet', NEW.public_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'events_event_place_first';
    END IF;
    SELECT root_id INTO NEW.root_type_id FROM events_eventtype WHERE id = NEW.type_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the type of event % does not exist yet', NEW.public_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'events_event_type_first';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER events_event_derive
    BEFORE INSERT OR UPDATE OF place_id, type_id, root_type_id,
        place_level_1, place_level_2, place_level_3, place_level_4
    ON events_event FOR EACH ROW EXECUTE FUNCTION events_event_derive();

-- What an event is made of, without what is kept here. Generated columns are not known yet.
CREATE FUNCTION events_event_count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text[] := '{revision,updated_at,sort_date,search,root_type_id,
        place_level_1,place_level_2,place_level_3,place_level_4}';
BEGIN
    NEW.revision := OLD.revision;
    NEW.updated_at := OLD.updated_at;
    IF to_jsonb(OLD) - kept IS DISTINCT FROM to_jsonb(NEW) - kept THEN
        NEW.revision := OLD.revision + 1;
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER events_event_count_revision
    BEFORE UPDATE ON events_event FOR EACH ROW EXECUTE FUNCTION events_event_count_revision();

CREATE FUNCTION events_event_follow_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_event SET place_id = place_id WHERE place_id IN (
        SELECT n.id FROM after_change n JOIN before_change o USING (id)
        WHERE (o.level_1_id, o.level_2_id, o.level_3_id, o.level_4_id)
            IS DISTINCT FROM (n.level_1_id, n.level_2_id, n.level_3_id, n.level_4_id));
    RETURN NULL;
END $$;

CREATE TRIGGER events_event_follow_place
    AFTER UPDATE ON places_place
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION events_event_follow_place();

CREATE FUNCTION events_event_follow_type() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_event SET type_id = type_id WHERE type_id IN (
        SELECT n.id FROM after_change n JOIN before_change o USING (id)
        WHERE o.root_id IS DISTINCT FROM n.root_id);
    RETURN NULL;
END $$;

CREATE TRIGGER events_event_follow_type
    AFTER UPDATE ON events_eventtype
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION events_event_follow_type();
"""

# An event cannot be part of itself, however long the way round.
PARTS = """
CREATE FUNCTION events_event_check_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        WITH RECURSIVE wholes AS (
            SELECT NEW.part_of_id AS id
            UNION
            SELECT e.part_of_id FROM events_event e JOIN wholes w ON e.id = w.id
        )
        SELECT FROM wholes WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'event % would be part of itself', NEW.public_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'events_event_no_cycle';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER events_event_check_parts
    AFTER INSERT OR UPDATE OF part_of_id ON events_event FOR EACH ROW
    WHEN (NEW.part_of_id IS NOT NULL) EXECUTE FUNCTION events_event_check_parts();
"""

# A participation carries the date of its event, to be sorted by without a join.
PARTICIPATIONS = """
CREATE FUNCTION events_participation_derive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT sort_date INTO NEW.sort_date FROM events_event WHERE id = NEW.event_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the event of the participation does not exist yet'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'events_participation_event_first';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER events_participation_derive
    BEFORE INSERT OR UPDATE OF event_id, sort_date ON events_participation
    FOR EACH ROW EXECUTE FUNCTION events_participation_derive();

CREATE FUNCTION events_participation_follow_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_participation SET event_id = event_id WHERE event_id IN (
        SELECT n.id FROM after_change n JOIN before_change o USING (id)
        WHERE o.sort_date IS DISTINCT FROM n.sort_date);
    RETURN NULL;
END $$;

CREATE TRIGGER events_participation_follow_event
    AFTER UPDATE ON events_event
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION events_participation_follow_event();
"""

# A body goes with its event, whoever deletes it.
BODIES = """
ALTER TABLE events_eventbody ADD CONSTRAINT events_eventbody_goes_with_its_event
    FOREIGN KEY (event_id) REFERENCES events_event (id) ON DELETE CASCADE;
"""

RELEASES = """
ALTER TABLE events_event ADD CONSTRAINT events_event_release_id_of_dataset
    FOREIGN KEY (release_id, dataset_id) REFERENCES sources_release (id, dataset_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

UNDO = """
ALTER TABLE events_eventbody DROP CONSTRAINT events_eventbody_goes_with_its_event;
ALTER TABLE events_event DROP CONSTRAINT events_event_release_id_of_dataset;
DROP TRIGGER events_participation_follow_event ON events_event;
DROP TRIGGER events_participation_derive ON events_participation;
DROP TRIGGER events_event_check_parts ON events_event;
DROP TRIGGER events_event_follow_type ON events_eventtype;
DROP TRIGGER events_event_follow_place ON places_place;
DROP TRIGGER events_event_count_revision ON events_event;
DROP TRIGGER events_event_derive ON events_event;
DROP TRIGGER events_eventtype_derive ON events_eventtype;
DROP FUNCTION events_participation_follow_event, events_participation_derive,
    events_event_check_parts, events_event_follow_type, events_event_follow_place,
    events_event_count_revision, events_event_derive, events_eventtype_derive;
"""


class Migration(migrations.Migration):
    """The columns that the database keeps: levels, root type, copied date, revision."""

    dependencies = [("events", "0001_initial"), ("places", "0002_tree")]

    operations = [
        migrations.RunSQL(TYPES + EVENTS + PARTS + PARTICIPATIONS + BODIES + RELEASES, UNDO)
    ]
