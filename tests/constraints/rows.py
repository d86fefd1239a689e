"""The article's records in SQL: subqueries for their numbers, which no test should know."""


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
