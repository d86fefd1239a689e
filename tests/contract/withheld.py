"""A dataset that is withheld, with a record in every collection, and what must not be told of it."""

import json
from typing import Any

from actors.models import Actor, ActorName
from agreements.models import Agreement, Party, Provision
from events.models import Event, EventType, Participation
from places.models import Place, PlaceName
from sources.models import Dataset, Document, Publisher, Release

HIDDEN = "undisclosed"
TERMS = {"description": "-", "licence": "Terms of use", "citation": "-"}
# What of it stands in each collection; types are nobody's.
WITHHELD = {
    "events": f"{HIDDEN}-event",
    "agreements": f"{HIDDEN}-agreement",
    "provisions": f"{HIDDEN}-provision",
    "actors": f"{HIDDEN}-actor",
    "places": f"{HIDDEN}-place",
    "sources": f"{HIDDEN}-source",
    "datasets": HIDDEN,
}


def withheld_dataset() -> Dataset:
    """Add a dataset that is withheld, with a record in every collection."""
    dataset = Dataset.objects.create(
        public_id=HIDDEN, name="Undisclosed", redistributable=False, served=False, **TERMS
    )
    release = Release.objects.create(dataset=dataset, version="1", checksum="0" * 64)
    publisher = Publisher.objects.create(public_id=HIDDEN, name="Undisclosed", dataset=dataset)
    Document.objects.create(
        public_id=WITHHELD["sources"],
        title="Undisclosed source",
        kind="report",
        publisher=publisher,
        dataset=dataset,
    )
    place = Place.objects.create(
        public_id=WITHHELD["places"],
        name="Undisclosed place",
        kind="country",
        dataset=dataset,
    )
    PlaceName.objects.create(place=place, name=place.name)
    actor = Actor.objects.create(
        public_id=WITHHELD["actors"], name="Undisclosed actor", kind="state", dataset=dataset
    )
    ActorName.objects.create(actor=actor, name=actor.name)
    agreement = Agreement.objects.create(
        public_id=WITHHELD["agreements"],
        key="1",
        title="Undisclosed agreement",
        kind="ceasefire",
        status="in-force",
        dataset=dataset,
        release=release,
    )
    aghdam = Place.objects.get(public_id="aghdam")
    agreement.places.add(aghdam)
    azerbaijan = Actor.objects.get(public_id="azerbaijan")
    Party.objects.create(agreement=agreement, actor=azerbaijan, role="signatory")
    Provision.objects.create(
        public_id=WITHHELD["provisions"],
        agreement=agreement,
        number=1,
        kind="territory",
        text="Undisclosed",
        place=aghdam,
        obligor=azerbaijan,
        status="unknown",
    )
    event = Event.objects.create(
        public_id=WITHHELD["events"],
        key="1",
        title="Undisclosed troops",
        type=EventType.objects.get(code="RETREAT/withdraw"),
        status="occurred",
        certainty="confirmed",
        place=aghdam,
        place_precision="exact",
        deaths_best=5,
        start_date="2020-11-20",
        end_date="2020-11-20",
        date_precision="day",
        edtf="2020-11-20",
        dataset=dataset,
        release=release,
    )
    Participation.objects.create(event=event, actor=azerbaijan, role="initiator", position=1)
    return dataset


def told(get: Any, path: str, **query: Any) -> Any:
    """Return an answer in which nothing of the dataset may stand, nor be counted."""
    answer = get(path, **query)
    text = json.dumps(answer)
    assert HIDDEN not in text.lower(), path
    if "results" in answer:
        assert answer["count"] == len(answer["results"])
    return answer
