import secrets
from array import array
from collections.abc import Sequence
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import MD5, Concat
from rich.console import Console

from api import checking
from api.snapshot import snapshot
from events.bodies import EVENT_BODIES
from events.models import Event
from sources.revision import raise_revision

# How many wrong bodies are told one by one, and how much of each.
BODIES, MISTAKES = 20, 10

REMEDY = "manage.py check_bodies --repair has the database write them anew."
BEYOND_REMEDY = (
    "The database wrote them anew, and they are still wrong: what it writes and what the serializer "
    "describes are not the same. That is a mistake in this software; please report it."
)


class Command(BaseCommand):
    """Checks that the stored bodies of events are what the serializer writes now, and mends them."""

    help = "Check that the stored bodies of events are what the serializer writes now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sample", type=_count, metavar="N", help="Only so many events, chosen by chance."
        )
        parser.add_argument(
            "--seed", type=int, help="Another one chooses another sample (default: told)."
        )
        parser.add_argument(
            "--repair", action="store_true", help="Have the database write anew what is wrong."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        events, size, seed = Event.objects.order_by("pk"), options["sample"], options["seed"]
        if size:
            seed = secrets.randbelow(1_000_000) if seed is None else seed
            events = events.filter(pk__in=_chosen(size, seed))
        elif seed is not None:
            raise CommandError("--seed goes with --sample.")
        began, check = monotonic(), _Check()
        with snapshot():
            check.events(events)
            check.orphans()
        sampled = f" (--sample {size} --seed {seed})" if size else ""
        self.stdout.write(
            f"{check.count:,} events checked{sampled}; wrong bodies: {len(check.wrong):,}; "
            f"{monotonic() - began:.1f} seconds."
        )
        if not check.wrong:
            return
        if not options["repair"]:
            raise CommandError(f"{check.told()}\n{REMEDY}")
        self.stdout.write(check.told())
        self._repair(check.wrong)

    def _repair(self, wrong: Sequence[int]) -> None:
        parts = _parts(wrong)
        # In case it was function and triggers that were missing.
        EVENT_BODIES.install(connection)
        with transaction.atomic():
            raise_revision()
            for part in parts:
                EVENT_BODIES.refresh(connection, part)
            checking.orphans(EVENT_BODIES).delete()
        check = _Check()
        with snapshot():
            for part in parts:
                check.events(Event.objects.filter(pk__in=part))
        if check.wrong:
            raise CommandError(f"{check.told()}\n{BEYOND_REMEDY}")
        self.stdout.write(f"Mended: {len(wrong):,}.")


class _Check:
    """What a check has found: how many events it saw, and the keys of those whose bodies are wrong."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong = array("q")
        self.lines: list[str] = []

    def events(self, rows: QuerySet[Event]) -> None:
        """Check the bodies of these events."""
        with Console(stderr=True).status("checking") as status:
            for event, mistakes in checking.checked(EVENT_BODIES, rows):
                self.count += 1
                if mistakes:
                    rest = ["…"] if len(mistakes) > MISTAKES else []
                    self._note(event.pk, event.public_id, ", ".join(mistakes[:MISTAKES] + rest))
                if self.count % checking.BATCH == 0:
                    status.update(f"checking: {self.count:,} events")
            status.update("checking what events are found by")
            others = set(checking.wrong_along(EVENT_BODIES, rows)).difference(self.wrong)
            for part in _parts(sorted(others)):
                for event in Event.objects.filter(pk__in=part).order_by("pk"):
                    self._note(event.pk, event.public_id, "it is not found by what it says")

    def orphans(self) -> None:
        """Look for bodies that belong to no event."""
        for key in checking.orphans(EVENT_BODIES).values_list("pk", flat=True).iterator():
            self._note(key, f"number {key}", "there is no such event")

    def told(self) -> str:
        """Return what is wrong, a body a line."""
        more = len(self.wrong) - len(self.lines)
        return "\n".join([*self.lines, *([f"and {more:,} more"] if more else [])])

    def _note(self, key: int, name: str, what: str) -> None:
        self.wrong.append(key)
        if len(self.lines) < BODIES:
            self.lines.append(f"{name}: {what}")


def _parts(keys: Sequence[int]) -> list[Sequence[int]]:
    """Return keys in parts, as no statement takes more than some ten thousand of them."""
    starts = range(0, len(keys), checking.BATCH)
    return [keys[start : start + checking.BATCH] for start in starts]


def _chosen(size: int, seed: int) -> QuerySet[Event, dict[str, int]]:
    """Return the keys of a sample: the same ones for the same seed while there are the same events."""
    by_chance = MD5(Concat("public_id", Value(f" {seed}")))
    return Event.objects.order_by(by_chance)[:size].values("pk")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
