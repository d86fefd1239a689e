"""Queries that are written once for each shape: the same answers as those that are written anew."""

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import F, Q

from api import prepared
from api.prepared import Shapeless, inlined, run, shape_of
from events.models import Event

SHAPED = [
    Q(deaths_best=None),
    Q(deaths_best__gte=0),
    Q(sort_date__lte=date(2020, 11, 20)) & (Q(end_date__gte=date(2020, 11, 1)) | Q(end_date=None)),
    Q(place__in=[1, 2, 3]) | ~Q(type__in=[1]),
    ~Q(dataset__in=[99]),
    Q(place__public_id="aghdam"),
    Q(agreement__isnull=False),
]
SHAPELESS = [
    Q(pk__in=Event.objects.filter(status="occurred").values("pk")),
    Q(title__icontains="aghdam"),
    Q(sort_date=F("end_date")),
    Q(pk__in=[]),
    Q(title__contains="a"),
    Q(place__in={1, 2}),
]


def found(condition: Q) -> list[Any]:
    return run("found", [condition], (), _rows)


def _rows(conditions: Any, _: Any) -> Any:
    return [Event.objects.filter(*conditions).order_by("pk").values_list("pk")]


@pytest.mark.parametrize("condition", SHAPED + SHAPELESS, ids=range(len(SHAPED + SHAPELESS)))
def test_rows_are_those_of_the_query_itself(db: None, condition: Q) -> None:
    expected = list(Event.objects.filter(condition).order_by("pk").values_list("pk"))
    assert found(condition) == expected
    assert found(condition) == expected


@pytest.mark.parametrize("condition", SHAPED, ids=range(len(SHAPED)))
def test_plain_values_have_a_shape(condition: Q) -> None:
    shape_of([condition])


@pytest.mark.parametrize("condition", SHAPELESS, ids=range(len(SHAPELESS)))
def test_what_is_not_compared_as_it_is_has_none(condition: Q) -> None:
    with pytest.raises(Shapeless):
        shape_of([condition])


def test_a_shape_is_written_once_and_run_with_other_values(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(prepared, "_written", {})
    ids = list(Event.objects.order_by("pk").values_list("pk", flat=True)[:2])
    assert [found(Q(pk=pk)) for pk in ids] == [[(pk,)] for pk in ids]
    assert len(prepared._written) == 1
    assert found(Q(pk__in=ids)) == [(pk,) for pk in ids]
    assert len(prepared._written) == 2


def test_many_shapes_do_not_fill_the_memory(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(prepared, "_written", {})
    monkeypatch.setattr(prepared, "MOST", 5)
    for length in range(1, 20):
        found(Q(pk__in=list(range(length))))
    assert len(prepared._written) <= 5


def test_literals_that_a_lost_connection_cannot_write_are_an_error_of_the_database(
    db: None,
) -> None:
    other = connection.copy()
    other.ensure_connection()
    other.connection.close()
    with pytest.raises(OperationalError):
        inlined(Event.objects.filter(title="Aghdam"), other)
