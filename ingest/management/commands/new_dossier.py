import hashlib
import json
import re
from datetime import date
from pathlib import Path
from string import Template
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from actors.choices import ActorKind
from events.choices import Certainty, EventStatus, PlacePrecision, Role
from ingest.dossier import read_event_types
from ingest.ids import LONGEST, slug
from places.choices import PlaceKind
from sources.choices import DocumentKind
from sources.records import PUBLIC_ID

BLANK = Path(__file__).resolve().parents[2] / "blank.yaml"
SOURCE = settings.PROJECT / "fixtures" / "source"


class Command(BaseCommand):
    """Writes a dossier to fill in, for an article or report of one's own."""

    help = "Write a blank dossier: manage.py new_dossier ID --title … --url … --publisher … --published 2031-05-04"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="Id of the dataset: lower-case words joined by hyphens.")
        parser.add_argument("--title", required=True, help="Headline, or what it is known by.")
        parser.add_argument("--publisher", required=True, help="Who published it.")
        parser.add_argument("--published", required=True, metavar="DATE", help="When: 2031-05-04.")
        parser.add_argument("--url", help="Where it can be read.")
        parser.add_argument("--language", help="Of its text: en, az, hy.")
        parser.add_argument(
            "--kind", choices=DocumentKind.values, default=DocumentKind.ARTICLE.value
        )
        parser.add_argument("--name", help="What the dossier is called; the title, if not given.")
        parser.add_argument("--licence", default="CC-BY-4.0", help="Of your records (CC-BY-4.0).")
        parser.add_argument(
            "--text", type=Path, metavar="FILE", help="File with its text, which is not kept."
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="Where to write it: fixtures/source/ID.yaml.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        path: Path = options["output"] or SOURCE / f"{options['id']}.yaml"
        text = Template(BLANK.read_text(encoding="utf-8")).substitute(_values(path, options))
        try:
            # Whatever is there has been written by somebody.
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise CommandError(
                f"{path} is there already, and stays as it is; name another with --output."
            ) from None
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        shown = _shown(path)
        self.stdout.write(
            f"Written: {shown}. Fill in what is empty in it, then\n\n"
            f"  .venv/bin/python manage.py ingest dossier {shown} --dry-run\n\n"
            "tells what is wrong, line by line; without --dry-run it is served."
        )


def _check(options: dict[str, Any]) -> None:
    id_ = options["id"]
    if not re.fullmatch(PUBLIC_ID, id_) or len(id_) > LONGEST:
        near = slug(id_)
        hint = f"; try {near}" if near else ""
        raise CommandError(f"“{id_}” is no id: lower-case words joined by hyphens{hint}.")
    try:
        date.fromisoformat(options["published"])
    except ValueError as error:
        raise CommandError(
            f"“{options['published']}” is no day; write --published 2031-05-04."
        ) from error
    if options["url"] and not re.match("https?://", options["url"]):
        raise CommandError(f"“{options['url']}” is no address; it begins with https:// or http://.")
    for name in ("title", "publisher", "licence"):
        if not options[name].strip():
            raise CommandError(f"--{name} is empty.")


def _values(path: Path, options: dict[str, Any]) -> dict[str, str]:
    """Return what stands for each name in the blank, as YAML."""
    told = f"“{options['title']}” ({options['publisher']}, {options['published']})"
    texts = {
        "name": options["name"] or options["title"],
        "description": f"Events, actors and places in one {options['kind']}: {told}.",
        "citation": f"{options['name'] or options['title']}: a dossier of structured event records "
        f"made from {told}, release 1.",
        **{name: options[name] for name in ("title", "publisher", "published", "url", "language")},
        "sha256": options["text"] and _digest(options["text"]),
        "licence": options["licence"],
    }
    words = {
        "document_kinds": DocumentKind.values,
        "place_kinds": PlaceKind.values,
        "actor_kinds": ActorKind.values,
        "types": [type_.code for type_ in read_event_types(SOURCE / "00-event-types.yaml")],
        "statuses": EventStatus.values,
        "certainties": Certainty.values,
        "precisions": PlacePrecision.values,
        "roles": Role.values,
    }
    return {
        "head": " ".join(f"A dossier of {told}".split()),
        "path": _shown(path),
        "id": options["id"],
        "kind": options["kind"],
        "source": f"{options['id']}-{options['kind']}",
        "publisher_id": slug(options["publisher"]) or "publisher",
        # JSON is YAML, and quotes whatever has to be quoted.
        **{name: json.dumps(text, ensure_ascii=False) for name, text in texts.items()},
        **{name: " | ".join(known) for name, known in words.items()},
    }


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _shown(path: Path) -> str:
    inside = path.is_absolute() and path.is_relative_to(settings.PROJECT)
    return str(path.relative_to(settings.PROJECT) if inside else path)
