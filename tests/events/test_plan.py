"""Finding keys under conditions of any shape."""

from typing import Any

import pytest
from django.db.models import Exists, F, OuterRef, Q

from api.keys import Keys
from api.orders import Order
from events.models import Event, EventCitation
from events.queries import ORDERS

pytestmark = pytest.mark.django_db

CITED = EventCitation.objects.filter(event=OuterRef("pk"), attributed_to__isnull=False)
CONDITIONS = [
    Q(status="expected"),
    Q(status="expected") | ~Q(place=None) & Q(certainty="confirmed"),
    Q(sort_date__gte="2020-11-01"),
    Q(end_date__gt=F("start_date")),
    Q(Exists(CITED)),
    Q(citations__document__public_id="npr-2020-11-20"),
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_record_is_found_once(condition: Q) -> None:
    keys = Keys.of(Event, [condition])
    expected = set(Event.objects.filter(condition).values_list("pk", flat=True))
    page = keys.read(Order("-date", ORDERS["date"], descending=True), 1000)
    assert len(page.keys) == len(expected) == keys.count()
    assert set(page.keys) == expected


@pytest.mark.parametrize("length", [199, 200, 201, 600])
def test_a_long_title_of_any_script_can_be_paged_by(client: Any, length: int) -> None:
    for number, event in enumerate(Event.objects.all()[:3]):
        Event.objects.filter(pk=event.pk).update(title="ə" * length + str(number))
    page = client.get("/api/events", {"sort": "-title", "page_size": 1}).json()
    seen = []
    while True:
        seen += [event["id"] for event in page["results"]]
        if not page["next"]:
            break
        response = client.get(page["next"])
        assert response.status_code == 200, response.content
        page = response.json()
    assert len(seen) == len(set(seen)) == Event.objects.count()


def test_a_page_has_the_same_links_each_time(client: Any) -> None:
    first, second = (client.get("/api/events?page_size=1").json()["next"] for _ in range(2))
    assert first == second


def test_an_event_without_a_stored_body_is_served_all_the_same(client: Any) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    whole = client.get("/api/events/celebrations-in-baku").json()
    event.body.delete()
    assert client.get("/api/events/celebrations-in-baku").json() == whole
    assert whole in client.get("/api/events?place=Baku").json()["results"]
