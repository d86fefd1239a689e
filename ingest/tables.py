"""The tables that records go to, in the order in which they can be filled."""

# What a row refers to comes before it, but for rows of its own table.
TABLES = (
    "sources.dataset",
    "sources.release",
    "sources.publisher",
    "sources.document",
    "places.place",
    "places.placename",
    "places.placecode",
    "places.placecitation",
    "actors.actor",
    "actors.actorname",
    "actors.actorcode",
    "actors.actorcitation",
    "actors.affiliation",
    "actors.affiliationcitation",
    "actors.controlclaim",
    "actors.controlcitation",
    "agreements.agreement",
    "agreements.agreementcode",
    "agreements.party",
    "agreements.agreementcitation",
    "agreements.provision",
    "agreements.provisioncitation",
    "events.event",
    "events.eventcode",
    "events.participation",
    "events.eventcitation",
    "events.eventlink",
)

# Those whose rows others refer to; the rest belongs to one of them.
RECORDS = frozenset(
    {
        "sources.publisher",
        "sources.document",
        "places.place",
        "actors.actor",
        "actors.affiliation",
        "actors.controlclaim",
        "agreements.agreement",
        "agreements.provision",
        "events.event",
    }
)

# Those that rows may merely refer to. Any number of rows can bring along the same one.
PROPOSED = frozenset({"sources.publisher", "sources.document", "places.place", "actors.actor"})
