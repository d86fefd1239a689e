"""From records to Django fixtures: rows that `loaddata` understands, in an order it can load.

Rows refer to each other by what identifies them, never by number, so that fixtures can be loaded
beside other data and more than once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from api.names import fold
from ingest.dates import read_edtf
from ingest.dossier import DossierError
from ingest.records import (
    Actor,
    Agreement,
    Cite,
    Control,
    Dossier,
    Event,
    EventType,
    Mode,
    Name,
    Passage,
    Place,
    Provision,
    Publisher,
    Source,
)

Row = dict[str, Any]
Key = list[Any]


def row(model: str, **columns: Any) -> Row:
    """Return a fixture's entry for a row of `model`."""
    return {"model": model, "fields": columns}


def event_type_rows(types: Iterable[EventType]) -> Iterator[Row]:
    """Yield the rows of the vocabulary of event types."""
    for type_ in types:
        yield from _type_rows(type_, type_.quad, None)
        for mode in type_.modes:
            yield from _type_rows(mode, type_.quad, [_type_id(type_.code)])


def dossier_rows(dossier: Dossier, checksum: str) -> Iterator[Row]:
    """Yield the rows of a dossier; `checksum` is the SHA-256 of the file it was read from."""
    builder = _Builder(dossier)
    yield from map(_publisher_row, dossier.publishers)
    yield from map(_source_row, dossier.sources)
    yield from builder.dataset_rows(checksum)
    for place in _widest_first(dossier.places):
        yield from builder.place_rows(place)
    for actor in dossier.actors:
        yield from builder.actor_rows(actor)
    for actor in dossier.actors:
        yield from builder.affiliation_rows(actor)
    for claim in dossier.control:
        yield from builder.control_rows(claim)
    for agreement in dossier.agreements:
        yield from builder.agreement_rows(agreement)
    for event in _wholes_first(dossier.events):
        yield builder.event_row(event)
    for event in dossier.events:
        yield from builder.event_detail_rows(event)


def _type_rows(type_: EventType | Mode, quad: int, parent: Key | None) -> Iterator[Row]:
    id_ = _type_id(type_.code)
    yield row(
        "events.eventtype",
        public_id=id_,
        code=type_.code,
        label=type_.label,
        definition=type_.definition,
        quad=quad,
        parent=parent,
    )
    for code in type_.codes:
        yield row("events.eventtypecode", type=[id_], **asdict(code))


def _type_id(code: str) -> str:
    return code.lower().replace("/", "-")


def _publisher_row(publisher: Publisher) -> Row:
    return row(
        "sources.publisher", public_id=publisher.id, name=publisher.name, website=publisher.url
    )


def _source_row(source: Source) -> Row:
    return row(
        "sources.document",
        public_id=source.id,
        kind=source.kind,
        title=source.title,
        publisher=_ref(source.publisher),
        link=source.url,
        language=source.language,
        published=source.published,
        sha256=source.sha256,
    )


class _Builder:
    """Turns the records of one dossier into rows, looking passages up in it."""

    def __init__(self, dossier: Dossier) -> None:
        self.passages = dossier.passages
        self.dataset = dossier.dataset
        self.origin: Row = {
            "dataset": [dossier.dataset.id],
            "release": [dossier.dataset.id, dossier.dataset.release],
        }

    def dataset_rows(self, checksum: str) -> Iterator[Row]:
        columns = asdict(self.dataset)
        id_, version = columns.pop("id"), columns.pop("release")
        yield row("sources.dataset", public_id=id_, **columns)
        yield row("sources.release", dataset=[id_], version=version, checksum=checksum)

    def place_rows(self, place: Place) -> Iterator[Row]:
        yield row(
            "places.place",
            public_id=place.id,
            name=place.name,
            kind=place.kind,
            parent=_ref(place.within),
            latitude=place.latitude,
            longitude=place.longitude,
            iso2=place.iso,
            iso3=place.iso3,
            geonames_id=place.geonames,
            wikidata_id=place.wikidata,
        )
        codes = [Name(code, kind="code") for code in (place.iso, place.iso3) if code]
        names = [Name(place.name), *place.names, *codes]
        yield from self._name_rows("places.placename", "place", place.id, names)
        yield from self._cite_rows("places.placecitation", {"place": [place.id]}, place.cites)

    def actor_rows(self, actor: Actor) -> Iterator[Row]:
        yield row(
            "actors.actor",
            public_id=actor.id,
            name=actor.name,
            kind=actor.kind,
            country=_ref(actor.country),
            description=actor.description,
            wikidata_id=actor.wikidata,
        )
        names = [Name(actor.name), *actor.names]
        yield from self._name_rows("actors.actorname", "actor", actor.id, names)

    def affiliation_rows(self, actor: Actor) -> Iterator[Row]:
        yield from self._cite_rows("actors.actorcitation", {"actor": [actor.id]}, actor.cites)
        for item in actor.affiliations:
            yield row(
                "actors.affiliation",
                person=[actor.id],
                organisation=[item.organisation],
                title=item.title,
                **_date(item, actor.id),
            )
            key = {"affiliation": [actor.id, item.organisation, item.title]}
            yield from self._cite_rows("actors.affiliationcitation", key, item.cites)

    def control_rows(self, claim: Control) -> Iterator[Row]:
        yield row(
            "actors.controlclaim",
            place=[claim.place],
            actor=[claim.actor],
            kind=claim.kind,
            **_date(claim, claim.place),
        )
        key = {"claim": [claim.place, claim.actor, claim.kind]}
        yield from self._cite_rows("actors.controlcitation", key, claim.cites)

    def agreement_rows(self, agreement: Agreement) -> Iterator[Row]:
        yield row(
            "agreements.agreement",
            public_id=agreement.id,
            title=agreement.title,
            kind=agreement.kind,
            status=agreement.status,
            summary=agreement.summary,
            **self.origin,
            **_date(agreement, agreement.id),
        )
        for party in agreement.parties:
            yield row(
                "agreements.party", agreement=[agreement.id], actor=[party.actor], role=party.role
            )
        key = {"agreement": [agreement.id]}
        yield from self._cite_rows("agreements.agreementcitation", key, agreement.cites)
        for provision in agreement.provisions:
            yield from self._provision_rows(agreement, provision)

    def _provision_rows(self, agreement: Agreement, provision: Provision) -> Iterator[Row]:
        due = provision.due
        yield row(
            "agreements.provision",
            public_id=provision.id,
            agreement=[agreement.id],
            number=provision.number,
            kind=provision.kind,
            text=provision.text,
            obligor=_ref(provision.obligor),
            beneficiary=_ref(provision.beneficiary),
            place=_ref(provision.place),
            due_qualifier=due and due.qualifier,
            due_date=due and due.date,
            due_note=due and due.note,
            status=provision.status,
            as_of=provision.as_of,
            asserted_by=_ref(provision.asserted_by),
        )
        key = {"provision": [provision.id]}
        yield from self._cite_rows("agreements.provisioncitation", key, provision.cites)

    def event_row(self, event: Event) -> Row:
        figures = {
            f"{figure}_{bound}": number
            for figure in ("deaths", "displaced")
            for bound, number in asdict(getattr(event, figure)).items()
        }
        return row(
            "events.event",
            public_id=event.id,
            key=event.id,
            title=event.title,
            summary=event.summary,
            type=[_type_id(event.type)],
            status=event.status,
            certainty=event.certainty,
            place=_ref(event.place),
            place_precision=event.place_precision,
            agreement=_ref(event.agreement),
            fulfils=[[id_] for id_ in event.fulfils],
            breaches=[[id_] for id_ in event.breaches],
            part_of=_ref(event.part_of),
            **self.origin,
            **_date(event, event.id),
            **figures,
        )

    def event_detail_rows(self, event: Event) -> Iterator[Row]:
        key = {"event": [event.id]}
        for code in event.codes:
            yield row("events.eventcode", **key, **asdict(code))
        for position, participant in enumerate(event.participants, 1):
            yield row(
                "events.participation",
                **key,
                actor=[participant.actor],
                role=participant.role,
                name_in_source=participant.name_in_source,
                position=position,
            )
        for link in event.related:
            yield row("events.eventlink", **key, kind=link.kind, other=[link.event])
        yield from self._cite_rows("events.eventcitation", key, event.cites)

    def _name_rows(self, model: str, owner: str, id_: str, names: Iterable[Name]) -> Iterator[Row]:
        unique = {name.name: name for name in reversed(list(names))}
        for name in reversed(unique.values()):
            yield row(
                model,
                **{owner: [id_]},
                name=name.name,
                key=fold(name.name),
                language=name.language,
                kind=name.kind,
                source=_ref(name.source),
            )

    def _cite_rows(self, model: str, owner: dict[str, Key], cites: Iterable[Cite]) -> Iterator[Row]:
        for position, cite in enumerate(cites, 1):
            passage = self._passage(cite, owner)
            speaker = {} if "place" in owner else {"attributed_to": _ref(cite.attributed_to)}
            yield row(
                model,
                **owner,
                position=position,
                document=[passage.source if passage else cite.source],
                paragraph=passage and passage.paragraph,
                start=passage and passage.start,
                end=passage and passage.end,
                sha256=passage and passage.sha256,
                locator=cite.locator,
                supports=cite.supports,
                **speaker,
            )

    def _passage(self, cite: Cite, owner: dict[str, Key]) -> Passage | None:
        if (cite.passage is None) == (cite.source is None):
            (key,) = owner.values()
            raise DossierError(str(key[0]), "a cite names either a passage or a source")
        return self.passages[cite.passage] if cite.passage else None


def _ref(id_: str | None) -> Key | None:
    return None if id_ is None else [id_]


def _date(record: Any, where: str) -> dict[str, Any]:
    if record.date is None:
        return {"start_date": None, "end_date": None, "date_precision": None, "edtf": None}
    try:
        columns = asdict(read_edtf(record.date))
    except ValueError as error:
        raise DossierError(f"{where} > date", str(error)) from error
    return columns | ({"date_precision": record.date_precision} if record.date_precision else {})


def _widest_first(places: Iterable[Place]) -> Iterator[Place]:
    """Yield places so that each comes after the one that contains it."""
    return _parents_first({place.id: (place.within, place) for place in places})


def _wholes_first(events: Iterable[Event]) -> Iterator[Event]:
    """Yield events so that each comes after the one it is part of."""
    return _parents_first({event.id: (event.part_of, event) for event in events})


def _parents_first(records: dict[str, tuple[str | None, Any]]) -> Iterator[Any]:
    done: set[str] = set()

    def walk(id_: str, below: tuple[str, ...]) -> Iterator[Any]:
        if id_ in below:
            raise DossierError(id_, f"lies inside itself, by way of {', '.join(below)}")
        parent, record = records[id_]
        if parent is not None and parent not in done:
            yield from walk(parent, (*below, id_))
        if id_ not in done:
            done.add(id_)
            yield record

    for id_ in records:
        yield from walk(id_, ())
