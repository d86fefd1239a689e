"""Filters of agreements and provisions."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from agreements.models import Agreement, AgreementCode, Party, Provision
from agreements.serializers import ProvisionRowSerializer, ProvisionSerializer
from events.choices import EventStatus
from events.models import Event
from sources.models import Dataset
from tests.conftest import stable
from tests.contract.withheld import TERMS

TRUCE = "azerbaijan-armenia-cease-fire-2020"
US_TRUCE = "us-brokered-cease-fire-2020"
LACHIN, KELBAJAR, AGHDAM = "hand-over-of-lachin", "hand-over-of-kelbajar", "hand-over-of-aghdam"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"id": f"{TRUCE},there-is-none"}, {TRUCE}),
        ({"q": "truce"}, {TRUCE, US_TRUCE}),
        ({"q": "districts -mediation"}, {TRUCE}),
        ({"q": "xylophone"}, set()),
        ({"actor": "Russia", "role": "mediator"}, {TRUCE}),
        ({"actor": "Russia,Armenia", "role": "signatory"}, {TRUCE}),
        ({"actor": "Russia", "role": "signatory"}, set()),
        ({"actor": "Russia,United States", "role": "mediator,signatory"}, {TRUCE, US_TRUCE}),
        ({"country": "AZE"}, {TRUCE, US_TRUCE}),
        ({"country": "AM"}, set()),
        ({"date": "2020-11"}, {TRUCE}),
        ({"date": "2020-11-03"}, {TRUCE}),
        ({"date": "2020-10"}, {US_TRUCE}),
        ({"date": "2020"}, {TRUCE, US_TRUCE}),
        ({"date": "../2020-10"}, {US_TRUCE}),
        ({"date_from": "2020-11-15"}, {TRUCE}),
        ({"date_from": "2020-11-16"}, set()),
        ({"date_to": "2020-10-01"}, {US_TRUCE}),
        ({"date_to": "2020-09-30"}, set()),
        ({"date_from": "2020-11"}, {TRUCE}),
        ({"date_to": "2020-10"}, {US_TRUCE}),
        ({"date_from": "2020-10-31", "date_to": "2020-11-02"}, {TRUCE, US_TRUCE}),
        ({"dataset": "Aghdam, November 2020"}, {TRUCE, US_TRUCE}),
    ],
    ids=stable,
)
def test_agreements(found: Any, query: dict[str, str], expected: set[str]) -> None:
    assert found("agreements", **query) == expected


def test_an_agreement_without_a_date_is_of_none(found: Any) -> None:
    Agreement.objects.filter(public_id=TRUCE).update(
        start_date=None, end_date=None, date_precision=None, edtf=None
    )
    assert found("agreements", date="../9999") == {US_TRUCE}


def test_agreements_by_their_code_in_another_dataset(get: Any, found: Any) -> None:
    # As long as there are none, no scheme is wrong.
    assert found("agreements", code="pax:1") == set()
    AgreementCode.objects.create(
        agreement=Agreement.objects.get(public_id=TRUCE), scheme="pax", code="0042"
    )
    assert found("agreements", code="pax:0042") == {TRUCE}
    assert found("agreements", code="pax:42") == set()
    (error,) = get("/api/agreements", 400, code="paxx:0042")["errors"]
    assert (error["code"], error["allowed"]) == ("unknown_scheme", ["pax"])
    (error,) = get("/api/agreements", 400, code="0042")["errors"]
    assert error["code"] == "not_a_code"


@pytest.mark.parametrize(
    ("collection", "query", "parameter", "code"),
    [
        ("agreements", {"role": "mediator"}, "role", "needs_another"),
        ("agreements", {"actor": "Russia", "role": "speaker"}, "role", "unknown_value"),
        ("agreements", {"date": "soon"}, "date", "not_a_date"),
        ("agreements", {"country": "Aghdam"}, "country", "unknown_name"),
        (
            "agreements",
            {"date_from": "2020-02-01", "date_to": "2020-01-01"},
            "date_to",
            "out_of_order",
        ),
        (
            "provisions",
            {"due_from": "2020-02-01", "due_to": "2020-01-01"},
            "due_to",
            "out_of_order",
        ),
        ("provisions", {"overdue_on": "2020-12"}, "overdue_on", "not_a_date"),
        ("provisions", {"kind": "teritory"}, "kind", "unknown_name"),
        ("provisions", {"dataset": "other"}, "dataset", "unknown_name"),
    ],
)
def test_what_cannot_be_is_refused(
    get: Any, collection: str, query: dict[str, str], parameter: str, code: str
) -> None:
    (error,) = get(f"/api/{collection}", 400, **query)["errors"]
    assert (error["parameter"], error["code"]) == (parameter, code)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"id": f"{LACHIN},{AGHDAM}"}, {LACHIN, AGHDAM}),
        ({"q": "Lachin"}, {LACHIN}),
        ({"q": '"gives up" -Aghdam'}, {LACHIN, KELBAJAR}),
        ({"kind": "Territory"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"beneficiary": "Azerbaijan"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"beneficiary": "Armenia"}, set()),
        ({"country": "AZ"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"country": "Armenia"}, set()),
        ({"country": "AZE", "place": "Lachin"}, {LACHIN}),
        ({"actor": "Armenia"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"actor": "Azerbaijan"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"actor": "Russia"}, set()),
        ({"due": "2020-12-04"}, {LACHIN, KELBAJAR}),
        ({"due": "2020-11"}, {AGHDAM}),
        ({"due": "2020"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"due": "2020-12/.."}, {LACHIN, KELBAJAR}),
        ({"due": "../2020-11-19"}, set()),
        ({"due_to": "2020-11"}, {AGHDAM}),
        ({"due_from": "2020-12"}, {LACHIN, KELBAJAR}),
        ({"due_from": "2020-12-04"}, {LACHIN, KELBAJAR}),
        ({"due_from": "2020-12-05"}, set()),
        ({"due_to": "2020-11-20"}, {AGHDAM}),
        ({"due_to": "2020-11-19"}, set()),
        ({"due_from": "2020-11-20", "due_to": "2020-12-04"}, {LACHIN, KELBAJAR, AGHDAM}),
        ({"dataset": "aghdam-2020"}, {LACHIN, KELBAJAR, AGHDAM}),
    ],
    ids=stable,
)
def test_provisions(found: Any, query: dict[str, str], expected: set[str]) -> None:
    assert found("provisions", **query) == expected


def test_provisions_are_of_the_dataset_of_their_agreement(found: Any) -> None:
    other = Dataset.objects.create(public_id="other", name="Other", redistributable=True, **TERMS)
    release = other.releases.create(version="1", checksum="0" * 64)
    us_truce = Agreement.objects.get(public_id=US_TRUCE)
    Provision.objects.filter(public_id=LACHIN).update(agreement=us_truce)
    assert found("provisions", dataset="other") == set()
    Agreement.objects.filter(pk=us_truce.pk).update(dataset=other, release=release)
    assert found("provisions", dataset="other") == {LACHIN}
    assert found("provisions", dataset="aghdam-2020") == {KELBAJAR, AGHDAM}
    assert found("provisions", dataset="Other,aghdam-2020") == {LACHIN, KELBAJAR, AGHDAM}


def test_a_kind_of_provision_is_one_that_there_is(get: Any, found: Any) -> None:
    Provision.objects.filter(public_id=LACHIN).update(kind="prisoners of war")
    assert found("provisions", kind="Prisoners of War") == {LACHIN}
    (error,) = get("/api/provisions", 400, kind="prisoner of war")["errors"]
    assert error["allowed"] == ["prisoners of war", "territory"]
    assert error["suggestion"] == "prisoners of war"


# Overdue. Lachin and Kelbajar are due by 4 December; Aghdam was handed over in time.


def test_pending_provisions_are_overdue_once_their_day_is_over(found: Any) -> None:
    assert found("provisions", overdue_on="2020-12-04") == set()
    assert found("provisions", overdue_on="2020-12-05") == {LACHIN, KELBAJAR}
    assert found("provisions", overdue_on="9999-12-31") == {LACHIN, KELBAJAR}
    assert found("provisions", overdue_on="0001-01-01") == set()


@pytest.mark.parametrize(
    ("qualifier", "first"),
    [
        ("by", date(2020, 12, 5)),
        ("on", date(2020, 12, 5)),
        ("within", date(2020, 12, 5)),
        ("before", date(2020, 12, 4)),
        ("from", None),
        ("until", None),
    ],
)
def test_what_a_due_day_means(found: Any, qualifier: str, first: date | None) -> None:
    Provision.objects.filter(public_id=LACHIN).update(due_qualifier=qualifier)
    for day in (3, 4, 5, 6):
        overdue = LACHIN in found("provisions", overdue_on=f"2020-12-0{day}")
        assert overdue is (first is not None and date(2020, 12, day) >= first)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", {"2020-12-05", "2020-12-09", "2020-12-10", "2020-12-20"}),
        # Known as of 10 December.
        ("fulfilled-late", {"2020-12-05", "2020-12-09"}),
        ("breached", {"2020-12-05", "2020-12-09"}),
        ("fulfilled", set()),
        ("lapsed", set()),
    ],
)
def test_what_became_of_it_ends_that_it_is_overdue(
    found: Any, status: str, expected: set[str]
) -> None:
    Provision.objects.filter(public_id=LACHIN).update(status=status, as_of="2020-12-10")
    days = ("2020-12-04", "2020-12-05", "2020-12-09", "2020-12-10", "2020-12-20")
    assert {d for d in days if LACHIN in found("provisions", overdue_on=d)} == expected


def test_of_what_nobody_knows_nothing_is_overdue(found: Any) -> None:
    Provision.objects.filter(public_id=LACHIN).update(status="unknown", as_of=None)
    assert found("provisions", overdue_on="2020-12-10") == {KELBAJAR}
    Provision.objects.filter(public_id=KELBAJAR).update(due_date=None, due_qualifier=None)
    assert found("provisions", overdue_on="2020-12-10") == set()
    assert found("provisions", due="../9999") == {LACHIN, AGHDAM}


@pytest.mark.parametrize("status", ["pending", "fulfilled-late"])
def test_an_event_that_carried_it_out_ends_it_sooner(found: Any, status: str) -> None:
    Provision.objects.filter(public_id=LACHIN).update(status=status, as_of="2020-12-20")
    event = Event.objects.get(public_id="azerbaijani-forces-expected-in-lachin")
    Event.objects.filter(pk=event.pk).update(
        start_date="2020-12-08", end_date="2020-12-08", status="occurred"
    )
    event.fulfils.add(Provision.objects.get(public_id=LACHIN))
    assert LACHIN in found("provisions", overdue_on="2020-12-07")
    assert LACHIN not in found("provisions", overdue_on="2020-12-08")
    # One that clients may not see changes nothing.
    other = Dataset.objects.create(
        public_id="other", name="Other", description="-", licence="-", citation="-",
        redistributable=False, served=False,
    )  # fmt: skip
    release = other.releases.create(version="1", checksum="0" * 64)
    Event.objects.filter(pk=event.pk).update(dataset=other, release=release)
    assert LACHIN in found("provisions", overdue_on="2020-12-08")


@pytest.mark.parametrize("status", EventStatus.values)
def test_only_what_took_place_carries_a_provision_out(
    found: Any, get: Any, client: Any, status: str
) -> None:
    event = Event.objects.get(public_id="azerbaijani-forces-expected-in-lachin")
    ended = None if status == "ongoing" else "2020-12-01"
    Event.objects.filter(pk=event.pk).update(start_date="2020-11-25", end_date=ended, status=status)
    lachin = Provision.objects.get(public_id=LACHIN)
    event.fulfils.add(lachin)
    event.breaches.add(lachin)
    took_place, broke = status == "occurred", status != "expected"
    assert (LACHIN in found("provisions", overdue_on="2020-12-05")) is not took_place
    clauses = {clause["id"]: clause for clause in get(f"/api/agreements/{TRUCE}")["provisions"]}
    text = client.get(f"/api/provisions/{LACHIN}.csv").content.decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    for key, ids in (
        ("fulfilled_by", [event.public_id] * took_place),
        ("breached_by", [event.public_id] * broke),
    ):
        for provision in (get(f"/api/provisions/{LACHIN}"), clauses[LACHIN]):
            assert [outcome["id"] for outcome in provision[key]] == ids
        assert row[key] == "".join(ids)
        assert [outcome["id"] for outcome in ProvisionSerializer(lachin).data[key]] == ids
        assert (ProvisionRowSerializer(lachin).data[key] or "") == "".join(ids)
    # The event itself says what it is about, and its status whether it took place.
    (told,) = get("/api/events", fulfils=LACHIN)["results"]
    assert (told["status"], [provision["id"] for provision in told["fulfils"]]) == (
        status,
        [LACHIN],
    )


def test_a_party_in_two_roles_is_listed_once(found: Any) -> None:
    agreement = Agreement.objects.get(public_id=TRUCE)
    party = agreement.parties.filter(role="mediator").get()
    Party.objects.create(agreement=agreement, actor=party.actor, role="guarantor")
    assert found("agreements", actor="Russia", role="mediator,guarantor") == {TRUCE}
