"""Records that imports brought along, in the hands of curators."""

from typing import Any

import pytest
from django.test import Client

from actors.models import Actor
from agreements.models import Agreement, Provision
from events.models import Event, EventType
from places.models import Place
from sources.models import Dataset, Document, Publisher, Release, Tombstone
from tests.admin.pages import SITE, Form, body_of, errors, page, saved


def test_a_dataset_is_withheld_and_served_again(edit: Any, curator: Client) -> None:
    dataset = Dataset.objects.get()
    event = Event.objects.get(public_id="celebrations-in-baku")
    path = page(Dataset, "change", dataset.pk)
    assert (
        "The API tells nobody of a dataset that is not served" in curator.get(path).content.decode()
    )
    form = Form(curator.get(path).content.decode())
    saved(curator.post(path, {name: form.data[name] for name in form.data if name != "served"}))
    assert curator.get("/api/events/celebrations-in-baku").status_code == 404
    for model, record in ((Event, event), (Dataset, dataset)):
        # A link that leads nowhere is not offered.
        assert SITE[model].get_view_on_site_url(record) is None
        assert curator.get(page(model, "change", record.pk)).status_code == 200
    saved(edit(path, served="on"))
    assert curator.get("/api/events/celebrations-in-baku").status_code == 200
    assert SITE[Event].get_view_on_site_url(event)


def test_what_an_import_counted_is_shown_and_stays(edit: Any, curator: Client) -> None:
    release = Release.objects.get()
    counts = {"read": 9001, "rejected": 9002, "new": 9003, "changed": 9004, "unchanged": 9005}
    Release.objects.update(**counts, removed=9006)
    for path in (
        page(Release, "change", release.pk),
        page(Dataset, "change", release.dataset_id),
    ):
        html = curator.get(path).content.decode()
        assert all(str(count) in html for count in range(9001, 9007))
        controls = {name.rpartition("-")[2] for name in Form(html).controls}
        assert not controls & {*counts, "removed", "loaded_at"}
    path = page(Release, "change", release.pk)
    form = Form(curator.get(path).content.decode())
    saved(curator.post(path, form.data | {"read": "1", "removed": "1"}))
    release.refresh_from_db()
    assert (release.read, release.removed) == (9001, 9006)


@pytest.mark.parametrize("model", [Publisher, Document, Place, Actor], ids=lambda m: m.__name__)
def test_a_record_may_be_of_a_dataset_or_of_nobody(edit: Any, model: Any) -> None:
    record = model.objects.filter(dataset__isnull=False).first()
    dataset = record.dataset_id
    for value, expected in (("", None), (str(dataset), dataset)):
        saved(edit(page(model, "change", record.pk), dataset=value))
        record.refresh_from_db()
        assert record.dataset_id == expected


def test_where_a_source_puts_an_event_and_whose_dead_they_were(edit: Any) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    told = {
        "place_name_in_source": "the waterfront",
        "deaths_civilians": "3",
        "deaths_unknown": "0",
        "participations-0-deaths": "2",
    }
    saved(edit(page(Event, "change", event.pk), **told))
    body = body_of(event.public_id)
    assert body["place_name_in_source"] == "the waterfront"
    assert (body["deaths"]["civilians"], body["deaths"]["unknown"]) == (3, 0)
    assert body["participants"][0]["deaths"] == 2
    saved(edit(page(Event, "change", event.pk), **dict.fromkeys(told, "")))
    body = body_of(event.public_id)
    assert body["place_name_in_source"] is body["deaths"]["unknown"] is None
    assert body["participants"][0]["deaths"] is None


@pytest.mark.parametrize("model", [Event, Agreement], ids=lambda model: model.__name__)
def test_how_an_import_knows_a_record_stays_when_it_is_corrected(edit: Any, model: Any) -> None:
    model.objects.update(digest="00000000-0000-0000-0000-000000000001")
    record = model.objects.first()
    saved(edit(page(model, "change", record.pk), title="Corrected"))
    record.refresh_from_db()
    assert (record.title, record.digest.int) == ("Corrected", 1)


@pytest.mark.parametrize("model", [Place, Actor, Agreement], ids=lambda m: m.__name__)
def test_a_code_is_added_on_the_page_of_what_it_stands_for(curator: Client, model: Any) -> None:
    record = model.objects.order_by("pk").last()
    record.codes.all().delete()
    path = page(model, "change", record.pk)
    form = Form(curator.get(path).content.decode())
    added = {
        "codes-TOTAL_FORMS": "1",
        "codes-0-scheme": "gwno",
        "codes-0-code": "0373",
        f"codes-0-{model._meta.model_name}": str(record.pk),
    }
    saved(curator.post(path, form.data | added))
    assert [(one.scheme, one.code) for one in record.codes.all()] == [("gwno", "0373")]


def test_an_agreement_is_about_places(edit: Any) -> None:
    agreement = Agreement.objects.first()
    assert agreement
    baku = Place.objects.get(public_id="baku")
    saved(edit(page(Agreement, "change", agreement.pk), places=str(baku.pk)))
    assert list(agreement.places.all()) == [baku]


def test_two_agreements_of_a_dataset_have_two_keys(edit: Any) -> None:
    one, other = Agreement.objects.all()[:2]
    response = edit(page(Agreement, "change", one.pk), key=other.key)
    assert "already exists" in errors(response)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"status": "unknown"}, "A status needs the day"),
        ({"as_of": ""}, "A status needs the day"),
        ({"scheme": "pax"}, "A code needs to say whose it is"),
        ({"code": "1"}, "A code needs to say whose it is"),
        ({"level": "1"}, "A code needs to say whose it is"),
    ],
    ids=str,
)
def test_errors_of_provisions_say_in_words_what_is_wrong(
    edit: Any, changes: Any, sentence: str
) -> None:
    provision = Provision.objects.first()
    assert provision
    response = edit(page(Provision, "change", provision.pk), **changes)
    assert sentence in errors(response)


def test_a_provision_may_be_coded_and_of_unknown_outcome(edit: Any) -> None:
    provision = Provision.objects.first()
    assert provision
    told = {"scheme": "pax", "code": "007", "level": "0", "status": "unknown", "as_of": ""}
    saved(edit(page(Provision, "change", provision.pk), **told))
    provision.refresh_from_db()
    assert (provision.scheme, provision.code, provision.level) == ("pax", "007", 0)
    assert (provision.status, provision.as_of) == ("unknown", None)


def test_a_type_may_be_of_any_quad_class(edit: Any) -> None:
    kind = EventType.objects.filter(quad=4).first()
    assert kind
    saved(edit(page(EventType, "change", kind.pk), quad=""))
    kind.refresh_from_db()
    assert kind.quad is None


def test_what_was_removed_is_found_by_its_id(curator: Client) -> None:
    found = curator.get(page(Tombstone, "changelist"), {"q": "gone-t"}).context["cl"].result_list
    assert [stone.public_id for stone in found] == ["gone-too"]
