"""Somebody who edits, and rows in every table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from actors.models import Actor, ActorCode
from agreements.models import Agreement, AgreementCode
from places.models import Place, PlaceCode
from sources.models import Edit, Publisher, Tombstone
from sources.trail import made_by
from tests.admin.pages import Form


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
