from django.db.models import TextChoices


class AgreementKind(TextChoices):
    """The stage of a peace process that an agreement belongs to (PA-X's vocabulary)."""

    PRE_NEGOTIATION = "pre-negotiation", "Before talks, or about how to hold them"
    PARTIAL = "partial", "Settles some of the issues"
    COMPREHENSIVE = "comprehensive", "Settles all the main issues"
    CEASEFIRE = "ceasefire", "A ceasefire and what goes with it"
    IMPLEMENTATION = "implementation", "How to carry out an earlier agreement"
    RENEWAL = "renewal", "Renews an earlier agreement"
    OTHER = "other", "Another sort"


class AgreementStatus(TextChoices):
    """What became of an agreement, as far as its sources tell."""

    IN_FORCE = "in-force", "Holds"
    FAILED = "failed", "Broke down"
    SUPERSEDED = "superseded", "Replaced by a later one"
    UNKNOWN = "unknown", "Not known"


class PartyRole(TextChoices):
    """What an actor is to an agreement."""

    SIGNATORY = "signatory", "Signed it"
    MEDIATOR = "mediator", "Brought it about"
    GUARANTOR = "guarantor", "Vouches for it"
    WITNESS = "witness", "Witnessed it"
    OBSERVER = "observer", "Observed the talks or observes the outcome"


class DueQualifier(TextChoices):
    """How a due date is meant."""

    ON = "on", "On that date"
    BY = "by", "On that date or before"
    BEFORE = "before", "Before that date"
    WITHIN = "within", "Within a term that ends on that date"
    FROM = "from", "From that date on"
    UNTIL = "until", "Until that date"


class ProvisionStatus(TextChoices):
    """What became of a provision."""

    PENDING = "pending", "Not yet carried out"
    FULFILLED = "fulfilled", "Carried out"
    FULFILLED_LATE = "fulfilled-late", "Carried out after it was due"
    BREACHED = "breached", "Broken"
    LAPSED = "lapsed", "No longer asked for"
    UNKNOWN = "unknown", "Not known: its source says what was agreed, not what became of it"
