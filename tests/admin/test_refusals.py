"""What a curator cannot save, in words."""

from typing import Any

import pytest
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import Client

from actors.models import Actor, Affiliation
from agreements.models import Provision
from events.models import Event, EventType
from places.models import Place
from sources.models import Publisher
from tests.admin.pages import SITE, errors, page


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
    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(type(SITE[Place]), "changeform_view", busy)
    response = curator.get(page(Place, "change", Place.objects.first().pk))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"nothing was saved" in response.content


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/events/event/"])
def test_who_is_signed_in_cannot_be_known_without_a_database(
    db: None, monkeypatch: Any, caplog: Any, error: type[Exception], method: str, path: str
) -> None:
    def gone(*_: Any) -> None:
        raise error("the connection is lost")

    monkeypatch.setattr(SessionStore, "load", gone)
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = "abcdefghijklmnopqrstuvwxyz012345"
    response = getattr(client, method)(path, {"a": "b"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"nothing was saved" in response.content
    assert not response.cookies
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("saving", ["save", "update_messages"])
def test_what_cannot_be_saved_after_a_page_is_told(
    curator: Client, monkeypatch: Any, settings: Any, caplog: Any, saving: str
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        try:
            raise OperationalError("the connection is lost")
        except DatabaseError as error:
            # As Django has it of a session that was there before.
            raise (UpdateError if saving == "save" else RuntimeError) from error

    if saving == "save":
        monkeypatch.setattr(SessionStore, "save", gone)
        settings.SESSION_SAVE_EVERY_REQUEST = True
    else:
        monkeypatch.setattr(BaseStorage, "update", gone)
    response = curator.get("/admin/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"may be that something was saved" in response.content
    assert "Traceback" not in caplog.text


def test_what_fails_for_another_reason_is_no_busy_database(
    curator: Client, monkeypatch: Any
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(BaseStorage, "update", broken)
    curator.raise_request_exception = False
    assert curator.get("/admin/").status_code == 500
