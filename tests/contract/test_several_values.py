"""Several values of one parameter mean any of them: what is expected is read from the records."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from actors.models import Actor, ActorCode
from agreements.models import Agreement, AgreementCode, Party, Provision
from api.kinds import Chosen
from api.parameters import Several
from events.models import Event, EventCitation
from places.models import Place, PlaceCode
from sources.models import Dataset, Document, Release
from tests.contract.conftest import COLLECTIONS
from tests.contract.withheld import TERMS

Record = dict[str, Any]
# Which records a value finds: the words of a record, in any of which it may be asked for.
Words = Callable[[Record], set[Any]]

# So many pairs of values of a parameter are tried.
PAIRS = 6


def ids_in(*keys: str) -> Words:
    """Return the ids of what stands under these keys: one brief, or a list of them."""

    def ids(record: Record) -> set[Any]:
        values = [record[key] for key in keys]
        briefs = [brief for v in values for brief in (v if isinstance(v, list) else [v]) if brief]
        return {brief["id"] for brief in briefs}

    return ids


def in_each(key: str, brief: str) -> Words:
    """Return the ids of a brief in each entry of a list: `participants`, `actor`."""
    return lambda record: {entry[brief]["id"] for entry in record[key]}


def word(key: str) -> Words:
    return lambda record: {record[key]} - {None}


def codes(record: Record) -> set[str]:
    return {f"{code['scheme']}:{code['code']}" for code in record["codes"]}


def places(record: Record) -> list[Any]:
    """Return the briefs of the places of an event, a provision or an agreement with its provisions."""
    own = [record["place"]] if "place" in record else record["places"]
    return [place for place in own if place] + [
        place for provision in record.get("provisions", []) for place in places(provision)
    ]


def countries(record: Record) -> set[Any]:
    return {place["country"]["id"] for place in places(record) if place["country"]}


# For each parameter that takes several: its words in a record.
WORDS: dict[tuple[str, str], Words] = {
    ("events", "id"): word("id"),
    ("events", "country"): countries,
    ("events", "actor"): in_each("participants", "actor"),
    ("events", "actor_role"): lambda event: {
        part["role"] for part in event["participants"] if part["actor"]["id"] == "azerbaijan"
    },
    ("events", "type"): lambda event: {event["type"]["code"], event["type"]["root"]},
    ("events", "root_type"): lambda event: {event["type"]["root"]},
    ("events", "code"): codes,
    ("events", "status"): word("status"),
    ("events", "certainty"): word("certainty"),
    ("events", "dataset"): ids_in("dataset"),
    ("events", "agreement"): ids_in("agreement"),
    ("events", "fulfils"): ids_in("fulfils"),
    ("events", "breaches"): ids_in("breaches"),
    ("events", "source"): in_each("sources", "source"),
    ("actors", "id"): word("id"),
    ("actors", "name"): word("id"),
    ("actors", "kind"): word("kind"),
    ("actors", "country"): ids_in("country"),
    ("actors", "code"): codes,
    ("places", "id"): word("id"),
    ("places", "name"): word("id"),
    ("places", "kind"): word("kind"),
    ("places", "within"): ids_in("ancestors"),
    ("places", "country"): ids_in("country"),
    ("places", "code"): codes,
    ("agreements", "id"): word("id"),
    ("agreements", "kind"): word("kind"),
    ("agreements", "status"): word("status"),
    ("agreements", "actor"): in_each("parties", "actor"),
    ("agreements", "role"): lambda agreement: {
        party["role"] for party in agreement["parties"] if party["actor"]["id"] == "russia"
    },
    ("agreements", "country"): countries,
    ("agreements", "dataset"): ids_in("dataset"),
    ("agreements", "code"): codes,
    ("provisions", "id"): word("id"),
    ("provisions", "agreement"): ids_in("agreement"),
    ("provisions", "kind"): word("kind"),
    ("provisions", "status"): word("status"),
    ("provisions", "country"): countries,
    ("provisions", "actor"): ids_in("obligor", "beneficiary"),
    ("provisions", "obligor"): ids_in("obligor"),
    ("provisions", "beneficiary"): ids_in("beneficiary"),
    ("sources", "id"): word("id"),
    ("sources", "kind"): word("kind"),
    ("sources", "publisher"): ids_in("publisher"),
    ("sources", "language"): word("language"),
    ("datasets", "id"): word("id"),
    ("event-types", "id"): word("id"),
    ("event-types", "code"): codes,
    ("event-types", "root"): lambda type_: {(type_["parent"] or type_)["id"]},
}
# A place has the words of those that it lies in, too.
PLACED = [("events", "place"), ("agreements", "place"), ("provisions", "place")]
# What a parameter says nothing without.
WITH = {
    ("events", "actor_role"): {"actor": "azerbaijan"},
    ("agreements", "role"): {"actor": "russia"},
}
EXCLUDED = ("place", "actor", "type", "dataset")
# Records do not say which dataset they or their agreement are from.
UNTOLD = {(path, "dataset") for path in ("actors", "places", "sources", "provisions")}


@pytest.fixture
def varied(db: None) -> None:
    """Give records of which the article has one sort only others."""
    other = Dataset.objects.create(public_id="other", name="Other", redistributable=True, **TERMS)
    release = Release.objects.create(dataset=other, version="1", checksum="0" * 64)
    Event.objects.filter(public_id="celebrations-in-baku").update(dataset=other, release=release)
    us_truce = Agreement.objects.get(public_id="us-brokered-cease-fire-2020")
    Agreement.objects.filter(pk=us_truce.pk).update(dataset=other, release=release, kind="renewal")
    us_truce.places.set(Place.objects.filter(public_id="russia"))
    armenia, russia = Actor.objects.filter(public_id__in=["armenia", "russia"]).order_by("name")
    Party.objects.create(agreement=us_truce, actor=russia, role="guarantor")
    _, kelbajar, lachin = Provision.objects.order_by("public_id")
    Provision.objects.filter(pk=lachin.pk).update(
        kind="prisoners", obligor=russia, beneficiary=armenia
    )
    Provision.objects.filter(pk=kelbajar.pk).update(agreement=us_truce)
    told = Event.objects.filter(status="occurred").order_by("public_id")
    told[0].fulfils.set([lachin, kelbajar])
    told[1].breaches.set([lachin])
    told[2].breaches.set([kelbajar])
    geonames = Document.objects.get(public_id="geonames-az")
    EventCitation.objects.filter(event=told[3]).update(document=geonames)
    Document.objects.filter(pk=geonames.pk).update(language="fr")
    Place.objects.filter(public_id="lachin").update(parent=Place.objects.get(public_id="armenia"))
    for number in (0, 1):
        code = {"scheme": "made-up", "code": f"00{number}"}
        AgreementCode.objects.create(agreement=Agreement.objects.all()[number], **code)
        ActorCode.objects.create(actor=Actor.objects.all()[number], **code)
        PlaceCode.objects.create(place=Place.objects.all()[number], **code)


@pytest.fixture
def words(get: Any, varied: None) -> Any:
    """Return a function that gives the words of each record, by its id, that a parameter takes."""
    listed = get("/api/places", page_size=1000)["results"]
    around = {p["id"]: {p["id"], *(above["id"] for above in p["ancestors"])} for p in listed}

    def words(path: str, name: str) -> dict[str, set[Any]]:
        records = get(f"/api/{path}", page_size=1000)["results"]
        if (path, name) in PLACED:
            return {r["id"]: set().union(*(around[p["id"]] for p in places(r))) for r in records}
        return {record["id"]: WORDS[path, name](record) for record in records}

    return words


def having(words: dict[str, set[Any]], values: set[Any]) -> set[str]:
    return {id_ for id_, own in words.items() if own & values}


def pairs(words: dict[str, set[Any]]) -> list[tuple[Any, Any]]:
    """Return pairs of values, each of which finds what the other does not, either one first."""
    finds = {value: having(words, {value}) for value in sorted(set().union(*words.values()))}
    apart = [
        (one, other)
        for one, other in combinations(finds, 2)
        if finds[one] - finds[other] and finds[other] - finds[one]
    ]
    return [way for one, other in apart[:PAIRS] for way in ((one, other), (other, one))]


def test_no_parameter_that_takes_several_is_missing() -> None:
    several = {
        (collection.name, name)
        for collection in COLLECTIONS
        for name, parameter in collection.view.parameters().fields.items()
        if isinstance(parameter, Several) and not isinstance(parameter, Chosen)
    }
    excluded = {("events", f"exclude_{name}") for name in EXCLUDED}
    assert several - UNTOLD - excluded == {*WORDS, *PLACED}


@pytest.mark.parametrize(("path", "name"), [*WORDS, *PLACED], ids=str)
def test_several_values_find_what_has_any_of_them(
    get: Any, words: Any, path: str, name: str
) -> None:
    told = words(path, name)
    assert pairs(told)
    for one, other in pairs(told):
        both = having(told, {one, other})
        for value, expected in (
            (one, having(told, {one})),
            (f"{one},{other}", both),
            ([one, other], both),
        ):
            query = {name: value, **WITH.get((path, name), {})}
            answer = get(f"/api/{path}", page_size=1000, **query)
            assert {record["id"] for record in answer["results"]} == expected


@pytest.mark.parametrize("name", EXCLUDED)
def test_several_values_leave_out_what_has_any_of_them(get: Any, words: Any, name: str) -> None:
    told = words("events", name)
    assert pairs(told)
    for one, other in pairs(told):
        answer = get("/api/events", page_size=1000, **{f"exclude_{name}": f"{one},{other}"})
        left = {record["id"] for record in answer["results"]}
        assert left == told.keys() - having(told, {one, other})
