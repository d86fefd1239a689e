"""What is served and what is withheld meet: what shows of one in the other."""

from typing import Any

import pytest

from agreements.models import Provision
from events.models import Event
from sources.models import Dataset
from tests.contract.withheld import WITHHELD, told, withheld_dataset


@pytest.fixture
def dataset(db: None) -> Dataset:
    return withheld_dataset()


@pytest.mark.parametrize("relation", ["fulfils", "breaches"])
def test_a_provision_does_not_tell_which_withheld_event_came_of_it(
    get: Any, dataset: Dataset, relation: str
) -> None:
    event = Event.objects.get(public_id=WITHHELD["events"])
    getattr(event, relation).add(Provision.objects.get(public_id="hand-over-of-lachin"))
    told(get, "/api/provisions/hand-over-of-lachin")
    told(get, "/api/agreements/azerbaijan-armenia-cease-fire-2020")
    Dataset.objects.filter(pk=dataset.pk).update(served=True)
    came_of_it = {"fulfils": "fulfilled_by", "breaches": "breached_by"}[relation]
    provision = get("/api/provisions/hand-over-of-lachin")
    assert WITHHELD["events"] in [outcome["id"] for outcome in provision[came_of_it]]


def test_what_may_be_passed_on_to_anyone_stays_where_others_refer_to_it(
    client: Any, db: None
) -> None:
    """Withholding a dataset takes its events away, not the places and actors that all share."""
    Dataset.objects.filter(public_id="aghdam-2020").update(served=False)
    assert client.get("/api/events/celebrations-in-baku").status_code == 404
    assert client.get("/api/agreements/us-brokered-cease-fire-2020").status_code == 404
    for shared in ("places/azerbaijan", "actors/ilham-aliyev", "sources/npr-2020-11-20"):
        assert client.get(f"/api/{shared}").status_code == 200, shared
    assert client.get("/api/events?place=Azerbaijan").json()["count"] == 0
