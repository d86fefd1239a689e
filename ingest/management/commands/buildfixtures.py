import hashlib
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.checks import check_rules, check_words
from ingest.dossier import read_draft, read_event_types
from ingest.files import WrongFile
from ingest.fixtures import dossier_rows
from ingest.proofs import prove
from ingest.rows import BadRecord, Row, event_type_rows

# Named to come first: dossiers use the types, and `loaddata` takes files in the order given.
VOCABULARY = "00-event-types"
TYPE = "events.eventtype"


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
        types: list[str] = []
        for path in sorted(source.glob("*.yaml")):
            try:
                rows = _rows(path, types, rules=not options["check"])
                types += [row["fields"]["code"] for row in rows if row["model"] == TYPE]
            except (BadRecord, WrongFile) as error:
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


def _rows(path: Path, types: list[str], *, rules: bool) -> list[Row]:
    """Return the rows of a file; raise BadRecord, WrongFile. `types` are those of the vocabulary."""
    if path.stem == VOCABULARY:
        rows = list(event_type_rows(read_event_types(path)))
        check_words(rows)
        if rules:
            check_rules(rows)
        return rows
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    return list(dossier_rows(prove(read_draft(path), types, rules=rules), checksum))
