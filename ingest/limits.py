"""How long texts may be that the database has to hold in an index, a column or its text search.

PostgreSQL takes 2,704 bytes into an entry of an index, all its columns together, and a character is up to
4 bytes. What is over ends a whole import, so it is told of a row before.
"""

from collections.abc import Mapping
from typing import Any

NAME, ADDRESS = 500, 2_000
# With each other and a title in one entry: ids of two records, say.
ID = {"public_id": 200}
KEYED = {**ID, "key": NAME}
CODING = {"scheme": 100, "code": NAME}
# A folded name is letters and digits of one byte; a character may be spelled out with many.
NAMING = {"name": NAME, "key": 2_000}
# Columns of tables, with the most characters of each.
LONGEST: Mapping[str, Mapping[str, int]] = {
    "sources.publisher": {**ID, "website": ADDRESS},
    "sources.document": {**ID, "link": ADDRESS},
    "places.place": {**ID, "iso2": 100, "iso3": 100, "wikidata_id": 100},
    "places.placename": NAMING,
    "places.placecode": CODING,
    "actors.actor": {**ID, "wikidata_id": 100},
    "actors.actorname": NAMING,
    "actors.actorcode": CODING,
    "actors.affiliation": {"title": 250},
    "actors.controlclaim": {"kind": 100},
    "agreements.agreement": KEYED,
    "agreements.agreementcode": CODING,
    "agreements.party": {"role": 100},
    "agreements.provision": ID,
    "events.event": {**KEYED, "type": NAME},
    "events.eventcode": CODING,
    "events.participation": {"role": 100},
    "events.eventlink": {"kind": 100},
}
# What is searched for words takes four times its bytes at most there, and may take 1,048,575.
SEARCHED = {"events.event": ("title", "summary")}
MOST_SEARCHED = 262_143
# Numbers of things in a row, and what orders them: PostgreSQL's smallint.
COUNTED = ("position", "number", "level")
MOST_COUNTED = 32_767


def excess(model: str, fields: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return which column of a row is over its limit, what it says, and what is wrong; or None."""
    for column, most in LONGEST.get(model, {}).items():
        value = fields[column]
        text = value[0] if isinstance(value, list) else value
        if text is not None and len(text) > most:
            return column.removeprefix("public_"), text, f"is longer than {most:,} characters"
    for column in COUNTED:
        if (fields.get(column) or 0) > MOST_COUNTED:
            return column, str(fields[column]), f"is over {MOST_COUNTED:,}"
    if searched := SEARCHED.get(model):
        texts = [fields[column] or "" for column in searched]
        # No character is more than 4 bytes, and most texts are far from the limit.
        if (
            4 * sum(map(len, texts)) > MOST_SEARCHED
            and sum(len(text.encode()) for text in texts) > MOST_SEARCHED
        ):
            what = f"are longer than {MOST_SEARCHED:,} bytes together, too long to be searched"
            return " and ".join(searched), texts[0], what
    return None
