"""Finding keys under conditions of any shape."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from api.areas import Box
from api.keys import Keys
from events.conditions import in_box
from events.models import Event, EventCitation, EventCode, Participation
from events.queries import ORDERS, of_participation

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
def test_a_condition_on_events_means_the_same_on_participations(condition: Q) -> None:
    rows = Participation.objects.filter(of_participation(condition))
    events = Event.objects.filter(condition, participations__isnull=False)
    assert set(rows.values_list("event", flat=True)) == set(events.values_list("pk", flat=True))


@pytest.mark.parametrize("condition", CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_record_is_found_once(condition: Q) -> None:
    from api.keys import Order

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


def test_keys_are_walked_in_the_order_of_an_index() -> None:
    """With many rows each single filter has an index that begins with it and goes on by date."""
    wanted = {
        "place_level_2": Q(place_level_2=1),
        "place": Q(place_id=1),
        "type": Q(type_id=1),
        "root_type": Q(root_type_id=1),
        "agreement": Q(agreement_id=1),
    }
    order = ["-sort_date", "-id"]
    with connection.cursor() as cursor, CaptureQueriesContext(connection):
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        for condition in [Q(), *wanted.values()]:
            plan = Event.objects.filter(condition).order_by(*order).values("pk")[:51].explain()
            assert "Index" in plan
            assert "Sort" not in plan, plan
            assert "Filter" not in plan, plan


def test_a_small_area_is_found_by_the_indexes_of_points_and_places() -> None:
    condition = in_box(Box(46, 39, 47, 41), {})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = Event.objects.filter(condition).values("pk").explain()
    assert "BitmapOr" in plan
    assert "events_event_point" in plan
    assert "events_event_place" in plan


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (
            EventCode.objects.filter(scheme="cameo", code="190").values("event"),
            "events_eventcode_code",
        ),
        (
            Event.objects.filter(updated_at__gte="2020-01-01T00:00:00Z").order_by(
                "updated_at", "pk"
            ),
            "events_event_updated",
        ),
    ],
    ids=["codes", "changes"],
)
def test_codes_and_changes_have_an_index(rows: Any, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = rows.explain()
    assert index in plan
    assert "Sort" not in plan
    assert "Filter" not in plan
