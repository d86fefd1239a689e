"""The pages of the admin: lists, what is found in them, and a page for each record."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import ActorUse
from events.models import Event, EventBody, EventTerms
from places.models import Place, PlaceUse
from sources.models import Dataset, Release, Revision
from tests.admin.pages import APPS, EDITABLE, LOOKED_AT, MODELS, SITE, page, saved


def test_every_model_has_its_pages() -> None:
    models = {model for app in APPS for model in apps.get_app_config(app).get_models()}
    assert models - set(MODELS) == {EventBody, EventTerms, PlaceUse, ActorUse}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("term", ["", "aghdam", "Աղդամ the army", "'); -- %_\\", "!!!"])
def test_lists_are_shown_and_searched(curator: Client, model: Any, term: str) -> None:
    assert curator.get(page(model, "changelist"), {"q": term}).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_say_what_a_row_is(model: Any) -> None:
    options = SITE[model]
    assert options.get_list_display(None)[0] != "__str__"
    assert model is Revision or options.get_search_fields(None)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_asks_as_much_for_many_rows_as_for_one(
    curator: Client, monkeypatch: pytest.MonkeyPatch, model: Any
) -> None:
    release = Release.objects.get()
    Release.objects.create(dataset=release.dataset, version="2", checksum=release.checksum)
    Dataset.objects.create(
        public_id="another",
        name="Another",
        description="-",
        licence="CC0-1.0",
        citation="-",
        redistributable=True,
    )
    counts = []
    for rows in (1, 100):
        monkeypatch.setattr(type(SITE[model]), "list_per_page", rows)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = curator.get(page(model, "changelist"), {"q": ""})
        counts.append(len(queries))
        shown = len(response.context["cl"].result_list)
        assert shown == 1 if rows == 1 else shown > 1 or model is Revision
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize("model", EDITABLE, ids=lambda model: model.__name__)
def test_a_new_record_can_be_entered(curator: Client, model: Any) -> None:
    assert curator.get(page(model, "add")).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_record_has_a_page(curator: Client, model: Any) -> None:
    record = model.objects.first()
    assert curator.get(page(model, "change", record.pk)).status_code == 200


@pytest.mark.parametrize("model", EDITABLE, ids=lambda model: model.__name__)
def test_what_is_saved_unchanged_stays_as_it_is(edit: Any, model: Any) -> None:
    bodies = dict(EventBody.objects.values_list("event", "body"))
    records = {row["id"]: row for row in model.objects.values()}
    revision = Revision.current().number
    for record in model.objects.order_by("pk")[:5]:
        saved(edit(page(model, "change", record.pk)))
    assert {row["id"]: row for row in model.objects.values()} == records
    assert dict(EventBody.objects.values_list("event", "body")) == bodies
    assert Revision.current().number == revision


@pytest.mark.parametrize("model", EDITABLE, ids=lambda model: model.__name__)
def test_links_are_chosen_by_typing(curator: Client, model: Any) -> None:
    for link in SITE[model].get_autocomplete_fields(None):
        asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
        for term, status in (("a", 200), ("\0", 400)):
            response = curator.get(
                reverse("admin:autocomplete"), asked | {"field_name": link, "term": term}
            )
            assert response.status_code == status


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("action", ["changelist", "add", "change"])
@pytest.mark.django_db
def test_nobody_gets_in_without_logging_in(client: Client, model: Any, action: str) -> None:
    response = client.get(page(model, action, *([1] if action == "change" else [])))
    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:login"))


@pytest.mark.parametrize("model", LOOKED_AT, ids=lambda model: model.__name__)
def test_what_nobody_enters_is_only_looked_at(curator: Client, model: Any) -> None:
    row = model.objects.order_by("pk").first()
    before = list(model.objects.values())
    assert curator.get(page(model, "add")).status_code == 403
    changed = {"number": 9, "public_id": "other"}
    assert curator.post(page(model, "change", row.pk), changed).status_code == 403
    assert curator.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", EDITABLE, ids=lambda model: model.__name__)
def test_a_record_leads_to_what_is_served_of_it(curator: Client, model: Any) -> None:
    record = model.objects.first()
    path = SITE[model].get_view_on_site_url(record)
    assert path is None or curator.get(path).status_code == 200


# Searching


@pytest.mark.parametrize("spelling", ["Agdam", "Աղդամ", "АГДАМ", "Akna", "aghdam"])
def test_a_place_is_found_by_any_of_its_names(curator: Client, spelling: str) -> None:
    found = curator.get(page(Place, "changelist"), {"q": spelling}).context["cl"].result_list
    assert [place.public_id for place in found] == ["aghdam"]
    offered = curator.get(
        reverse("admin:autocomplete"),
        {"app_label": "events", "model_name": "event", "field_name": "place", "term": spelling},
    )
    assert [place["text"] for place in offered.json()["results"]] == ["Aghdam"]


@pytest.mark.parametrize(
    ("term", "event"),
    [
        ("Ağdam", "azerbaijani-forces-enter-aghdam"),
        ("crowds celebr", "celebrations-in-baku"),
        ("celebrations-in-b", "celebrations-in-baku"),
    ],
)
def test_events_are_found_by_place_words_and_id(curator: Client, term: str, event: str) -> None:
    found = curator.get(page(Event, "changelist"), {"q": term}).context["cl"].result_list
    assert event in [found_event.public_id for found_event in found]
    assert len(found) < Event.objects.count()


def test_search_and_filter_go_together(curator: Client) -> None:
    response = curator.get(page(Place, "changelist"), {"q": "Agdam", "kind": "country"})
    assert not response.context["cl"].result_list


@pytest.mark.django_db
def test_filters_offer_only_what_can_be_meant(curator: Client) -> None:
    listed = curator.get(page(Place, "changelist")).context["cl"]
    countries = next(one for one in listed.filter_specs if one.title == "country")
    offered = {name for _, name in countries.lookup_choices}
    assert offered == set(Place.objects.filter(kind="country").values_list("name", flat=True))
    listed = curator.get(page(Event, "changelist")).context["cl"]
    types = next(one for one in listed.filter_specs if one.title == "root type")
    assert not any("/" in code for _, code in types.lookup_choices)
