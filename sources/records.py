"""What records of every kind have: an identity, dates with doubt, citations.

Abstract models and the constraints they share; each app above makes its own tables of them.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from api.state import remembered
from sources.choices import DatePrecision

DAYS = date(1, 1, 1), date(9999, 12, 31)
MOMENTS = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
SHA256 = r"^[0-9a-f]{64}$"
PUBLIC_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def within(most: int) -> list[Any]:
    """Return the validators of a number between -`most` and `most`."""
    return [MinValueValidator(-most), MaxValueValidator(most)]


def not_blank(field: str) -> models.CheckConstraint:
    """Return the constraint that `field` holds more than white space."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__regex": r"\S"}), name=f"%(app_label)s_%(class)s_{field}_not_blank"
    )


def web_address(field: str) -> models.CheckConstraint:
    """Return the constraint that `field` is an address that a browser may safely follow."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__regex": r"^https?://\S+$"}),
        name=f"%(app_label)s_%(class)s_{field}_web_address",
    )


def language_tag(field: str) -> models.CheckConstraint:
    """Return the constraint that `field` has the form of a BCP 47 language tag."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__regex": r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}),
        name=f"%(app_label)s_%(class)s_{field}_form",
    )


def in_calendar(
    field: str, bounds: tuple[date, date] | tuple[datetime, datetime] = DAYS
) -> models.CheckConstraint:
    """Return the constraint that `field` lies in years 1 to 9999.

    PostgreSQL's infinite dates and those before year 1 have no place in JSON.
    """
    return models.CheckConstraint(
        condition=Q(**{f"{field}__gte": bounds[0], f"{field}__lte": bounds[1]}),
        name=f"%(app_label)s_%(class)s_{field}_range",
    )


def one_of(field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """Return the constraint that `field` is a word of the vocabulary `choices`."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}),
        name=f"%(app_label)s_%(class)s_{field}_known",
    )


class IdentityManager(models.Manager[Any]):
    """Finds a row by what identifies it in the world, so that fixtures need no numbers."""

    def get_by_natural_key(self, *values: Any) -> Any:
        return self.get(**dict(zip(self.model.identity, values, strict=True)))


class RecordManager(IdentityManager):
    """Also tells which rows clients may see."""

    def served(self) -> models.QuerySet[Any]:
        """Return the rows without those of datasets that are withheld."""
        rows = self.get_queryset()
        path = self.model.dataset_path
        # A list of few ids, looked up once: joined, it would cost every row of a walk.
        return rows.exclude(**{f"{path}__in": self._withheld()}) if path else rows

    def visible(self) -> list[Q]:
        """Return the conditions by which the rows of datasets that are withheld now are left out.

        There are none where these have no rows: a condition that leaves nothing out costs a walk all the same.
        """
        path = self.model.dataset_path
        if path is None:
            return []

        def found() -> list[int]:
            with_rows = Exists(self.get_queryset().filter(**{path: OuterRef("pk")}))
            return [pk for (pk,) in self._withheld().filter(with_rows)]

        withheld = remembered(("withheld", self.model), found)
        return [~Q(**{f"{path}__in": withheld})] if withheld else []

    def _withheld(self) -> models.QuerySet[Any]:
        datasets: Any = self.model._meta.apps.get_model("sources.Dataset")
        rows: models.QuerySet[Any] = datasets.objects.filter(**self.model.withheld_with)
        return rows.values_list("pk")


class Identified(models.Model):
    """A row that has an identity besides its number: the values of the lookups in `identity`.

    Fixtures refer to rows by it, and loading them twice finds the same rows again.
    """

    identity: ClassVar[tuple[str, ...]]

    objects = IdentityManager()

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[Any, ...]:
        return tuple(self._value_of(lookup) for lookup in self.identity)

    def _value_of(self, lookup: str) -> Any:
        value: Any = self
        for name in lookup.split("__"):
            value = getattr(value, name)
        return value


class Record(Identified):
    """A row that the API serves under an id of its own.

    `public_id` is the `id` that clients see: lower-case words joined by hyphens, unique in its
    collection and never reused.
    """

    identity = ("public_id",)
    # Where the dataset of a row is found, on which it depends whether clients see it, and with which
    # datasets it is withheld.
    dataset_path: ClassVar[str | None] = None
    withheld_with: ClassVar[dict[str, Any]] = {"served": False}

    public_id = models.TextField("id", help_text="Lower-case words joined by hyphens.")

    objects = RecordManager()  # type: ignore[misc] # (Django hands managers down)

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(public_id__regex=PUBLIC_ID),
                name="%(app_label)s_%(class)s_public_id_form",
            ),
            # Not `unique=True`, which brings a second index for LIKE along.
            models.UniqueConstraint(
                fields=["public_id"], name="%(app_label)s_%(class)s_public_id_unique"
            ),
        ]


class Collected(Record):
    """A record that a dataset brought along, or that a curator made: then it has no dataset.

    Others may refer to it. So it is withheld only with a dataset that may not be passed on to anyone,
    which others leave alone.
    """

    dataset_path = "dataset"
    withheld_with = {"served": False, "redistributable": False}

    dataset = models.ForeignKey(
        "sources.Dataset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The dataset that it was added from.",
    )

    class Meta(Record.Meta):
        abstract = True


class Coding(Identified):
    """What a record is called in another scheme, as text: leading zeros count."""

    scheme = models.TextField()
    code = models.TextField()

    class Meta:
        abstract = True
        ordering = ["scheme", "code"]
        constraints = [not_blank("scheme"), not_blank("code")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


# A check lets a row pass when it is unknown, and so whenever a null is compared: what must be there is
# asked for by name.


class Dated(models.Model):
    """A time that may be a day, longer than a day, or known only roughly.

    `start_date` and `end_date` are the bounds, both included: null is unknown or, for what goes on,
    open. `date_precision` says how closely they are known, `edtf` the same time in the Extended
    Date/Time Format (ISO 8601-2), which tells apart "throughout" and "some day within".
    """

    start_date = models.DateField("from", null=True, blank=True)
    end_date = models.DateField("to", null=True, blank=True)
    date_precision = models.TextField(
        "precision", choices=DatePrecision.choices, null=True, blank=True
    )
    edtf = models.TextField("EDTF", null=True, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")),
                name="%(app_label)s_%(class)s_dates_ordered",
            ),
            models.CheckConstraint(
                condition=Q(
                    start_date__isnull=True,
                    end_date__isnull=True,
                    date_precision__isnull=True,
                    edtf__isnull=True,
                )
                | Q(
                    Q(start_date__isnull=False) | Q(end_date__isnull=False),
                    date_precision__isnull=False,
                    date_precision__in=DatePrecision.values,
                    edtf__isnull=False,
                    edtf__regex=r"\S",
                ),
                name="%(app_label)s_%(class)s_date_whole",
            ),
            in_calendar("start_date"),
            in_calendar("end_date"),
        ]


class Citation(Identified):
    """Where a document says what a record tells, without repeating its words.

    A passage is located by paragraph (blocks of text between empty lines, the first is 1), by its
    characters in that paragraph (`start` from 0, `end` not included) and by the SHA-256 of the
    passage in UTF-8; or by the paragraph alone, which cannot be proved. `locator` serves documents
    that have no paragraphs: a row, a record number.
    `supports` names the fields of the record that rest on it.
    """

    document = models.ForeignKey("sources.Document", models.PROTECT)
    position = models.PositiveSmallIntegerField(help_text="Order among the record's citations.")
    paragraph = models.PositiveIntegerField(null=True, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.TextField(null=True, blank=True, validators=[RegexValidator(SHA256)])
    locator = models.TextField(null=True, blank=True)
    supports = ArrayField(models.TextField(), help_text="Fields of the record that rest on it.")

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    paragraph__isnull=True,
                    start__isnull=True,
                    end__isnull=True,
                    sha256__isnull=True,
                )
                | Q(
                    paragraph__gte=1,
                    paragraph__isnull=False,
                    start__isnull=True,
                    end__isnull=True,
                    sha256__isnull=True,
                )
                | Q(
                    paragraph__isnull=False,
                    start__isnull=False,
                    end__isnull=False,
                    sha256__isnull=False,
                    paragraph__gte=1,
                    start__gte=0,
                    end__gt=F("start"),
                    sha256__regex=r"^[0-9a-f]{64}$",
                ),
                name="%(app_label)s_%(class)s_passage_whole",
            ),
            models.CheckConstraint(
                condition=Q(supports__len__gt=0), name="%(app_label)s_%(class)s_supports_something"
            ),
            not_blank("locator"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} ¶{self.paragraph}" if self.paragraph else f"{self.document_id}"


class Use(models.Model):
    """How often events name a record, of those that clients see; counted at the end of each import."""

    events = models.PositiveIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk}: {self.events}"
