"""What the database refuses: CHECK and UNIQUE constraints by name, with statements that break them.

Constraints that tables have in common come first, as shapes; then those of single columns; then what
takes a statement of its own. `refusals` puts them together.
"""

from collections import defaultdict


def to(columns: str, values: list[str]) -> list[str]:
    """Return what an UPDATE sets to give `columns` each of `values`."""
    return [f"{columns} = {value}" for value in values]


def columns_refuse(columns: list[str], rest: str, values: list[str]) -> dict[str, list[str]]:
    """Return the constraints of `columns` whose names end in `rest`; they refuse `values`."""
    return {f"{column}_{rest}": to(column, values) for column in columns}


RECORDS = [
    "actors_actor",
    "agreements_agreement",
    "agreements_provision",
    "events_event",
    "events_eventtype",
    "places_place",
    "sources_dataset",
    "sources_document",
    "sources_publisher",
]
IDENTITY = {
    "public_id_form": to(
        "public_id", ["''", "'Upper'", "'two words'", "'-a'", "'a-'", "'a--b'", r"E'a\n'", "'ağ'"]
    )
}

DATED = ["actors_affiliation", "actors_controlclaim", "agreements_agreement", "events_event"]
DAYS = ["'infinity'", "'-infinity'", "'10000-01-01'", "'0001-12-31 BC'"]
A_DAY = "date_precision = 'day', edtf = '2020'"
NO_DATE = "start_date = NULL, end_date = NULL, date_precision = NULL, edtf = NULL"
DATES = {
    "dates_ordered": [f"start_date = '2020-11-21', end_date = '2020-11-20', {A_DAY}"],
    "date_whole": [
        f"start_date = NULL, end_date = NULL, {A_DAY}",
        "start_date = NULL, end_date = NULL, date_precision = 'day', edtf = NULL",
        "start_date = '2020-11-20', end_date = NULL, date_precision = NULL, edtf = '2020'",
        "start_date = '2020-11-20', end_date = NULL, date_precision = 'day', edtf = NULL",
        "start_date = '2020-11-20', end_date = NULL, date_precision = 'day', edtf = ' '",
        "start_date = '2020-11-20', end_date = NULL, date_precision = 'hour', edtf = '2020'",
    ],
    "start_date_range": [f"start_date = {day}, end_date = NULL, {A_DAY}" for day in DAYS],
    "end_date_range": [f"start_date = NULL, end_date = {day}, {A_DAY}" for day in DAYS],
}

CITATIONS = {
    "actors_actorcitation": "actor_id",
    "actors_affiliationcitation": "affiliation_id",
    "actors_controlcitation": "claim_id",
    "agreements_agreementcitation": "agreement_id",
    "agreements_provisioncitation": "provision_id",
    "events_eventcitation": "event_id",
    "places_placecitation": "place_id",
}
PASSAGES = {
    "passage_whole": [
        # paragraph, start, end, hash
        f'(paragraph, start, "end", sha256) = ROW ({passage})'
        for passage in [
            "1, 0, 0, repeat('0', 64)",
            "1, 9, 3, repeat('0', 64)",
            "0, 0, 9, repeat('0', 64)",
            "0, NULL, NULL, NULL",
            "NULL, 0, 9, repeat('0', 64)",
            "1, 0, NULL, NULL",
            "1, NULL, NULL, repeat('0', 64)",
            "1, NULL, 9, repeat('0', 64)",
            "1, 0, NULL, repeat('0', 64)",
            "1, 0, 9, NULL",
            "1, 0, 9, repeat('A', 64)",
            "1, 0, 9, repeat('0', 63)",
        ]
    ],
    "paragraph_check": ["paragraph = -1"],
    "end_check": ['"end" = -1'],
    "position_check": ["position = -1"],
    "supports_something": ["supports = '{}'"],
}

POINTS = ["events_event", "places_place"]
COORDINATES = {
    "latitude_range": [
        f"latitude = {value}, longitude = 0"
        for value in ["90.001", "-90.001", "91", "'NaN'", "'Infinity'", "'-Infinity'"]
    ],
    "longitude_range": [
        f"longitude = {value}, latitude = 0"
        for value in ["180.001", "-180.001", "181", "'NaN'", "'Infinity'", "'-Infinity'"]
    ],
    "point_whole": ["latitude = 0, longitude = NULL", "latitude = NULL, longitude = 0"],
}

TEXTS = {
    **{table: ["locator"] for table in CITATIONS},
    "actors_actor": ["name", "description"],
    "actors_actorcode": ["scheme", "code"],
    "actors_actorname": ["name"],
    "actors_affiliation": ["title"],
    "agreements_agreement": ["title", "key", "summary"],
    "agreements_agreementcode": ["scheme", "code"],
    "agreements_provision": ["kind", "text", "due_note"],
    "events_event": [
        "title",
        "key",
        "summary",
        "deaths_note",
        "displaced_note",
        "place_name_in_source",
    ],
    "events_eventcode": ["scheme", "code"],
    "events_eventtype": ["label", "definition"],
    "events_eventtypecode": ["scheme", "code", "label"],
    "events_participation": ["name_in_source"],
    "places_place": ["name"],
    "places_placecode": ["scheme", "code"],
    "places_placename": ["name"],
    "sources_dataset": ["name", "licence", "citation", "description", "attribution"],
    "sources_document": ["title"],
    "sources_publisher": ["name"],
    "sources_release": ["version"],
    "sources_tombstone": ["collection", "public_id", "dataset", "release"],
}
BLANKS = ["''", "' '", r"E' \t\n'"]

WORDS = {
    "actors_actor": ["kind"],
    "actors_actorname": ["kind"],
    "actors_controlclaim": ["kind"],
    "agreements_agreement": ["kind", "status"],
    "agreements_party": ["role"],
    "agreements_provision": ["status"],
    "events_event": ["status", "certainty"],
    "events_eventlink": ["kind"],
    "events_eventtypecode": ["match"],
    "events_participation": ["role"],
    "places_place": ["kind"],
    "places_placename": ["kind"],
    "sources_document": ["kind"],
}
NOT_WORDS = ["''", "'no-such-word'", "'OTHER'"]

WIKIDATA_IDS = ["''", "'42'", "'Q0'", "'Q01'", "'q42'", "'Q42 '", r"E'Q42\n'"]
FIGURES = [
    *(f"{what}_{how}" for what in ["deaths", "displaced"] for how in ["low", "best", "high"]),
    "deaths_civilians",
    "deaths_unknown",
]
COUNTS = ["read", "rejected", "new", "changed", "unchanged", "removed"]
NOT_WEB = [
    "''",
    "'example.org'",
    "'javascript:alert(1)'",
    "'ftp://a'",
    "'https://'",
    "'https://a b'",
]
NAMES = {
    "key_folded": to("key", ["''", "' '", "'two words'", r"E'line\n'", "'Upper'"]),
    "language_form": to("language", ["''", "'English'", "'not a tag'"]),
}
VALUES = {
    "actors_actor": {"wikidata_form": to("wikidata_id", WIKIDATA_IDS)},
    "actors_actorname": NAMES,
    "agreements_provision": {
        "as_of_range": to("as_of", DAYS),
        "due_date_range": to("due_date", DAYS),
        "due_whole": to("due_qualifier", ["NULL", "''", "'around'"]),
        "status_dated": [
            "status = 'unknown'",
            "as_of = NULL",
            "status = 'unknown', as_of = '2020-11-20'",
            "status = 'breached', as_of = NULL",
        ],
        "code_whole": [
            f"(scheme, code, level) = ROW ({coding})"
            for coding in [
                "'pax', NULL, NULL",
                "NULL, '1', NULL",
                "NULL, NULL, 1",
                "'pax', NULL, 1",
                "NULL, '1', 1",
                "' ', '1', 1",
                "'pax', '', NULL",
            ]
        ],
        "level_check": to("scheme = 'pax', code = '1', level", ["-1"]),
        "number_check": to("number", ["-1"]),
        "number_from_1": to("number", ["0"]),
    },
    "events_event": {
        "ongoing_has_no_end": to(
            "end_date = '2020-11-20', start_date = NULL, status", ["'ongoing'"]
        ),
        "not_part_of_itself": to("part_of_id", ["id"]),
        **{f"{figure}_check": to(figure, ["-1"]) for figure in FIGURES},
    },
    "events_eventlink": {"not_to_itself": to("other_id", ["event_id"])},
    "events_eventtype": {
        "code_form": to("code", ["''", "'retreat'", "'A/'", "'A/b/c'", "'A B'", r"E'A\n'"]),
        "quad_check": to("quad", ["-1"]),
        "quad_range": to("quad", ["0", "5"]),
    },
    "events_participation": {
        "position_check": to("position", ["-1"]),
        "deaths_check": to("deaths", ["-1"]),
    },
    "places_place": {
        "geonames_id_check": to("geonames_id", ["-1"]),
        "iso2_form": to("iso2", ["''", "'az'", "'AZE'", r"E'AZ\n'", "'ÄÖ'"]),
        "iso3_form": to("iso3", ["''", "'aze'", "'AZ'", "'A1B'"]),
        "wikidata_form": to("wikidata_id", WIKIDATA_IDS),
    },
    "places_placename": NAMES,
    "places_placeuse": {"events_check": to("events", ["-1"])},
    "actors_actoruse": {"events_check": to("events", ["-1"])},
    "sources_dataset": {
        "licence_url_web_address": to("licence_url", NOT_WEB),
        "website_web_address": to("website", NOT_WEB),
    },
    "sources_publisher": {"website_web_address": to("website", NOT_WEB)},
    "sources_document": {
        "link_web_address": to("link", NOT_WEB),
        "published_range": to("published", DAYS),
        "language_form": to("language", ["''", "'EN'", "'english'", "'en_GB'", "'en-'"]),
        "sha256_form": to("sha256", ["''", "repeat('A', 64)", "repeat('0', 65)"]),
    },
    "sources_release": {
        "loaded_at_range": to("loaded_at", DAYS),
        "checksum_form": to("checksum", ["''", "repeat('g', 64)", "repeat('0', 63)"]),
        **{f"{count}_check": to(count, ["-1"]) for count in COUNTS},
    },
    "sources_revision": {
        "single": to("id", ["0", "2"]),
        "number_check": to("number", ["-1"]),
        "changed_at_range": to("changed_at", DAYS),
    },
    "sources_tombstone": {"removed_at_range": to("removed_at", DAYS)},
    "actors_affiliation": {"not_with_itself": to("organisation_id", ["person_id"])},
}

# What all rows of a table get, so that each is like the next.
SAME = {
    "actors_actor": {
        "public_id_unique": ["public_id = 'a'"],
        "wikidata_id_key": ["wikidata_id = 'Q1'"],
    },
    "actors_actorcode": {"unique": ["scheme = 'a', code = '1'"]},
    "actors_actorname": {"unique": ["actor_id = 1, name = 'A'"]},
    "actors_affiliation": {"unique": ["person_id = 1, organisation_id = 2, title = 'A'"]},
    "actors_controlclaim": {
        "unique": [f"place_id = 1, actor_id = 1, kind = 'de-facto', {NO_DATE}"]
    },
    "agreements_agreement": {
        "key_unique": ["dataset_id = 1, key = 'a'"],
        "public_id_unique": ["public_id = 'a'"],
    },
    "agreements_agreementcode": {"unique": ["agreement_id = 1, scheme = 'a', code = '1'"]},
    "agreements_party": {"unique": ["agreement_id = 1, actor_id = 1, role = 'mediator'"]},
    "agreements_provision": {
        "number_unique": ["agreement_id = 1, number = 1"],
        "public_id_unique": ["public_id = 'a'"],
    },
    "events_event": {
        "key_unique": ["dataset_id = 1, key = 'a'"],
        "public_id_unique": ["public_id = 'a'"],
    },
    "events_eventcode": {"unique": ["event_id = 1, scheme = 'a', code = '1'"]},
    "events_eventlink": {"unique": ["event_id = 1, kind = 'follows', other_id = 2"]},
    "events_eventtype": {"code_key": ["code = 'A'"], "public_id_unique": ["public_id = 'a'"]},
    "events_eventtypecode": {"unique": ["type_id = 1, scheme = 'a', code = '1'"]},
    "events_participation": {"unique": ["event_id = 1, actor_id = 1, role = 'target'"]},
    "places_place": {
        "public_id_unique": ["public_id = 'a'"],
        "iso2_key": ["iso2 = 'AA'"],
        "iso3_key": ["iso3 = 'AAA'"],
        "geonames_id_key": ["geonames_id = 1"],
        "wikidata_id_key": ["wikidata_id = 'Q1'"],
    },
    "places_placecode": {"unique": ["scheme = 'a', code = '1'"]},
    "places_placename": {"unique": ["place_id = 1, name = 'A'"]},
    "sources_document": {"public_id_unique": ["public_id = 'a'"]},
    "sources_publisher": {"public_id_unique": ["public_id = 'a'"]},
    "sources_tombstone": {"unique": ["collection = 'events', public_id = 'a'"]},
    **{table: {"unique": [f"{column} = 1, position = 1"]} for table, column in CITATIONS.items()},
}

DATASET = "public_id, name, description, licence, citation, redistributable"
RELEASE = "dataset_id, version, checksum, loaded_at"
TWICE = "(event_id, provision_id) SELECT 1, 1 FROM generate_series(1, 2)"
PLACE_TWICE = "(agreement_id, place_id) SELECT 1, 1 FROM generate_series(1, 2)"
NEW_PLACE = "INSERT INTO places_place (id, public_id, name, kind, parent_id, depth) VALUES"
UNCOUNTED = "ALTER TABLE events_event DISABLE TRIGGER USER; UPDATE events_event SET"
UNDERIVED = "ALTER TABLE places_place DISABLE TRIGGER places_place_derive; UPDATE places_place SET"
EDIT = """INSERT INTO sources_edit
    (at, curator, action, collection, record, "table", "row", before, after) VALUES"""
STATEMENTS = {
    "sources_edit_at_range": [
        f"{EDIT} ({day}, 'a', 'added', 'a', 'a', 'a', 1, NULL, '{{}}')" for day in DAYS
    ],
    "sources_edit_curator_not_blank": [
        f"{EDIT} (now(), {blank}, 'added', 'a', 'a', 'a', 1, NULL, '{{}}')" for blank in BLANKS
    ],
    "sources_edit_action_whole": [
        f"{EDIT} (now(), 'a', {told})"
        for told in [
            "'seen', 'a', 'a', 'a', 1, '{}', '{}'",
            "'added', 'a', 'a', 'a', 1, '{}', '{}'",
            "'added', 'a', 'a', 'a', 1, NULL, NULL",
            "'changed', 'a', 'a', 'a', 1, NULL, '{}'",
            "'changed', 'a', 'a', 'a', 1, '{}', NULL",
            "'deleted', 'a', 'a', 'a', 1, '{}', '{}'",
            "'deleted', 'a', 'a', 'a', 1, NULL, NULL",
        ]
    ],
    "agreements_agreement_places_agreement_id_place_id": [
        f"INSERT INTO agreements_agreement_places {PLACE_TWICE}"
    ],
    "agreements_provision_due_whole": ["UPDATE agreements_provision SET due_date = NULL"],
    "events_event_breaches_event_id_provision_id": [f"INSERT INTO events_event_breaches {TWICE}"],
    "events_event_fulfils_event_id_provision_id": [f"INSERT INTO events_event_fulfils {TWICE}"],
    "events_event_place_precision_known": [
        "UPDATE events_event SET place_precision = NULL WHERE place_id IS NOT NULL",
        "UPDATE events_event SET place_precision = '' WHERE place_id IS NOT NULL",
        "UPDATE events_event SET place_precision = 'no-such' WHERE place_id IS NOT NULL",
        "UPDATE events_event SET place_precision = 'exact' WHERE place_id IS NULL",
    ],
    "sources_dataset_public_id_unique": [
        f"INSERT INTO sources_dataset ({DATASET}) SELECT {DATASET} FROM sources_dataset"
    ],
    "sources_release_unique": [
        f"INSERT INTO sources_release ({RELEASE}) SELECT {RELEASE} FROM sources_release"
    ],
    "places_place_depth_range": [
        # A fifth level; then two levels that move to below a third.
        f"""{NEW_PLACE} (91, 'a', 'A', 'country', NULL, 1), (92, 'b', 'B', 'site', 91, 1),
            (93, 'c', 'C', 'site', 92, 1), (94, 'd', 'D', 'site', 93, 1),
            (95, 'e', 'E', 'site', 94, 1)""",
        f"""{NEW_PLACE} (91, 'a', 'A', 'country', NULL, 1), (92, 'b', 'B', 'site', 91, 1),
            (93, 'c', 'C', 'site', 92, 1), (94, 'd', 'D', 'site', 91, 1),
            (95, 'e', 'E', 'site', 94, 1);
            UPDATE places_place SET parent_id = 93 WHERE id = 94""",
        f"{UNDERIVED} depth = 5",
    ],
    "sources_release_of_dataset": [
        f"""ALTER TABLE sources_release DROP CONSTRAINT sources_release_pkey CASCADE;
            INSERT INTO sources_release (id, {RELEASE})
            SELECT id, dataset_id, 'other', checksum, loaded_at FROM sources_release"""
    ],
    "events_event_revision_check": [f"{UNCOUNTED} revision = -1"],
    "events_event_updated_at_range": [f"{UNCOUNTED} updated_at = {day}" for day in DAYS],
    # What follows from another rule has to hold without that rule, too.
    "places_place_depth_check": [f"{UNDERIVED} depth = -1"],
    "places_place_not_within_itself": [f"{UNDERIVED} parent_id = id"],
    **{
        f"{table}_start_check": [
            f"""ALTER TABLE {table} DROP CONSTRAINT {table}_passage_whole;
                UPDATE {table} SET start = -1"""
        ]
        for table in CITATIONS
    },
}

# Shapes with the tables that have them; then the constraints of single tables.
SHAPES = [(DATED, DATES), (CITATIONS, PASSAGES), (POINTS, COORDINATES), (RECORDS, IDENTITY)]
SINGLE = [
    {table: columns_refuse(columns, "not_blank", BLANKS) for table, columns in TEXTS.items()},
    {table: columns_refuse(columns, "known", NOT_WORDS) for table, columns in WORDS.items()},
    VALUES,
    SAME,
]


def refusals() -> dict[str, list[str]]:
    """Return constraints by name, without Django's hash, each with statements that break it."""
    found = defaultdict(list, {name: list(statements) for name, statements in STATEMENTS.items()})
    tables = [(table, shape) for tables, shape in SHAPES for table in tables]
    tables += [(table, changes) for group in SINGLE for table, changes in group.items()]
    for table, constraints in tables:
        for name, changes in constraints.items():
            found[f"{table}_{name}"] += [f"UPDATE {table} SET {change}" for change in changes]
    return dict(found)
