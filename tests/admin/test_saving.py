"""What a curator saves, and what stays as it is."""

from typing import Any

import pytest
from django.test import Client

from actors.models import Actor
from events.models import Event
from places.models import Place
from tests.admin.pages import SITE, Form, body_of, page, saved


def test_an_event_can_be_corrected(edit: Any) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    before = body_of(event.public_id)
    saved(edit(page(Event, "change", event.pk), title="Crowds celebrate in Baku"))
    after = body_of(event.public_id)
    assert after["title"] == "Crowds celebrate in Baku"
    assert after["participants"] == before["participants"]
    assert {name for name in after if after[name] != before[name]} <= {
        "title",
        "updated_at",
        "revision",
    }
    event.refresh_from_db()
    assert event.revision == 2


def test_what_is_emptied_becomes_unknown(edit: Any) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    assert event.summary
    saved(edit(page(Event, "change", event.pk), summary=""))
    event.refresh_from_db()
    assert event.summary is None


def test_two_curators_keep_what_the_other_changed(
    edit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    save = SITE[Event].save_model

    def save_late(request: Any, obj: Any, *rest: Any) -> None:
        Event.objects.filter(pk=obj.pk).update(certainty="alleged")
        save(request, obj, *rest)

    monkeypatch.setattr(SITE[Event], "save_model", save_late)
    saved(edit(page(Event, "change", event.pk), title="Renamed"))
    event.refresh_from_db()
    assert (event.title, event.certainty) == ("Renamed", "alleged")


def test_a_place_that_is_renamed_is_so_in_its_events(edit: Any) -> None:
    place = Place.objects.get(public_id="aghdam")
    event = Event.objects.filter(place=place).first()
    assert event
    saved(edit(page(Place, "change", place.pk), name="Agdam City"))
    assert body_of(event.public_id)["place"]["name"] == "Agdam City"
    assert set(place.names.values_list("name", flat=True)) >= {"Agdam City", "Aghdam", "Ağdam"}


@pytest.mark.parametrize(
    ("model", "kind", "collection"), [(Place, "site", "places"), (Actor, "media", "actors")]
)
def test_a_new_record_is_found_by_its_name(
    edit: Any, curator: Client, model: Any, kind: str, collection: str
) -> None:
    saved(edit(page(model, "add"), name="Xudafərin", public_id="khudaferin", kind=kind))
    record = model.objects.get(public_id="khudaferin")
    assert [(name.name, name.key) for name in record.names.all()] == [("Xudafərin", "xudaferin")]
    filter_by = collection.removesuffix("s")
    found = curator.get("/api/events", {filter_by: "XUDAFERIN"})
    assert found.status_code == 200, found.content


def test_a_place_cannot_lose_its_own_name(edit: Any) -> None:
    place = Place.objects.get(public_id="aghdam")
    assert place.names.first().name == "Aghdam"
    saved(edit(page(Place, "change", place.pk), **{"names-0-DELETE": "on"}))
    assert place.names.filter(name="Aghdam").exists()


def test_a_name_that_is_corrected_is_found_by_its_new_key(edit: Any) -> None:
    name = Place.objects.get(public_id="aghdam").names.get(name="Akna")
    saved(edit(page(type(name), "change", name.pk), name="Aknə City"))
    name.refresh_from_db()
    assert name.key == "aknecity"


def test_the_id_of_a_record_stays(curator: Client) -> None:
    place = Place.objects.get(public_id="aghdam")
    path = page(Place, "change", place.pk)
    form = Form(curator.get(path).content.decode())
    assert "public_id" not in form.data
    saved(curator.post(path, form.data | {"public_id": "other", "depth": "4"}))
    place.refresh_from_db()
    assert (place.public_id, place.depth) == ("aghdam", 2)


def test_line_ends_stay_as_they_are(edit: Any) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    Event.objects.filter(pk=event.pk).update(summary="One line.\nAnother.")
    saved(edit(page(Event, "change", event.pk), title="Other"))
    event.refresh_from_db()
    assert event.summary == "One line.\nAnother."
