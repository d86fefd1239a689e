"""The pages of the admin, asked by who is signed in and by who is not, for what nobody should ask."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from places.models import Place
from sources.trail import made_by
from tests.hostile.conftest import PATIENCE

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
VALUES = ["%00", "99999999999999999999", "abc"]
KEYS = ["abc", "0", "-1", "99999999999999999999999", "%00", "%ff", "_00", "1/2", "a" * 5_000]


@pytest.fixture
def curator(db: None) -> Client:
    user = User.objects.create(username="curator", is_staff=True, is_superuser=True)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    # Something to filter by.
    with made_by("curator"):
        Place.objects.filter(public_id="aghdam").update(latitude=40)
    return client


def queries(model: Any) -> Iterator[str]:
    """Yield the parameters that lists and empty forms of a model read, and some that they do not."""
    yield from (
        "q",
        "o",
        "p",
        "e",
        "all",
        "_facets",
        "_popup",
        "_to_field",
        "nonsense",
        "_changelist_filters",
    )
    for field in model._meta.fields:
        for lookup in ("", "__exact", "__isnull", "__year"):
            yield f"{field.name}{lookup}"


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_lists_and_forms_read_whatever_is_asked(curator: Client, model: Any) -> None:
    name = model._meta.label_lower.replace(".", "_")
    paths = [reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_add")]
    for path in paths:
        for query in queries(model):
            for value in VALUES:
                began = time.process_time()
                # As every request has transactions of its own.
                before = transaction.savepoint()
                response = curator.get(f"{path}?{query}={value}")
                transaction.savepoint_rollback(before)
                assert response.status_code < 500, (path, query, value)
                assert time.process_time() - began < PATIENCE, (path, query, value)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_rows_that_are_not_there_are_not_found(curator: Client, model: Any) -> None:
    name = model._meta.label_lower.replace(".", "_")
    base = reverse(f"admin:{name}_changelist")
    for key in KEYS:
        for page in ("", "change/", "history/", "delete/"):
            response = curator.get(f"{base}{quote(key, safe='%/')}/{page}")
            assert response.status_code < 500, (key, page)


def test_a_form_that_says_it_has_ever_so_many_rows_is_read_soon(curator: Client) -> None:
    place = Place.objects.get(public_id="aghdam")
    path = reverse("admin:places_place_change", args=[place.pk])
    inside = curator.get(path).context["inline_admin_formsets"]
    prefixes = [formset.formset.prefix for formset in inside]
    for count in ("2000", "9" * 30):
        sent = {f"{prefix}-TOTAL_FORMS": count for prefix in prefixes}
        sent |= {f"{prefix}-INITIAL_FORMS": "0" for prefix in prefixes}
        began = time.process_time()
        assert curator.post(path, sent).status_code == 200
        assert time.process_time() - began < 2 * PATIENCE


@pytest.mark.parametrize(
    "method", ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
)
@pytest.mark.parametrize(
    "key", ["abcdefghijkkkkabcdefghijkkkkabcd", '"abcd\\000efghijkkkk"', "x", "é" * 40, "a" * 4_000]
)
def test_a_session_that_somebody_makes_up_is_none(db: None, method: str, key: str) -> None:
    client = Client(raise_request_exception=False)
    for path in (
        "/",
        "/livez",
        "/readyz",
        "/admin",
        "/admin/",
        "/admin/login/",
        "/admin/jsi18n/",
        "/static/x",
        "/foo",
        "/problems",
        "/api",
    ):
        headers = {"cookie": f"sessionid={key}; messages={key}; csrftoken={key}"}
        response = getattr(client, method)(path, headers=headers)
        assert response.status_code < 500, (path, response.content[:200])


def test_a_session_is_looked_up_in_the_admin_alone(
    db: None, django_assert_num_queries: Any
) -> None:
    client = Client(headers={"cookie": "sessionid=abcdefghijkkkkabcdefghijkkkkabcd"})
    for path in ("/livez", "/problems", "/foo"):
        with django_assert_num_queries(0):
            client.post(path)
