"""What was agreed: agreements, their parties, and each provision with what became of it."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q

from actors.models import Actor, AttributedCitation
from agreements.choices import (
    AgreementKind,
    AgreementStatus,
    DueQualifier,
    PartyRole,
    ProvisionStatus,
)
from places.models import Place
from sources.models import Dataset, Release
from sources.records import Coding, Dated, Identified, Record, in_calendar, not_blank, one_of


class Agreement(Dated, Record):
    """A ceasefire, treaty or other agreement; its dates are those of its conclusion.

    `key` identifies it in its dataset; `digest` stands for all that its dataset said of it when it
    was imported, so that an unchanged row is known at once.
    """

    dataset_path = "dataset"

    title = models.TextField()
    kind = models.TextField(choices=AgreementKind.choices)
    status = models.TextField(choices=AgreementStatus.choices)
    summary = models.TextField(null=True, blank=True)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="agreements")
    # Held to a release of the same dataset by a constraint of two columns.
    release = models.ForeignKey(Release, models.PROTECT, related_name="+", db_constraint=False)
    key = models.TextField("natural key", help_text="What identifies it in its dataset.")
    digest = models.UUIDField(null=True, editable=False)
    places = models.ManyToManyField(
        Place, blank=True, related_name="agreements", help_text="What it is about, on the map."
    )

    class Meta(Record.Meta):
        abstract = False
        ordering = ["public_id"]
        constraints = [
            *Record.Meta.constraints,
            *Dated.Meta.constraints,
            not_blank("title"),
            not_blank("summary"),
            not_blank("key"),
            models.UniqueConstraint(
                fields=["dataset", "key"], name="agreements_agreement_key_unique"
            ),
            one_of("kind", AgreementKind),
            one_of("status", AgreementStatus),
        ]

    def __str__(self) -> str:
        return self.title


class AgreementCode(Coding):
    """The code of an agreement in another dataset."""

    identity: ClassVar[tuple[str, ...]] = ("agreement__public_id", "scheme", "code")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="codes")

    class Meta(Coding.Meta):
        abstract = False
        constraints = [
            *Coding.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement", "scheme", "code"], name="agreements_agreementcode_unique"
            ),
        ]


class Party(Identified):
    """What an actor is to an agreement."""

    identity: ClassVar[tuple[str, ...]] = ("agreement__public_id", "actor__public_id", "role")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="parties")
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="agreement_parties")
    role = models.TextField(choices=PartyRole.choices)

    class Meta:
        verbose_name_plural = "parties"
        ordering = ["agreement", "id"]
        constraints = [
            one_of("role", PartyRole),
            models.UniqueConstraint(
                fields=["agreement", "actor", "role"], name="agreements_party_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.role}"


# Which of the events that are tied to a provision carried it out, and which broke it: what is expected has
# done neither yet, and what goes on or failed has not carried it out. In words, as events stand above.
CARRIED_OUT = {"status": "occurred"}
BROKE = {"status__in": ["occurred", "ongoing", "failed"]}


class Provision(Record):
    """One undertaking of an agreement: who owes what to whom, where, by when, and what came of it.

    `status` holds `as_of` a day, as `asserted_by` an actor; null there means that the source says it
    in its own voice. A dataset may code what a provision is about: `scheme` and `code` are its own,
    `level` says there how far the provision goes.
    """

    dataset_path = "agreement__dataset"

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="provisions")
    number = models.PositiveSmallIntegerField(help_text="Order in the agreement, from 1.")
    kind = models.TextField(help_text="What it is about: territory, withdrawal, ceasefire…")
    text = models.TextField(help_text="What is to be done, in our own words.")
    obligor = models.ForeignKey(
        Actor, models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    beneficiary = models.ForeignKey(
        Actor, models.PROTECT, null=True, blank=True, related_name="entitlements"
    )
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="provisions"
    )
    due_qualifier = models.TextField(choices=DueQualifier.choices, null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    due_note = models.TextField(null=True, blank=True, help_text="How the date was arrived at.")
    status = models.TextField(choices=ProvisionStatus.choices)
    as_of = models.DateField(
        null=True, blank=True, help_text="The day for which the status is known."
    )
    asserted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    scheme = models.TextField(null=True, blank=True, help_text="Whose code it is: pax.")
    code = models.TextField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How far it goes, in the dataset's own terms."
    )

    class Meta(Record.Meta):
        ordering = ["agreement", "number"]
        constraints = [
            *Record.Meta.constraints,
            not_blank("kind"),
            not_blank("text"),
            not_blank("due_note"),
            one_of("status", ProvisionStatus),
            models.CheckConstraint(
                condition=Q(due_date__isnull=True, due_qualifier__isnull=True)
                | Q(
                    due_date__isnull=False,
                    due_qualifier__isnull=False,
                    due_qualifier__in=DueQualifier.values,
                ),
                name="agreements_provision_due_whole",
            ),
            in_calendar("due_date"),
            in_calendar("as_of"),
            models.CheckConstraint(
                condition=Q(status=ProvisionStatus.UNKNOWN, as_of__isnull=True)
                | (~Q(status=ProvisionStatus.UNKNOWN) & Q(as_of__isnull=False)),
                name="agreements_provision_status_dated",
            ),
            models.CheckConstraint(
                condition=Q(scheme__isnull=True, code__isnull=True, level__isnull=True)
                | Q(
                    scheme__isnull=False,
                    code__isnull=False,
                    scheme__regex=r"\S",
                    code__regex=r"\S",
                ),
                name="agreements_provision_code_whole",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="agreements_provision_number_from_1"
            ),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="agreements_provision_number_unique",
                # Numbers may change places within a transaction.
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        indexes = [
            GinIndex(SearchVector("text", config="english"), name="agreements_provision_words")
        ]

    def __str__(self) -> str:
        return self.public_id


class AgreementCitation(AttributedCitation):
    """How we know of an agreement."""

    identity: ClassVar[tuple[str, ...]] = ("agreement__public_id", "position")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="citations")

    class Meta(AttributedCitation.Meta):
        constraints = [
            *AttributedCitation.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement", "position"], name="agreements_agreementcitation_unique"
            ),
        ]


class ProvisionCitation(AttributedCitation):
    """How we know of a provision and of what became of it."""

    identity: ClassVar[tuple[str, ...]] = ("provision__public_id", "position")

    provision = models.ForeignKey(Provision, models.CASCADE, related_name="citations")

    class Meta(AttributedCitation.Meta):
        constraints = [
            *AttributedCitation.Meta.constraints,
            models.UniqueConstraint(
                fields=["provision", "position"], name="agreements_provisioncitation_unique"
            ),
        ]
