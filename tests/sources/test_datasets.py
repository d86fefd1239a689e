"""What a dataset covers and how fresh it is; the vocabulary, its codes and counts."""

from datetime import datetime
from typing import Any

import pytest

from agreements.models import Agreement
from events.models import Event
from sources.models import Dataset, Release
from sources.serializers import DatasetSerializer
from tests.contract.withheld import TERMS

TRUCE = "azerbaijan-armenia-cease-fire-2020"
# The types of PLOVER. What it has none for is OTHER.
PLOVER = {
    *("AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT"),
    *("REQUEST", "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE"),
    *("COERCE", "ASSAULT"),
}


def test_coverage_is_that_of_the_lists(get: Any) -> None:
    coverage = get("/api/datasets/aghdam-2020")["coverage"]
    events = get("/api/events", dataset="aghdam-2020", page_size=1000)["results"]
    agreements = get("/api/agreements", dataset="aghdam-2020", page_size=1000)["results"]
    dates = [record["date"] for record in (*events, *agreements)]
    assert coverage == {
        "events": len(events),
        "first_date": min(date["start"] for date in dates if date["start"]),
        "last_date": max(date["end"] for date in dates if date["end"]),
        "agreements": len(agreements),
    }


@pytest.mark.parametrize(
    ("model", "public_id"), [(Event, "celebrations-in-baku"), (Agreement, TRUCE)]
)
def test_events_and_agreements_are_covered(get: Any, model: Any, public_id: str) -> None:
    model.objects.filter(public_id=public_id).update(start_date="1980-01-01", end_date="2031-01-01")
    coverage = get("/api/datasets/aghdam-2020")["coverage"]
    assert (coverage["first_date"], coverage["last_date"]) == ("1980-01-01", "2031-01-01")


def test_a_dataset_of_agreements_has_dates(get: Any) -> None:
    other = Dataset.objects.create(public_id="other", name="Other", redistributable=True, **TERMS)
    release = Release.objects.create(dataset=other, version="1", checksum="0" * 64)
    nothing = {"events": 0, "first_date": None, "last_date": None, "agreements": 0}
    assert get("/api/datasets/other")["coverage"] == nothing
    Agreement.objects.filter(public_id=TRUCE).update(dataset=other, release=release)
    date = get(f"/api/agreements/{TRUCE}")["date"]
    covered = {"first_date": date["start"], "last_date": date["end"], "agreements": 1}
    dataset = get("/api/datasets/other")
    assert dataset["coverage"] == nothing | covered
    assert get("/api/datasets", id="other")["results"] == [dataset]
    # As the serializer says it.
    assert DatasetSerializer(other).data["coverage"] == dataset["coverage"]


def test_a_dataset_says_how_fresh_it_is_on_what_terms_and_how_to_cite_it(get: Any) -> None:
    dataset = get("/api/datasets/aghdam-2020")
    (release,) = dataset["releases"]
    assert release["version"] == "1"
    assert len(release["checksum"]) == 64
    assert datetime.fromisoformat(release["loaded_at"]).utcoffset() is not None
    for name in ("licence", "licence_url", "citation"):
        assert dataset[name], name
    assert [one["dataset"] for one in get("/api")["licences"]] == ["aghdam-2020"]


def test_types_are_those_of_plover_and_their_modes(get: Any) -> None:
    types = {one["code"]: one for one in get("/api/event-types", page_size=1000)["results"]}
    assert {code for code, one in types.items() if one["parent"] is None} == PLOVER | {"OTHER"}
    for code, one in types.items():
        root, _, mode = code.partition("/")
        assert (one["parent"] and one["parent"]["code"]) == (root if mode else None)
        assert one["definition"]
    schemes = {code["scheme"] for one in types.values() for code in one["codes"]}
    assert schemes == {"acled", "cameo", "ucdp"}


def test_a_type_counts_the_events_that_its_filter_finds(get: Any) -> None:
    types = get("/api/event-types", page_size=1000)["results"]
    assert any(one["event_count"] for one in types)
    for one in types:
        assert get("/api/events", type=one["code"])["count"] == one["event_count"], one["code"]
