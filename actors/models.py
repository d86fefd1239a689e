"""Who: actors, their names, offices and the places they hold."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from actors.choices import ActorKind, ControlKind
from places.grams import Grams
from places.models import Name, Place
from sources.records import (
    Citation,
    Coding,
    Collected,
    Dated,
    Identified,
    Record,
    Use,
    not_blank,
    one_of,
)


class Actor(Collected):
    """A state, body, force, group, person or organisation that takes part in events."""

    name = models.TextField()
    kind = models.TextField(choices=ActorKind.choices)
    country = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, help_text="The country it belongs to."
    )
    description = models.TextField(null=True, blank=True)
    wikidata_id = models.TextField("Wikidata id", null=True, blank=True, unique=True)

    class Meta(Collected.Meta):
        abstract = False
        ordering = ["name", "id"]
        constraints = [
            *Record.Meta.constraints,
            not_blank("name"),
            not_blank("description"),
            one_of("kind", ActorKind),
            models.CheckConstraint(
                condition=Q(wikidata_id__regex=r"^Q[1-9][0-9]*$"), name="actors_actor_wikidata_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ActorName(Name):
    """A name of an actor."""

    identity: ClassVar[tuple[str, ...]] = ("actor__public_id", "name")

    actor = models.ForeignKey(Actor, models.CASCADE, related_name="names")

    class Meta(Name.Meta):
        constraints = [
            *Name.Meta.constraints,
            models.UniqueConstraint(fields=["actor", "name"], name="actors_actorname_unique"),
        ]
        indexes = [
            models.Index(
                fields=["key"], name="actors_actorname_key", opclasses=["text_pattern_ops"]
            ),
            GinIndex(Grams("key"), name="actors_actorname_grams"),
        ]


class ActorUse(Use):
    """How many parts in events an actor has: one in two roles counts twice."""

    actor = models.OneToOneField(Actor, models.CASCADE, primary_key=True, related_name="use")


class ActorCode(Coding):
    """The code of an actor in another scheme, or the name that a dataset's reader gives it."""

    identity: ClassVar[tuple[str, ...]] = ("scheme", "code")

    actor = models.ForeignKey(Actor, models.CASCADE, related_name="codes")

    class Meta(Coding.Meta):
        abstract = False
        constraints = [
            *Coding.Meta.constraints,
            models.UniqueConstraint(fields=["scheme", "code"], name="actors_actorcode_unique"),
        ]


class AttributedCitation(Citation):
    """A citation that also says whose word the document passes on."""

    attributed_to = models.ForeignKey(
        Actor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who said it, where the document does not speak in its own voice.",
    )

    class Meta(Citation.Meta):
        abstract = True


class ActorCitation(AttributedCitation):
    """How we know of an actor."""

    identity: ClassVar[tuple[str, ...]] = ("actor__public_id", "position")

    actor = models.ForeignKey(Actor, models.CASCADE, related_name="citations")

    class Meta(AttributedCitation.Meta):
        constraints = [
            *AttributedCitation.Meta.constraints,
            models.UniqueConstraint(
                fields=["actor", "position"], name="actors_actorcitation_unique"
            ),
        ]


class Affiliation(Dated, Identified):
    """An office or membership that a person holds in an organisation, over some time."""

    identity: ClassVar[tuple[str, ...]] = (
        "person__public_id",
        "organisation__public_id",
        "title",
    )

    person = models.ForeignKey(Actor, models.CASCADE, related_name="affiliations")
    organisation = models.ForeignKey(Actor, models.CASCADE, related_name="members")
    title = models.TextField()

    class Meta(Dated.Meta):
        abstract = False
        ordering = ["person", "id"]
        constraints = [
            *Dated.Meta.constraints,
            not_blank("title"),
            models.UniqueConstraint(
                fields=["person", "organisation", "title"], name="actors_affiliation_unique"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("organisation")), name="actors_affiliation_not_with_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ControlClaim(Dated, Identified):
    """The claim that an actor holds a place, or is recognised to hold it, over some time."""

    identity: ClassVar[tuple[str, ...]] = ("place__public_id", "actor__public_id", "kind")

    place = models.ForeignKey(Place, models.CASCADE, related_name="control_claims")
    actor = models.ForeignKey(Actor, models.CASCADE, related_name="control_claims")
    kind = models.TextField(choices=ControlKind.choices)

    class Meta(Dated.Meta):
        abstract = False
        ordering = ["place", "id"]
        constraints = [
            *Dated.Meta.constraints,
            one_of("kind", ControlKind),
            models.UniqueConstraint(
                fields=["place", "actor", "kind", "start_date"],
                name="actors_controlclaim_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.kind} {self.place_id}"


class ControlCitation(AttributedCitation):
    """How we know who holds a place."""

    identity: ClassVar[tuple[str, ...]] = (
        "claim__place__public_id",
        "claim__actor__public_id",
        "claim__kind",
        "position",
    )

    claim = models.ForeignKey(ControlClaim, models.CASCADE, related_name="citations")

    class Meta(AttributedCitation.Meta):
        constraints = [
            *AttributedCitation.Meta.constraints,
            models.UniqueConstraint(
                fields=["claim", "position"], name="actors_controlcitation_unique"
            ),
        ]


class AffiliationCitation(AttributedCitation):
    """How we know of an office or membership."""

    identity: ClassVar[tuple[str, ...]] = (
        "affiliation__person__public_id",
        "affiliation__organisation__public_id",
        "affiliation__title",
        "position",
    )

    affiliation = models.ForeignKey(Affiliation, models.CASCADE, related_name="citations")

    class Meta(AttributedCitation.Meta):
        constraints = [
            *AttributedCitation.Meta.constraints,
            models.UniqueConstraint(
                fields=["affiliation", "position"], name="actors_affiliationcitation_unique"
            ),
        ]
