"""The admin, through its pages, as a curator uses it."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor, ActorCode, ActorUse, Affiliation
from agreements.models import Agreement, AgreementCode, Provision
from events.models import Event, EventBody, EventType
from places.models import Place, PlaceCode, PlaceUse
from sources.models import Dataset, Document, Edit, Publisher, Release, Revision, Tombstone
from sources.trail import made_by

APPS = {"events", "agreements", "actors", "places", "sources"}
SITE = admin.site._registry
MODELS = sorted(
    (model for model in SITE if model._meta.app_label in APPS), key=lambda model: model._meta.label
)
# What the database or an import writes, and curators look at.
LOOKED_AT = [Edit, Revision, Tombstone]
EDITABLE = [model for model in MODELS if model not in LOOKED_AT]


def page(model: Any, action: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{action}", args=args)


class Form(HTMLParser):
    """What a browser would send for the form of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self.controls: set[str] = set()
        self.inside = False
        self.select = self.textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id", "").endswith("_form")
        elif self.inside and hasattr(self, f"on_{tag}"):
            self.controls.add(given.get("name", ""))
            getattr(self, f"on_{tag}")(**given)

    def on_input(self, name: str = "", **given: str) -> None:
        kind = given.get("type")
        if kind == "checkbox" and "checked" in given:
            self.data[name] = [given.get("value", "on")]
        elif kind not in {"checkbox", "submit", "button"}:
            self.data[name] = [given.get("value", "")]

    def on_select(self, name: str, **_: str) -> None:
        self.select = name

    def on_option(self, value: str = "", **given: str) -> None:
        if "selected" in given:
            self.data.setdefault(self.select, []).append(value)

    def on_textarea(self, name: str, **_: str) -> None:
        self.textarea = name
        self.data[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.textarea:
            # The first line end belongs to the markup; the others are sent as two characters.
            text = data.replace("\r\n", "\n").removeprefix("\n")
            self.data[self.textarea] = [text.replace("\n", "\r\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.inside = False


@pytest.fixture(scope="module", autouse=True)
def rows_in_every_table(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Add rows to the tables of which the article has none.

    They are committed: a test that sees the data revision rise must be the first that writes.
    """
    with django_db_blocker.unblock():
        owners: dict[Any, list[Any]] = {
            model: list(model.objects.order_by("pk")[:2]) for model in (Place, Actor, Agreement)
        }
        rows = [
            *(
                PlaceCode.objects.create(place=one, scheme="a", code=str(one.pk))
                for one in owners[Place]
            ),
            *(
                ActorCode.objects.create(actor=one, scheme="a", code=str(one.pk))
                for one in owners[Actor]
            ),
            *(
                AgreementCode.objects.create(agreement=one, scheme="a", code=str(one.pk))
                for one in owners[Agreement]
            ),
            *(
                Tombstone.objects.create(collection="events", public_id=name, dataset="past")
                for name in ("gone", "gone-too")
            ),
        ]
        with made_by("curator"):
            Publisher.objects.create(public_id="made-up", name="Made up").delete()
        yield
        for row in rows:
            row.delete()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE sources_edit DISABLE TRIGGER sources_edit_stays")
            Edit.objects.all().delete()
            cursor.execute("ALTER TABLE sources_edit ENABLE ALWAYS TRIGGER sources_edit_stays")
        connection.close()


@pytest.fixture
def curator(db: None, client: Client) -> Client:
    """Return the client of somebody who may do everything, without the cost of a password."""
    user = User.objects.create(username="curator", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def edit(curator: Client) -> Any:
    """Return a function that sends the form of a page with some changes."""

    def edit(path: str, **changes: str) -> Any:
        form = Form(curator.get(path).content.decode())
        assert set(changes) <= form.controls, sorted(form.controls)
        return curator.post(path, form.data | {name: [value] for name, value in changes.items()})

    return edit


def errors(response: Any) -> str:
    assert response.status_code == 200, "the form should have been shown again"
    return " ".join(str(error) for found in response.context["errors"] for error in found)


def saved(response: Any) -> None:
    assert response.status_code == 302, errors(response)


def body_of(event: str) -> dict[str, Any]:
    return json.loads(EventBody.objects.get(event__public_id=event).body)


def test_every_model_has_its_pages() -> None:
    models = {model for app in APPS for model in apps.get_app_config(app).get_models()}
    assert models - set(MODELS) == {EventBody, PlaceUse, ActorUse}


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


# Saving


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


# Refusals


def test_a_blank_name_is_an_error_of_the_form(edit: Any) -> None:
    place = Place.objects.get(public_id="aghdam")
    for blank in ("", "   "):
        response = edit(page(Place, "change", place.pk), name=blank)
        assert response.context["adminform"].errors["name"] == ["This field is required."]


@pytest.mark.parametrize(
    ("whole", "part"), [("azerbaijan", "aghdam"), ("azerbaijan", "azerbaijan")]
)
def test_a_place_within_itself_is_an_error_of_the_form(edit: Any, whole: str, part: str) -> None:
    place = Place.objects.get(public_id=whole)
    inner = Place.objects.get(public_id=part)
    response = edit(page(Place, "change", place.pk), parent=str(inner.pk), name="Renamed")
    assert "A place cannot lie within itself" in errors(response)
    place.refresh_from_db()
    assert (place.parent_id, place.name) == (None, "Azerbaijan")
    assert not place.names.filter(name="Renamed").exists()


def test_a_tree_too_deep_is_an_error_of_the_form(edit: Any) -> None:
    inner = Place.objects.get(public_id="aghdam")
    for depth in (3, 4):
        inner = Place.objects.create(
            public_id=f"depth-{depth}", name=f"{depth}", kind="site", parent=inner
        )
    response = edit(
        page(Place, "add"), public_id="depth-5", name="5", kind="site", parent=str(inner.pk)
    )
    assert "at most four levels" in errors(response)
    assert not Place.objects.filter(public_id="depth-5").exists()


def test_an_event_that_is_part_of_itself_is_an_error_of_the_form(edit: Any) -> None:
    whole, part = Event.objects.filter(part_of=None, parts=None)[:2]
    Event.objects.filter(pk=part.pk).update(part_of=whole)
    response = edit(page(Event, "change", whole.pk), part_of=str(part.pk), title="Renamed")
    assert "part of itself" in errors(response)
    assert not Event.objects.filter(title="Renamed").exists()


def test_a_third_level_of_types_is_an_error_of_the_form(edit: Any) -> None:
    mode = EventType.objects.filter(parent__isnull=False).first()
    assert mode
    response = edit(
        page(EventType, "add"),
        code="PROTEST/anew",
        public_id="anew",
        label="Anew",
        definition="Anew.",
        quad="3",
        parent=str(mode.pk),
    )
    assert "two levels" in errors(response)


def test_a_rule_that_an_inner_row_breaks_is_an_error_of_the_form(edit: Any) -> None:
    claim = Affiliation.objects.first()
    assert claim
    response = edit(
        page(Actor, "change", claim.person_id),
        **{"affiliations-0-organisation": str(claim.person_id)},
    )
    assert "Nobody holds an office in themselves" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start_date": "2020-11-21"}, "The last day is before the first."),
        ({"edtf": ""}, "A date needs a first or last day"),
        ({"latitude": "40"}, "A point needs both"),
        ({"latitude": "400", "longitude": "0"}, "less than or equal to 90"),
        ({"place_precision": ""}, "how exactly it is known"),
        ({"status": "ongoing"}, "What is ongoing has no last day yet."),
    ],
)
def test_errors_say_in_words_what_is_wrong(edit: Any, changes: Any, sentence: str) -> None:
    event = Event.objects.get(public_id="celebrations-in-baku")
    assert event.end_date
    response = edit(page(Event, "change", event.pk), **changes)
    assert sentence in errors(response)


def test_the_form_of_an_id_is_explained(edit: Any) -> None:
    response = edit(page(Publisher, "add"), name="New", public_id="Not An Id")
    assert "words joined by hyphens" in errors(response)


def test_no_constraint_reaches_a_curator_by_its_name(edit: Any) -> None:
    provision = Provision.objects.exclude(due_date=None).first()
    assert provision
    response = edit(page(Provision, "change", provision.pk), due_qualifier="")
    assert "how it is meant" in errors(response)
    assert "is violated" not in response.content.decode()


def test_what_others_rest_on_cannot_be_deleted(curator: Client) -> None:
    place = Place.objects.get(public_id="aghdam")
    response = curator.post(page(Place, "delete", place.pk), {"post": "yes"})
    assert response.status_code == 200
    assert Place.objects.filter(pk=place.pk).exists()


def test_a_busy_database_is_told_to_a_curator(
    curator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(type(SITE[Place]), "changeform_view", busy)
    response = curator.get(page(Place, "change", Place.objects.first().pk))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"nothing was saved" in response.content


# What imports brought along


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
