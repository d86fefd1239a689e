"""Four ways to load the same events, each as its users would write it.

The places and actors that the events refer to are there already, for all three; triggers of the database
write text search and bodies for whoever writes events.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from rest_framework import serializers

from actors.models import Actor
from api.stored import BEGIN_BULK_LOAD
from events.bodies import EVENT_BODIES
from events.models import Event, EventCode, EventType, Participation
from ingest import records, synthesis
from ingest.dates import read_edtf
from ingest.files import Rejected
from ingest.ids import slug
from ingest.importing import Delivery, Request, import_rows
from ingest.readers.base import Heading, Row
from ingest.report import Plan
from ingest.rows import type_id
from ingest.session import Session
from places.models import Place
from sources.models import Dataset, Release

BATCH, BODIES = 1_000, 20_000
RELEASE = "benchmark"


def import_world(rows: Iterable[Row]) -> None:
    """Import the places and actors that the rows refer to, as a dataset of their own."""
    # By identity, as the loader does: a country and its state have one id, each in its collection.
    needs = {id(need): need for row in rows for need in row.needs}
    rows_of_world = (Row(line, need) for line, need in enumerate(needs.values(), 1))
    _import(replace(synthesis.dataset(RELEASE), id="synthetic-world"), rows_of_world)


def staged(rows: Iterable[Row]) -> None:
    """Import the rows through the pipe, as `manage.py ingest` does."""
    _import(synthesis.dataset(RELEASE), rows)


def _import(dataset: records.Dataset, rows: Iterable[Row]) -> None:
    delivery = Delivery(Heading(dataset), synthesis.checksum(0, 0), rows)
    import_rows(delivery, Request(Plan(whole=True)), _say_nothing, _fail)


def _say_nothing(_: str) -> None:
    """Take a message of progress."""


def _fail(rejected: Rejected) -> None:
    raise ValueError(f"event {rejected.line}: {rejected.reason}")


# ---- bulk_create ----


def bulk_create(rows: Sequence[Row]) -> None:
    """Write the rows with Django's bulk_create, a batch at a time; ids are looked up in dicts."""
    with transaction.atomic():
        release = _release()
        places = dict(Place.objects.values_list("public_id", "pk"))
        types = dict(EventType.objects.values_list("public_id", "pk"))
        actors = dict(Actor.objects.values_list("public_id", "pk"))
        for batch in _batches(rows):
            events = Event.objects.bulk_create(
                Event(
                    dataset_id=release.dataset_id,
                    release=release,
                    type_id=types[type_id(record.type)],
                    place_id=places[record.place] if record.place else None,
                    **_columns(record),
                )
                for record in batch
            )
            pairs = list(zip(events, batch, strict=True))
            Participation.objects.bulk_create(
                Participation(event=event, actor_id=actors[columns.pop("actor")], **columns)
                for event, record in pairs
                for columns in _participations(record)
            )
            EventCode.objects.bulk_create(
                EventCode(event=event, scheme=code.scheme, code=code.code)
                for event, record in pairs
                for code in record.codes
            )


def bulk_create_with_bodies_last(rows: Sequence[Row]) -> None:
    """Do the same with what the project knows: triggers put bodies off, and they are written once."""
    with transaction.atomic():
        session = Session()
        session.run(BEGIN_BULK_LOAD)
        bulk_create(rows)
        session.run("ANALYZE events_event, events_participation, events_eventcode")
        ours = "SELECT e.id FROM events_event e JOIN sources_dataset d ON d.id = e.dataset_id"
        keys = [key for (key,) in session.rows(f"{ours} WHERE d.public_id = 'synthetic'")]
        for start in range(0, len(keys), BODIES):
            session.run(f"SELECT {EVENT_BODIES.function}(%s)", [keys[start : start + BODIES]])


def _batches(rows: Sequence[Row]) -> Iterator[list[records.Event]]:
    for start in range(0, len(rows), BATCH):
        yield [_event(row) for row in rows[start : start + BATCH]]


# ---- Serializer and save ----


class ParticipationSerializer(serializers.ModelSerializer[Participation]):
    actor = serializers.SlugRelatedField(slug_field="public_id", queryset=Actor.objects.all())

    class Meta:
        model = Participation
        fields = ["actor", "role", "name_in_source", "deaths", "position"]


class CodeSerializer(serializers.ModelSerializer[EventCode]):
    class Meta:
        model = EventCode
        fields = ["scheme", "code"]


class EventSerializer(serializers.ModelSerializer[Event]):
    """Events with what belongs to them, as the framework's documentation writes nested records."""

    type = serializers.SlugRelatedField(slug_field="public_id", queryset=EventType.objects.all())
    place = serializers.SlugRelatedField(slug_field="public_id", queryset=Place.objects.all())
    participations = ParticipationSerializer(many=True)
    codes = CodeSerializer(many=True)

    class Meta:
        model = Event
        fields = [
            *("public_id", "key", "title", "summary", "type", "status", "certainty"),
            *("start_date", "end_date", "date_precision", "edtf"),
            *("place", "place_precision", "latitude", "longitude"),
            *("deaths_low", "deaths_best", "deaths_high", "deaths_civilians", "displaced_best"),
            *("participations", "codes"),
        ]

    def create(self, validated_data: dict[str, Any]) -> Event:
        participations = validated_data.pop("participations")
        codes = validated_data.pop("codes")
        event: Event = Event.objects.create(**validated_data)
        for participation in participations:
            Participation.objects.create(event=event, **participation)
        for code in codes:
            EventCode.objects.create(event=event, **code)
        return event


def serialize_and_save(rows: Sequence[Row]) -> None:
    """Write the rows one by one: validated by a serializer, saved by its models."""
    with transaction.atomic():
        release = _release()
        for row in rows:
            record = _event(row)
            serializer = EventSerializer(
                data={
                    "type": type_id(record.type),
                    "place": record.place,
                    "participations": list(_participations(record)),
                    "codes": [vars(code) for code in record.codes],
                    **_columns(record),
                }
            )
            serializer.is_valid(raise_exception=True)
            serializer.save(dataset=release.dataset, release=release)


# ---- What the last two share ----


def _event(row: Row) -> records.Event:
    assert isinstance(row.record, records.Event)
    return row.record


def _release() -> Release:
    columns = dict(vars(synthesis.dataset(RELEASE)))
    version = columns.pop("release")
    dataset = Dataset.objects.create(public_id=columns.pop("id"), **columns)
    checksum = synthesis.checksum(0, 0)
    release: Release = Release.objects.create(dataset=dataset, version=version, checksum=checksum)
    return release


def _columns(record: records.Event) -> dict[str, Any]:
    """Return the columns of an event that refer to nothing."""
    interval = read_edtf(record.date or "")
    return {
        "public_id": slug("synthetic", record.key or ""),
        "key": record.key,
        "title": record.title,
        "summary": record.summary,
        "status": record.status,
        "certainty": record.certainty,
        "start_date": interval.start_date,
        "end_date": interval.end_date,
        "date_precision": interval.date_precision,
        "edtf": interval.edtf,
        "place_precision": record.place_precision,
        "latitude": record.latitude,
        "longitude": record.longitude,
        "deaths_low": record.deaths.low,
        "deaths_best": record.deaths.best,
        "deaths_high": record.deaths.high,
        "deaths_civilians": record.deaths.civilians,
        "displaced_best": record.displaced.best,
    }


def _participations(record: records.Event) -> Iterator[dict[str, Any]]:
    for position, participant in enumerate(record.participants, 1):
        yield {**vars(participant), "position": position}
