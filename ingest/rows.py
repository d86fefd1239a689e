"""From records to rows of tables: what fixtures hold, and what imports copy to staging.

Rows refer to each other by what identifies them, never by number, so that they can be loaded beside
other data and more than once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from api.names import fold
from ingest.dates import read_edtf
from ingest.ids import slug
from ingest.limits import excess
from ingest.passages import paragraph_named
from ingest.records import (
    Actor,
    Agreement,
    Cite,
    Code,
    Control,
    Dataset,
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

# Characters of a text that is at fault.
SHOWN = 40

Row = dict[str, Any]
Key = list[Any]


class BadRecord(ValueError):
    """What is wrong in a record: which, what, and what would be right.

    `column` and `value` say which of our columns it is, and what stands there, where one is to blame.
    """

    def __init__(
        self, where: str, what: str, column: str | None = None, value: str | None = None
    ) -> None:
        super().__init__(f"{where}: {what}")
        self.where, self.what = where, what
        self.column, self.value = column, value


def row(model: str, **columns: Any) -> Row:
    """Return the entry of a fixture for a row of `model`."""
    return {"model": model, "fields": columns}


def event_type_rows(types: Iterable[EventType]) -> Iterator[Row]:
    """Yield the rows of the vocabulary of event types."""
    for type_ in types:
        yield from _type_rows(type_, type_.quad, None)
        for mode in type_.modes:
            yield from _type_rows(mode, type_.quad, [type_id(type_.code)])


def _type_rows(type_: EventType | Mode, quad: int | None, parent: Key | None) -> Iterator[Row]:
    id_ = type_id(type_.code)
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
        yield row(
            "events.eventtypecode",
            type=[id_],
            scheme=code.scheme,
            code=code.code,
            match=code.match,
            label=code.label,
        )


def type_id(code: str) -> str:
    """Return the id of the event type with that code: `retreat-withdraw` for `RETREAT/withdraw`."""
    return code.lower().replace("/", "-")


def dataset_rows(dataset: Dataset, checksum: str) -> Iterator[Row]:
    """Yield the rows of a dataset and its release; `checksum` is the SHA-256 of the file."""
    columns = dict(vars(dataset))
    id_, version = columns.pop("id"), columns.pop("release")
    yield row("sources.dataset", public_id=id_, **columns)
    yield row("sources.release", dataset=[id_], version=version, checksum=checksum)


class RowWriter:
    """Turns the records of one release of a dataset into rows.

    `passages` are the spans of sources that cites name.
    """

    def __init__(self, dataset: Dataset, passages: Mapping[str, Passage] | None = None) -> None:
        self.dataset = dataset
        self.passages = passages or {}
        self.owner: Row = {"dataset": [dataset.id]}
        self.origin: Row = {**self.owner, "release": [dataset.id, dataset.release]}
        self._writers: dict[type, Callable[[Any], Iterator[Row]]] = {
            Publisher: self._publisher,
            Source: self._source,
            Place: self._place,
            Actor: self._actor,
            Control: self._control,
            Agreement: self._agreement,
            Event: self._event,
        }

    def rows(self, record: Any) -> Iterator[Row]:
        """Yield the rows of a record, its own first; raise BadRecord."""
        for entry in self._writers[type(record)](record):
            if over := excess(entry["model"], entry["fields"]):
                column, value, what = over
                raise BadRecord(column, what, column, value[:SHOWN])
            yield entry

    def id_of(self, record: Agreement | Event) -> str:
        """Return the id of a record that its dataset knows by a key only, or the one it has."""
        return record.id or slug(self.dataset.id, record.key or "")

    def _publisher(self, publisher: Publisher) -> Iterator[Row]:
        yield row(
            "sources.publisher",
            public_id=publisher.id,
            name=publisher.name,
            website=publisher.url,
            **self.owner,
        )

    def _source(self, source: Source) -> Iterator[Row]:
        yield row(
            "sources.document",
            public_id=source.id,
            kind=source.kind,
            title=source.title,
            publisher=_ref(source.publisher),
            link=source.url,
            language=source.language,
            published=source.published,
            sha256=source.sha256,
            **self.owner,
        )

    def _place(self, place: Place) -> Iterator[Row]:
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
            **self.owner,
        )
        codes = [Name(code, kind="code") for code in (place.iso, place.iso3) if code]
        names = [Name(place.name), *place.names, *codes]
        key = {"place": [place.id]}
        yield from _name_rows("places.placename", key, names)
        yield from _code_rows("places.placecode", key, place.codes)
        yield from self._cite_rows("places.placecitation", key, place.cites)

    def _actor(self, actor: Actor) -> Iterator[Row]:
        yield row(
            "actors.actor",
            public_id=actor.id,
            name=actor.name,
            kind=actor.kind,
            country=_ref(actor.country),
            description=actor.description,
            wikidata_id=actor.wikidata,
            **self.owner,
        )
        key = {"actor": [actor.id]}
        yield from _name_rows("actors.actorname", key, [Name(actor.name), *actor.names])
        yield from _code_rows("actors.actorcode", key, actor.codes)
        yield from self._cite_rows("actors.actorcitation", key, actor.cites)
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

    def _control(self, claim: Control) -> Iterator[Row]:
        yield row(
            "actors.controlclaim",
            place=[claim.place],
            actor=[claim.actor],
            kind=claim.kind,
            **_date(claim, claim.place),
        )
        key = {"claim": [claim.place, claim.actor, claim.kind]}
        yield from self._cite_rows("actors.controlcitation", key, claim.cites)

    def _agreement(self, agreement: Agreement) -> Iterator[Row]:
        id_ = self.id_of(agreement)
        yield row(
            "agreements.agreement",
            public_id=id_,
            key=agreement.key or id_,
            title=agreement.title,
            kind=agreement.kind,
            status=agreement.status,
            summary=agreement.summary,
            places=[[place] for place in agreement.places],
            **self.origin,
            **_date(agreement, id_),
        )
        key = {"agreement": [id_]}
        yield from _code_rows("agreements.agreementcode", key, agreement.codes)
        for party in agreement.parties:
            yield row("agreements.party", **key, actor=[party.actor], role=party.role)
        yield from self._cite_rows("agreements.agreementcitation", key, agreement.cites)
        for provision in agreement.provisions:
            yield from self._provision(id_, provision)

    def _provision(self, agreement: str, provision: Provision) -> Iterator[Row]:
        id_ = provision.id or f"{agreement}-{provision.number}"
        due, code = provision.due, provision.code
        yield row(
            "agreements.provision",
            public_id=id_,
            agreement=[agreement],
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
            scheme=code and code.scheme,
            code=code and code.code,
            level=provision.level,
        )
        yield from self._cite_rows(
            "agreements.provisioncitation", {"provision": [id_]}, provision.cites
        )

    def _event(self, event: Event) -> Iterator[Row]:
        id_ = self.id_of(event)
        deaths, displaced = event.deaths, event.displaced
        yield row(
            "events.event",
            public_id=id_,
            key=event.key or id_,
            title=event.title,
            summary=event.summary,
            type=[event.type if ":" in event.type else type_id(event.type)],
            status=event.status,
            certainty=event.certainty,
            place=_ref(event.place),
            place_precision=event.place_precision,
            place_name_in_source=event.place_name_in_source,
            latitude=event.latitude,
            longitude=event.longitude,
            agreement=_ref(event.agreement),
            fulfils=[[provision] for provision in event.fulfils],
            breaches=[[provision] for provision in event.breaches],
            part_of=_ref(event.part_of),
            deaths_low=deaths.low,
            deaths_best=deaths.best,
            deaths_high=deaths.high,
            deaths_note=deaths.note,
            deaths_civilians=deaths.civilians,
            deaths_unknown=deaths.unknown,
            displaced_low=displaced.low,
            displaced_best=displaced.best,
            displaced_high=displaced.high,
            displaced_note=displaced.note,
            **self.origin,
            **_date(event, id_),
        )
        key = {"event": [id_]}
        yield from _code_rows("events.eventcode", key, event.codes)
        for position, participant in enumerate(event.participants, 1):
            yield row(
                "events.participation",
                **key,
                actor=[participant.actor],
                role=participant.role,
                name_in_source=participant.name_in_source,
                deaths=participant.deaths,
                position=position,
            )
        for link in event.related:
            yield row("events.eventlink", **key, kind=link.kind, other=[link.event])
        yield from self._cite_rows("events.eventcitation", key, event.cites)

    def _cite_rows(self, model: str, owner: dict[str, Key], cites: Iterable[Cite]) -> Iterator[Row]:
        for position, cite in enumerate(cites, 1):
            passage = self._passage(cite, owner)
            named = None if passage else paragraph_named(cite.locator)
            speaker = {} if "place" in owner else {"attributed_to": _ref(cite.attributed_to)}
            yield row(
                model,
                **owner,
                position=position,
                document=[passage.source if passage else cite.source],
                paragraph=passage.paragraph if passage else named,
                start=passage and passage.start,
                end=passage and passage.end,
                sha256=passage and passage.sha256,
                locator=cite.locator if named is None else None,
                supports=cite.supports,
                **speaker,
            )

    def _passage(self, cite: Cite, owner: dict[str, Key]) -> Passage | None:
        if (cite.passage is None) == (cite.source is None):
            (key,) = owner.values()
            raise BadRecord(str(key[0]), "a cite names either a passage or a source")
        return self.passages[cite.passage] if cite.passage else None


def _name_rows(model: str, owner: dict[str, Key], names: Iterable[Name]) -> Iterator[Row]:
    unique = {name.name: name for name in reversed(list(names))}
    for name in reversed(unique.values()):
        yield row(
            model,
            **owner,
            name=name.name,
            key=fold(name.name),
            language=name.language,
            kind=name.kind,
            source=_ref(name.source),
        )


def _code_rows(model: str, owner: dict[str, Key], codes: Iterable[Code]) -> Iterator[Row]:
    for code in codes:
        yield row(model, **owner, scheme=code.scheme, code=code.code)


def _ref(id_: str | None) -> Key | None:
    return None if id_ is None else [id_]


def _date(record: Any, where: str) -> dict[str, Any]:
    if record.date is None:
        return {"start_date": None, "end_date": None, "date_precision": None, "edtf": None}
    try:
        interval = read_edtf(record.date)
    except ValueError as error:
        raise BadRecord(f"{where} > date", str(error)) from error
    return {
        "start_date": interval.start_date,
        "end_date": interval.end_date,
        "date_precision": record.date_precision or interval.date_precision,
        "edtf": interval.edtf,
    }
