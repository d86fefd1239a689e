"""The article's records in SQL: subqueries for their numbers, which no test should know."""

# Two rows for each table of which the article has none.
FILL = """
    INSERT INTO places_placecode (place_id, scheme, code)
        SELECT id, 'iso', row_number() OVER () FROM places_place LIMIT 2;
    INSERT INTO places_placeuse (place_id, events) SELECT id, 1 FROM places_place LIMIT 2;
    INSERT INTO actors_actoruse (actor_id, events) SELECT id, 1 FROM actors_actor LIMIT 2;
    INSERT INTO actors_actorcode (actor_id, scheme, code)
        SELECT id, 'gwno', row_number() OVER () FROM actors_actor LIMIT 2;
    INSERT INTO agreements_agreementcode (agreement_id, scheme, code)
        SELECT id, 'pax', row_number() OVER () FROM agreements_agreement LIMIT 2;
    INSERT INTO sources_tombstone (collection, public_id, dataset, release, removed_at)
        VALUES ('events', 'gone', 'past', '2', now()), ('agreements', 'gone', 'past', NULL, now());
    INSERT INTO sources_edit (at, curator, action, collection, record, "table", "row", before)
        VALUES (now(), 'curator', 'deleted', 'sources_publisher', 'gone', 'sources_publisher', 1, '{}');
    INSERT INTO events_event_breaches (event_id, provision_id)
        SELECT e.id, p.id FROM events_event e, agreements_provision p LIMIT 2
"""


def place(public_id: str) -> str:
    return _id_of("places_place", "public_id", public_id)


def event(public_id: str) -> str:
    return _id_of("events_event", "public_id", public_id)


def actor(public_id: str) -> str:
    return _id_of("actors_actor", "public_id", public_id)


def provision(public_id: str) -> str:
    return _id_of("agreements_provision", "public_id", public_id)


def document(public_id: str) -> str:
    return _id_of("sources_document", "public_id", public_id)


def event_type(code: str) -> str:
    return _id_of("events_eventtype", "code", code)


def _id_of(table: str, column: str, value: str) -> str:
    return f"(SELECT id FROM {table} WHERE {column} = '{value}')"
