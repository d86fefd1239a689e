"""django-ninja as its documentation writes it: schemas of Pydantic, numbered pages with a count."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import path
from ninja import Field, NinjaAPI, Query, Schema
from ninja.pagination import PageNumberPagination, paginate
from pydantic import field_serializer

from benchmarks.reading.contestants import orm
from benchmarks.reading.contestants.sql import PAGE
from events.models import Event

api = NinjaAPI(docs_url=None, openapi_url=None)


class Filters(Schema):
    """What can be asked for."""

    place: str | None = None
    actor: str | None = None
    type: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    q: str | None = None
    bbox: str | None = None


class Type(Schema):
    code: str
    label: str
    root: str = Field(alias="root.code")


class Code(Schema):
    scheme: str
    code: str


class Country(Schema):
    id: str = Field(alias="public_id")
    name: str
    iso2: str | None
    iso3: str | None


class Place(Schema):
    id: str = Field(alias="public_id")
    url: str
    name: str
    kind: str
    country: Country | None
    latitude: float | None
    longitude: float | None

    @staticmethod
    def resolve_url(place: Any) -> str:
        return f"/api/places/{place.public_id}"


class Actor(Schema):
    id: str = Field(alias="public_id")
    url: str
    name: str
    kind: str
    country: str | None

    @staticmethod
    def resolve_url(actor: Any) -> str:
        return f"/api/actors/{actor.public_id}"

    @staticmethod
    def resolve_country(actor: Any) -> str | None:
        return actor.country.name if actor.country else None


class Participant(Schema):
    role: str
    actor: Actor
    name_in_source: str | None
    deaths: int | None


class Dataset(Schema):
    id: str = Field(alias="public_id")
    url: str
    name: str
    licence: str

    @staticmethod
    def resolve_url(dataset: Any) -> str:
        return f"/api/datasets/{dataset.public_id}"


class Interval(Schema):
    start: date | None = Field(alias="start_date")
    end: date | None = Field(alias="end_date")
    precision: str | None = Field(alias="date_precision")
    edtf: str | None


class Coordinates(Schema):
    latitude: float | None
    longitude: float | None


class Deaths(Schema):
    low: int | None = Field(alias="deaths_low")
    best: int | None = Field(alias="deaths_best")
    high: int | None = Field(alias="deaths_high")
    civilians: int | None = Field(alias="deaths_civilians")
    unknown: int | None = Field(alias="deaths_unknown")
    note: str | None = Field(alias="deaths_note")


class Displaced(Schema):
    low: int | None = Field(alias="displaced_low")
    best: int | None = Field(alias="displaced_best")
    high: int | None = Field(alias="displaced_high")
    note: str | None = Field(alias="displaced_note")


class EventOut(Schema):
    """An event with all that belongs to it."""

    id: str = Field(alias="public_id")
    url: str
    title: str
    summary: str | None
    type: Type
    codes: list[Code]
    status: str
    certainty: str
    date: Interval
    place: Place | None
    place_precision: str | None
    place_name_in_source: str | None
    coordinates: Coordinates
    participants: list[Participant] = Field(alias="participations")
    deaths: Deaths
    displaced: Displaced
    agreement: None = None
    fulfils: list[str] = []
    breaches: list[str] = []
    part_of: None = None
    related: list[str] = []
    sources: list[str] = []
    dataset: Dataset
    release: str = Field(alias="release.version")
    updated_at: datetime
    revision: int

    @staticmethod
    def resolve_url(event: Any) -> str:
        return f"/api/events/{event.public_id}"

    @staticmethod
    def resolve_date(event: Any) -> Any:
        return event

    resolve_coordinates = resolve_deaths = resolve_displaced = resolve_date

    @staticmethod
    def resolve_agreement(event: Any) -> None:
        return None

    resolve_part_of = resolve_agreement

    @staticmethod
    def resolve_fulfils(event: Any) -> list[str]:
        return []

    resolve_breaches = resolve_related = resolve_sources = resolve_fulfils

    @field_serializer("updated_at")
    def _to_the_second(self, moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@api.get("/events", response=list[EventOut])
@paginate(PageNumberPagination, page_size=PAGE)
def events(request: HttpRequest, filters: Filters = Query(...)) -> Any:  # noqa: B008 (its way)
    """Answer a page of events."""
    return orm.found(orm.whole(), filters.dict())


@api.get("/events/{name}", response=EventOut)
def event(request: HttpRequest, name: str) -> Event:
    """Answer one event."""
    return orm.whole().get(public_id=name)


urlpatterns = [path("api/", api.urls)]
