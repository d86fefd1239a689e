"""What must be true of the rows of fixtures before they are written.

The database would refuse the same, but with the number of a row that nobody has written. Here the error
names the record.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Model

from ingest.rows import BadRecord, Row

# Rules that compare a row with the one it refers to, whose number is not known here.
OF_TWO_ROWS = {"actors_affiliation_not_with_itself", "events_eventlink_not_to_itself"}

# The columns that say which record a row is of, the nearest first.
OWNERS = (
    "public_id", "event", "provision", "agreement", "place", "actor", "person", "claim",
    "affiliation", "type", "dataset",
)  # fmt: skip


def check_words(rows: Iterable[Row], types: set[str]) -> None:
    """Raise BadRecord for a word in no vocabulary, an empty text, a wrong form.

    `types` are the ids of the event types that there are.
    """
    for row in rows:
        for name, value, field in _own_columns(row):
            try:
                field.clean(value, None)
            except ValidationError as error:
                raise BadRecord(_where(row), f"{name}: {' '.join(error.messages)}") from error
        if row["model"] == "events.event" and (type_ := row["fields"]["type"][0]) not in types:
            known = ", ".join(sorted(types))
            raise BadRecord(_where(row), f"there is no type “{type_}”; known are {known}")


def check_rules(rows: Iterable[Row]) -> None:
    """Raise BadRecord for a row that breaks a rule of its table, and for one that is there twice.

    Asks the database, which knows the rules.
    """
    seen: set[str] = set()
    for row in rows:
        model: Any = apps.get_model(row["model"])
        for constraint in model._meta.constraints:
            if isinstance(constraint, CheckConstraint) and constraint.name not in OF_TWO_ROWS:
                try:
                    constraint.validate(model, _instance(model, row))
                except ValidationError as error:
                    raise BadRecord(_where(row), f"breaks the rule {constraint.name}") from error
        key = [row["fields"][lookup.partition("__")[0]] for lookup in model.identity]
        if (identity := repr((row["model"], key))) in seen:
            raise BadRecord(_where(row), f"is there twice: {identity}")
        seen.add(identity)


def _instance(model: type[Model], row: Row) -> Model:
    """Return the row as an instance; what it refers to is there, under a number that stands for any."""
    columns = {name: value for name, value, _ in _own_columns(row)}
    for name, value in row["fields"].items():
        field: Any = model._meta.get_field(name)
        if field.many_to_one and value:
            columns[field.attname] = 1
    return model(**columns)


def _own_columns(row: Row) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, value and field of the columns that refer to no other row."""
    model = apps.get_model(row["model"])
    for name, value in row["fields"].items():
        field = model._meta.get_field(name)
        if not field.is_relation:
            yield name, value, field


def _where(row: Row) -> str:
    owner = next(row["fields"][name] for name in OWNERS if row["fields"].get(name))
    return " > ".join([row["model"], *([owner] if isinstance(owner, str) else map(str, owner))])
