from django.db.models import TextChoices


class ActorKind(TextChoices):
    """What sort of actor it is."""

    STATE = "state", "A state"
    GOVERNMENT_BODY = "government-body", "A government, ministry or other body of a state"
    ARMED_FORCE = "armed-force", "The armed force of a state"
    ARMED_GROUP = "armed-group", "An armed group that is not a state's"
    PERSON = "person", "A person"
    CIVILIAN_GROUP = "civilian-group", "A group of civilians"
    ORGANISATION = "organisation", "An organisation"
    MEDIA = "media", "A news organisation or journalist"


class ControlKind(TextChoices):
    """In what sense an actor holds a place."""

    RECOGNISED = "recognised", "Recognised by other states to hold it"
    DE_FACTO = "de-facto", "In control on the ground"
