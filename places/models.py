"""Where: places in a tree, under every name they are known by."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, QuerySet

from api.names import fold
from places.choices import NameKind, PlaceKind
from places.grams import Grams
from sources.models import Document
from sources.records import (
    Citation,
    Coding,
    Collected,
    Identified,
    Record,
    Use,
    language_tag,
    not_blank,
    one_of,
    within,
)

LEVELS = 4


class Name(Identified):
    """One of the names of a record.

    `key` is the name folded to lower-case ASCII letters and digits: names are looked up by it, so
    spelling, case, accents and script do not matter.
    """

    name = models.TextField()
    key = models.TextField(editable=False)
    language = models.TextField(null=True, blank=True, help_text="BCP 47 tag, such as az.")
    kind = models.TextField(choices=NameKind.choices, default=NameKind.ALTERNATE)
    source = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        help_text="Where the name was added from; empty when it is the record's own.",
    )

    class Meta:
        abstract = True
        ordering = ["id"]
        constraints = [
            not_blank("name"),
            language_tag("language"),
            one_of("kind", NameKind),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[^[:upper:][:space:]]+$"),
                name="%(app_label)s_%(class)s_key_folded",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean_fields(self, exclude: object = None) -> None:
        self.key = fold(self.name)
        super().clean_fields(exclude)  # type: ignore[arg-type]

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = fold(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Place(Collected):
    """A place, in a tree of at most four levels whose roots are countries or territories.

    `depth`, `level_1` to `level_4` and `country` follow from `parent` and are kept by the
    database: level n is the ancestor at depth n, the place itself included. A place that contains
    others is found by one equality on its level.
    """

    name = models.TextField()
    kind = models.TextField(choices=PlaceKind.choices)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="within",
    )
    latitude = models.FloatField(
        null=True, blank=True, validators=within(90), help_text="Degrees north, WGS 84."
    )
    longitude = models.FloatField(
        null=True, blank=True, validators=within(180), help_text="Degrees east, WGS 84."
    )
    iso2 = models.TextField("ISO 3166-1 alpha-2", null=True, blank=True, unique=True)
    iso3 = models.TextField("ISO 3166-1 alpha-3", null=True, blank=True, unique=True)
    geonames_id = models.PositiveBigIntegerField("GeoNames id", null=True, blank=True, unique=True)
    wikidata_id = models.TextField("Wikidata id", null=True, blank=True, unique=True)

    # Kept by the database.
    depth = models.PositiveSmallIntegerField(editable=False, default=1)
    country = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, editable=False, related_name="+", db_constraint=False
    )
    level_1 = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, editable=False, related_name="+", db_constraint=False
    )
    level_2 = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, editable=False, related_name="+", db_constraint=False
    )
    level_3 = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, editable=False, related_name="+", db_constraint=False
    )
    level_4 = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, editable=False, related_name="+", db_constraint=False
    )

    class Meta(Collected.Meta):
        abstract = False
        ordering = ["name", "id"]
        constraints = [
            *Record.Meta.constraints,
            not_blank("name"),
            one_of("kind", PlaceKind),
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90), name="places_place_latitude_range"
            ),
            models.CheckConstraint(
                condition=Q(longitude__gte=-180, longitude__lte=180),
                name="places_place_longitude_range",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="places_place_point_whole",
            ),
            models.CheckConstraint(
                condition=Q(depth__gte=1, depth__lte=LEVELS), name="places_place_depth_range"
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")), name="places_place_not_within_itself"
            ),
            models.CheckConstraint(
                condition=Q(iso2__regex=r"^[A-Z]{2}$"), name="places_place_iso2_form"
            ),
            models.CheckConstraint(
                condition=Q(iso3__regex=r"^[A-Z]{3}$"), name="places_place_iso3_form"
            ),
            models.CheckConstraint(
                condition=Q(wikidata_id__regex=r"^Q[1-9][0-9]*$"), name="places_place_wikidata_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ancestors(self) -> "QuerySet[Place]":
        """The places that contain this one, the widest first."""
        levels = [self.level_1_id, self.level_2_id, self.level_3_id, self.level_4_id]
        return Place.objects.filter(pk__in=levels, depth__lt=self.depth).order_by("depth")


class PlaceName(Name):
    """A name of a place."""

    identity: ClassVar[tuple[str, ...]] = ("place__public_id", "name")

    place = models.ForeignKey(Place, models.CASCADE, related_name="names")

    class Meta(Name.Meta):
        constraints = [
            *Name.Meta.constraints,
            models.UniqueConstraint(fields=["place", "name"], name="places_placename_unique"),
        ]
        indexes = [
            # Beginnings of names are looked for, too, and what is in them.
            models.Index(
                fields=["key"], name="places_placename_key", opclasses=["text_pattern_ops"]
            ),
            GinIndex(Grams("key"), name="places_placename_grams"),
        ]


class PlaceUse(Use):
    """How many events took place in a place, or inside it."""

    place = models.OneToOneField(Place, models.CASCADE, primary_key=True, related_name="use")


class PlaceCode(Coding):
    """The code of a place in another scheme, or the name that a dataset's reader gives it."""

    identity: ClassVar[tuple[str, ...]] = ("scheme", "code")

    place = models.ForeignKey(Place, models.CASCADE, related_name="codes")

    class Meta(Coding.Meta):
        abstract = False
        constraints = [
            *Coding.Meta.constraints,
            models.UniqueConstraint(fields=["scheme", "code"], name="places_placecode_unique"),
        ]


class PlaceCitation(Citation):
    """How we know of a place, or where a coordinate or id of it was added from."""

    identity: ClassVar[tuple[str, ...]] = ("place__public_id", "position")

    place = models.ForeignKey(Place, models.CASCADE, related_name="citations")

    class Meta(Citation.Meta):
        constraints = [
            *Citation.Meta.constraints,
            models.UniqueConstraint(
                fields=["place", "position"], name="places_placecitation_unique"
            ),
        ]
