from django.db.models import TextChoices


class EventStatus(TextChoices):
    """Whether an event took place."""

    OCCURRED = "occurred", "It took place"
    ONGOING = "ongoing", "It has begun and not ended"
    EXPECTED = "expected", "The source expects it; whether it took place is not said"
    FAILED = "failed", "It was tried and did not succeed, or did not last"


class Certainty(TextChoices):
    """How sure the source is."""

    CONFIRMED = "confirmed", "Stated as fact, or confirmed by one in a position to know"
    REPORTED = "reported", "Reported by others; the source does not vouch for it"
    ALLEGED = "alleged", "Claimed by one side"


class PlacePrecision(TextChoices):
    """How exactly the place of an event is known."""

    EXACT = "exact", "The named place itself"
    NEAR = "near", "Near the named place, within some 25 km"
    DISTRICT = "district", "Somewhere in the district"
    PROVINCE = "province", "Somewhere in the province"
    AREA = "area", "Somewhere in a larger part of the country, or along a line"
    COUNTRY = "country", "Somewhere in the country"
    INTERNATIONAL = "international", "In international waters or airspace"


class Role(TextChoices):
    """What an actor is to an event."""

    INITIATOR = "initiator", "Did it"
    TARGET = "target", "It was done to them"
    PARTICIPANT = "participant", "Took part"
    MEDIATOR = "mediator", "Brought the sides together"
    SIGNATORY = "signatory", "Signed"
    GUARANTOR = "guarantor", "Vouched for the outcome"
    SPEAKER = "speaker", "Said it"
    AFFECTED = "affected", "Bore the consequences"
    OBSERVER = "observer", "Watched or commented"


class LinkKind(TextChoices):
    """How one event relates to another."""

    FOLLOWS = "follows", "Came after it and out of it"
    RESPONDS_TO = "responds-to", "Was a response to it"
    REPORTS = "reports", "Announced or confirmed it"


class CodeMatch(TextChoices):
    """How well the code of another scheme matches a type (SKOS mapping relations)."""

    EXACT = "exact", "They mean the same"
    BROAD = "broad", "The other code is wider"
    NARROW = "narrow", "The other code is narrower"
