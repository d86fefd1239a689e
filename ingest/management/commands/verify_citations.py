import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.passages import Span, find, mistake
from sources.models import Document
from sources.records import Citation


class Command(BaseCommand):
    """Proves every citation of a document against its text, which the project does not store."""

    help = "Check every citation of a document against the file with its text."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", help="Id of the document, as in /api/sources.")
        parser.add_argument("file", type=Path, help="File with the text of the document.")
        parser.add_argument(
            "--find",
            metavar="WORDS",
            help="Check nothing; print where these words stand, ready for a dossier.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read as text: {error}") from error
        if options["find"]:
            return self._find(text, options["find"])
        return self._verify(options["document"], path, text)

    def _find(self, text: str, words: str) -> None:
        spans = list(find(text, words))
        if not spans:
            raise CommandError("These words do not stand in the file.")
        for span in spans:
            self.stdout.write(
                f"{{paragraph: {span.paragraph}, start: {span.start}, end: {span.end}, "
                f"sha256: {span.sha256}}}"
            )

    def _verify(self, public_id: str, path: Path, text: str) -> None:
        document = Document.objects.filter(public_id=public_id).first()
        if document is None:
            known = ", ".join(Document.objects.values_list("public_id", flat=True))
            raise CommandError(f"There is no document “{public_id}”. Known are: {known or 'none'}.")
        wrong = []
        if document.sha256 not in (None, hashlib.sha256(path.read_bytes()).hexdigest()):
            wrong.append("the file is not the one that was read: its SHA-256 differs")
        citations = list(_passages_of(document))
        if not citations:
            raise CommandError(f"Nothing cites a passage of “{public_id}”.")
        for citation in citations:
            span = Span(citation.paragraph, citation.start, citation.end, citation.sha256)  # type: ignore[arg-type]
            if what := mistake(text, span):
                where = f"paragraph {span.paragraph}, {span.start}-{span.end}"
                wrong.append(f"{citation.natural_key()}: {where}: {what}")
        if wrong:
            raise CommandError("\n".join([f"{len(wrong)} mistakes:", *wrong]))
        self.stdout.write(f"All {len(citations)} citations of {public_id} hold.")


def _passages_of(document: Document) -> Iterator[Citation]:
    for model in apps.get_models():
        if issubclass(model, Citation):
            yield from model.objects.filter(document=document, sha256__isnull=False)
