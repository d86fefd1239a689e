"""What must be true of the rows of fixtures before they are written.

The database would refuse the same, but with the number of a row that nobody has written. Here the error
names the record.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Model

from ingest.rows import SHOWN, BadRecord, Row
from sources.curation import in_words

# Rules that compare a row with the one it refers to, whose number is not known here.
OF_TWO_ROWS = {"actors_affiliation_not_with_itself", "events_eventlink_not_to_itself"}

# What Django calls a number beyond a bound, and what it is.
BOUNDS = {"max_value": "more than", "min_value": "less than"}

# The columns that say which record a row is of, the nearest first.
OWNERS = (
    "public_id", "event", "provision", "agreement", "place", "actor", "person", "claim",
    "affiliation", "type", "dataset",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: of which record, and in which column, if one is to blame."""

    row: Row
    what: str
    column: str | None = None
    value: Any = None


def check_words(rows: Iterable[Row]) -> None:
    """Raise BadRecord for a word in no vocabulary, an empty text, a wrong form."""
    for fault in faults_of_words(rows):
        raise BadRecord(_where(fault.row), f"{fault.column}: {fault.what}")


def check_rules(rows: Iterable[Row]) -> None:
    """Raise BadRecord for a row that breaks a rule of its table, and for one that is there twice."""
    for fault in faults_of_rules(rows):
        raise BadRecord(_where(fault.row), fault.what)


def faults_of_words(rows: Iterable[Row]) -> Iterator[Fault]:
    """Yield words in no vocabulary, empty texts, wrong forms."""
    for row in rows:
        for name, value, field in _own_columns(row):
            try:
                field.clean(value, None)
            except ValidationError as error:
                yield Fault(row, _told(value, error), name, value)


def _told(value: Any, error: ValidationError) -> str:
    """Return what is wrong with a value, in our words for a number out of bounds."""
    for one in error.error_list:
        if one.code in BOUNDS and one.params:
            return f"{value} is {BOUNDS[one.code]} {one.params['limit_value']}"
    return f"{_shown(value)}: {' '.join(error.messages)}"


def faults_of_rules(
    rows: Iterable[Row], asked: Callable[[Row, set[str]], bool] = lambda *_: True
) -> Iterator[Fault]:
    """Yield rows that break a rule of their table, and those that are there twice.

    Asks the database, which knows the rules. `asked` says of a row whether a rule of some columns is.
    """
    seen: set[str] = set()
    for row in rows:
        model: Any = apps.get_model(row["model"])
        for constraint in model._meta.constraints:
            if not isinstance(constraint, CheckConstraint) or constraint.name in OF_TWO_ROWS:
                continue
            condition: Any = constraint.condition
            columns = set(condition.referenced_base_fields)
            if asked(row, columns):
                try:
                    constraint.validate(model, _instance(model, row))
                except ValidationError:
                    yield _broken(row, constraint.name, columns)
        key = [row["fields"][lookup.partition("__")[0]] for lookup in model.identity]
        if (identity := repr((row["model"], key))) in seen:
            yield Fault(row, f"is there twice: {', '.join(_flat(key))}")
        seen.add(identity)


def _broken(row: Row, rule: str, columns: set[str]) -> Fault:
    """Return the fault of a rule, in words, with the column that is to blame.

    It is the one that the rule is called after, or else the only one that has a value.
    """
    of_column = rule.removeprefix(row["model"].replace(".", "_") + "_")
    column = max(
        (name for name in row["fields"] if of_column.startswith(name)), key=len, default=""
    )
    filled = [name for name in columns if row["fields"].get(name) is not None]
    if not column and len(filled) == 1:
        (column,) = filled
    what = "it is empty" if rule.endswith("_not_blank") else in_words(rule).rstrip(".")
    return Fault(row, f"{what} ({rule})", column or None, row["fields"].get(column))


def _shown(value: Any) -> str:
    return f"“{str(value)[:SHOWN]}”" if value not in (None, "") else "it is empty"


def _flat(key: Any) -> Iterator[str]:
    for part in key if isinstance(key, list | tuple) else [key]:
        if isinstance(part, list | tuple):
            yield from _flat(part)
        else:
            yield str(part)


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


def _owner(row: Row) -> list[str]:
    owner = next(row["fields"][name] for name in OWNERS if row["fields"].get(name))
    return [owner] if isinstance(owner, str) else [*map(str, owner)]


def _where(row: Row) -> str:
    return " > ".join([row["model"], *_owner(row)])
