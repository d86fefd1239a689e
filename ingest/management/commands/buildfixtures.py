import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import CheckConstraint

from ingest.dossier import DossierError, read_dossier, read_event_types
from ingest.fixtures import Row, dossier_rows, event_type_rows

# Named to come first: dossiers use the types, and `loaddata` takes files in the order given.
VOCABULARY = "00-event-types"


class Command(BaseCommand):
    """Turns fixtures/source (YAML, written by people) into fixtures/built (for `loaddata`)."""

    help = "Build the Django fixtures in fixtures/built from the dossiers in fixtures/source."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail when something would change."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = settings.PROJECT / "fixtures" / "source"
        target: Path = settings.PROJECT / "fixtures" / "built"
        stale = []
        types: set[str] = set()
        for path in sorted(source.glob("*.yaml")):
            try:
                rows = _rows(path)
                types |= {row["fields"]["public_id"] for row in rows if row["model"] == TYPE}
                for row in rows:
                    _check(row, types)
                if not options["check"]:
                    _check_rules(rows)
            except DossierError as error:
                raise CommandError(str(error)) from error
            # One row a line: a change in the source is a change of few lines here.
            content = b"[\n" + b",\n".join(map(orjson.dumps, rows)) + b"\n]\n"
            built = target / f"{path.stem}.json"
            if built.exists() and built.read_bytes() == content:
                continue
            stale.append(built.name)
            if not options["check"]:
                built.write_bytes(content)
        if stale and options["check"]:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run `manage.py buildfixtures`.")
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "Fixtures are up to date.")


TYPE = "events.eventtype"


def _rows(path: Path) -> list[Row]:
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    rows: Iterable[Row]
    if path.stem == VOCABULARY:
        rows = event_type_rows(read_event_types(path))
    else:
        rows = dossier_rows(read_dossier(path), checksum)
    return list(rows)


def _check(row: Row, types: set[str]) -> None:
    """Raise DossierError for a word that is in no vocabulary, an empty text, a wrong form."""
    model, columns = apps.get_model(row["model"]), row["fields"]
    where = " > ".join(str(part) for part in _identity(row))
    for name, value in columns.items():
        field = model._meta.get_field(name)
        if field.is_relation:
            continue
        try:
            field.clean(value, None)
        except ValidationError as error:
            raise DossierError(where, f"{name}: {' '.join(error.messages)}") from error
    if row["model"] == "events.event" and columns["type"][0] not in types:
        known = ", ".join(sorted(types))
        raise DossierError(where, f"there is no type “{columns['type'][0]}”; known are {known}")


def _check_rules(rows: Iterable[Row]) -> None:
    """Raise DossierError for a row that the database would refuse, and for one that is there twice."""
    seen: set[str] = set()
    for row in rows:
        model, where = apps.get_model(row["model"]), " > ".join(map(str, _identity(row)))
        own = {
            name: value
            for name, value in row["fields"].items()
            if not model._meta.get_field(name).is_relation
        }
        related = {
            model._meta.get_field(name).attname: 1
            for name, value in row["fields"].items()
            if value and model._meta.get_field(name).many_to_one
        }
        for constraint in model._meta.constraints:
            if isinstance(constraint, CheckConstraint) and constraint.name not in OF_TWO_ROWS:
                try:
                    constraint.validate(model, model(**own, **related))
                except ValidationError as error:
                    raise DossierError(where, f"breaks the rule {constraint.name}") from error
        key = repr((row["model"], [_at(row["fields"], lookup) for lookup in model.identity]))
        if key in seen:
            raise DossierError(where, f"is there twice: {key}")
        seen.add(key)


# Rules that compare a row with the one it refers to; rows have no numbers here.
OF_TWO_ROWS = {
    "actors_affiliation_not_with_itself",
    "events_eventlink_not_to_itself",
}


def _at(columns: dict[str, Any], lookup: str) -> Any:
    return columns[lookup.partition("__")[0]]


def _identity(row: Row) -> list[Any]:
    columns = row["fields"]
    for name in (
        "public_id",
        "event",
        "provision",
        "agreement",
        "place",
        "actor",
        "person",
        "claim",
    ):
        if columns.get(name):
            key = columns[name]
            return [row["model"], *(key if isinstance(key, list) else [key])]
    return [row["model"]]
