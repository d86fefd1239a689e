"""How we know: publishers, documents, datasets and the state of the data as a whole."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils import timezone

from sources.choices import DocumentKind, EditAction
from sources.records import (
    MOMENTS,
    Collected,
    Identified,
    Record,
    in_calendar,
    language_tag,
    not_blank,
    one_of,
    web_address,
)


class Publisher(Collected):
    """Who publishes documents: a news organisation, an agency, a project."""

    name = models.TextField()
    website = models.URLField(max_length=2000, null=True, blank=True)

    class Meta(Collected.Meta):
        abstract = False
        ordering = ["public_id"]
        constraints = [*Record.Meta.constraints, not_blank("name"), web_address("website")]

    def __str__(self) -> str:
        return self.name


class Document(Collected):
    """An article, report or dataset that records cite.

    Its text is never stored. `sha256` is the hash of the text file it was read from, so that
    whoever has the file can check every citation.
    """

    kind = models.TextField(choices=DocumentKind.choices)
    title = models.TextField()
    publisher = models.ForeignKey(Publisher, models.PROTECT, null=True, blank=True)
    link = models.URLField(max_length=2000, null=True, blank=True)
    language = models.TextField(null=True, blank=True, help_text="BCP 47 tag, such as en.")
    published = models.DateField(null=True, blank=True)
    sha256 = models.TextField(null=True, blank=True, help_text="Hash of the text file, in hex.")

    class Meta(Collected.Meta):
        abstract = False
        ordering = ["public_id"]
        constraints = [
            *Record.Meta.constraints,
            not_blank("title"),
            one_of("kind", DocumentKind),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="sources_document_sha256_form"
            ),
            language_tag("language"),
            web_address("link"),
            in_calendar("published"),
        ]
        indexes = [GinIndex(SearchVector("title", config="english"), name="sources_document_words")]

    def __str__(self) -> str:
        return self.title


class Dataset(Record):
    """A collection of records with one origin and one set of terms.

    One that may not be passed on to anyone is withheld from clients unless whoever runs the service
    says that it is `served`, for instance where only those can reach it who may see it.
    """

    dataset_path = "pk"

    name = models.TextField()
    description = models.TextField()
    licence = models.TextField(help_text="SPDX identifier where there is one.")
    licence_url = models.URLField(max_length=2000, null=True, blank=True)
    citation = models.TextField(help_text="How to cite the dataset.")
    attribution = models.TextField(
        null=True, blank=True, help_text="Credit that the terms ask for."
    )
    website = models.URLField(max_length=2000, null=True, blank=True)
    redistributable = models.BooleanField(help_text="May its records be passed on to anyone?")
    served = models.BooleanField(
        default=True, db_default=True, help_text="Do clients of the API see it?"
    )

    class Meta(Record.Meta):
        ordering = ["public_id"]
        constraints = [
            *Record.Meta.constraints,
            not_blank("name"),
            not_blank("licence"),
            not_blank("citation"),
            not_blank("description"),
            not_blank("attribution"),
            web_address("licence_url"),
            web_address("website"),
        ]

    def __str__(self) -> str:
        return self.name


class Release(Identified):
    """One version of a dataset as it was loaded: what a record came from.

    The counts are those of the import that last changed something: rows of the file that were read
    and rejected, records that were new, changed, unchanged and removed.
    """

    identity = ("dataset__public_id", "version")

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="releases")
    version = models.TextField()
    checksum = models.TextField(help_text="SHA-256 of the file it was loaded from, in hex.")
    loaded_at = models.DateTimeField(default=timezone.now)
    read = models.PositiveIntegerField(null=True, blank=True)
    rejected = models.PositiveIntegerField(null=True, blank=True)
    new = models.PositiveIntegerField(null=True, blank=True)
    changed = models.PositiveIntegerField(null=True, blank=True)
    unchanged = models.PositiveIntegerField(null=True, blank=True)
    removed = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-loaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="sources_release_unique"),
            not_blank("version"),
            in_calendar("loaded_at", MOMENTS),
            # So that records can be held to a release of their own dataset.
            models.UniqueConstraint(fields=["id", "dataset"], name="sources_release_of_dataset"),
            models.CheckConstraint(
                condition=Q(checksum__regex=r"^[0-9a-f]{64}$"), name="sources_release_checksum_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.version}"


class Tombstone(Identified):
    """The id of a record that was served and is gone: its dataset dropped it, or was removed."""

    identity = ("collection", "public_id")

    collection = models.TextField(help_text="Name of the collection in addresses: events.")
    public_id = models.TextField("id")
    dataset = models.TextField(help_text="Id of the dataset that had it.")
    release = models.TextField(
        null=True, blank=True, help_text="Release that no longer has it; none if the dataset went."
    )
    removed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["collection", "public_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "public_id"], name="sources_tombstone_unique"
            ),
            not_blank("collection"),
            not_blank("public_id"),
            not_blank("dataset"),
            not_blank("release"),
            in_calendar("removed_at", MOMENTS),
        ]

    def __str__(self) -> str:
        return f"{self.collection}/{self.public_id}"


class Revision(models.Model):
    """The state of the data as a whole: a number that every writing transaction raises by one.

    There is one row. The database counts; nobody writes here.
    """

    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    # The transaction that raised the number last, so that one transaction counts once.
    transaction = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="sources_revision_single"),
            in_calendar("changed_at", MOMENTS),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> Self:
        """Return the one row."""
        return cls.objects.get(pk=1)


class Edit(models.Model):
    """What a curator did to one row in the admin: a line of the trail. The database writes it.

    `table` and `row` say which row, `collection` and `record` the record that it is part of, by table and id;
    both are the same for a record itself. `before` and `after` are the row without what the database derives;
    what was added has no before, what was deleted no after. All are plain values, so that a line outlives the
    account, the record and the model that it tells of.
    """

    at = models.DateTimeField(help_text="When the transaction began, in UTC.")
    curator = models.TextField(help_text="Name of the account.")
    action = models.TextField(choices=EditAction.choices)
    collection = models.TextField(help_text="Table of the record.")
    record = models.TextField(null=True, help_text="Id of the record.")
    table = models.TextField(help_text="Table of the row.")
    row = models.BigIntegerField(help_text="Number of the row.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            in_calendar("at", MOMENTS),
            not_blank("curator"),
            models.CheckConstraint(
                condition=Q(action=EditAction.ADDED, before__isnull=True, after__isnull=False)
                | Q(action=EditAction.CHANGED, before__isnull=False, after__isnull=False)
                | Q(action=EditAction.DELETED, before__isnull=False, after__isnull=True),
                name="sources_edit_action_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["collection", "record"], name="sources_edit_record"),
            models.Index(fields=["table", "row"], name="sources_edit_row"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} by {self.curator}, {self.at:%Y-%m-%d %H:%M} UTC"
