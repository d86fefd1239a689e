"""Staging: rows of records copied into temporary tables, as many and as fast as they come.

Each table that records go to has a temporary one, with the same columns but for references, which are
texts here: what identifies the row that is meant. They end with the session, however it ends.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, ForeignKey, GeneratedField, Model

from ingest.rows import Row
from ingest.session import Session
from ingest.tables import RECORDS, TABLES

# What stands between the parts of an identity.
BETWEEN = "\x1f"
# Columns that nobody edits but that rows bring along; other such columns are kept by the database.
BROUGHT = {"key", "digest"}
# Every row of an import has the same dataset and release.
SAME_FOR_ALL = {"dataset", "release"}
BATCH = 50_000
# What is computed of a row while it is copied, and other rows are still being read: name, type, expression.
COMPUTED = {"events.event": (("search", "tsvector", "events_event_words(title, summary)"),)}
# The temporary table of all keys that a file has.
SEEN = "seen"


@dataclass(frozen=True)
class Reference:
    """A column that refers to a row of another table."""

    name: str
    column: str
    target: type[Model]


PUBLIC_ID = ("public_id",)


@dataclass(frozen=True)
class StagedTable:
    """A table of records and the temporary one where its rows are staged.

    `columns` are its own, as name, column in SQL and type; `references` those that refer to other rows;
    `identity` says what a row is known by, in terms of these columns.
    """

    label: str
    table: str
    columns: tuple[tuple[str, str, str], ...]
    references: tuple[Reference, ...]
    identity: tuple[str, ...]
    is_record: bool = False
    has_dataset: bool = False
    has_release: bool = False
    # Rows without an order of their own are shown in the order in which they were written.
    shown_as_written: bool = False

    @property
    def stage(self) -> str:
        return f"stage_{self.table}"

    @property
    def ready(self) -> str:
        return f"ready_{self.table}"

    @property
    def refs(self) -> str:
        return refs_of(self.table)

    @property
    def names(self) -> list[str]:
        """The columns that are written, references last."""
        own = [column for _, column, _ in self.columns]
        return [*own, *(reference.column for reference in self.references)]

    def create(self) -> str:
        own = [f"{column} {kind}" for _, column, kind in self.columns]
        links = [f"{reference.column} text" for reference in self.references]
        computed = [
            f"{name} {kind} GENERATED ALWAYS AS ({expression}) STORED"
            for name, kind, expression in COMPUTED.get(self.label, ())
        ]
        columns = ["line integer", "placed serial", "ref text", *own, *links, *computed]
        return f"CREATE TEMP TABLE {self.stage} ({', '.join(columns)})"

    @property
    def computed(self) -> list[str]:
        """The columns that the temporary table computes."""
        return [name for name, _, _ in COMPUTED.get(self.label, ())]

    @cached_property
    def _pick(self) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        own = [name for name, _, _ in self.columns]
        links = [reference.name for reference in self.references]
        # Two names at least: for one, the function would return a value in place of a tuple.
        names: Any = [*own, *links, self.identity[0]]
        pick: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*names)
        return pick

    def values(self, fields: dict[str, Any]) -> list[Any]:
        """Return the values of a row in the order of `names`."""
        values = list(self._pick(fields)[:-1])
        for position in range(len(self.columns), len(values)):
            link = values[position]
            if link is not None:
                values[position] = link[0] if len(link) == 1 else BETWEEN.join(link)
        return values

    def ref(self, fields: dict[str, Any]) -> str:
        """Return what a row is referred to by."""
        if self.identity == PUBLIC_ID:
            return str(fields["public_id"])
        parts = (fields[name] for name in self.identity)
        return BETWEEN.join(
            BETWEEN.join(part) if isinstance(part, list) else str(part) for part in parts
        )


def quoted(column: str) -> str:
    """Return the name of a column as SQL takes it whatever it is: `end` is a word of its own there."""
    return f'"{column}"'


def refs_of(table: str) -> str:
    """Return the temporary table that says which row of `table` a reference means."""
    return f"refs_{table}"


@cache
def staged_table(label: str) -> StagedTable:
    """Return the staged form of the model with that label, or of its link `app.model.field`."""
    app, name, *field = label.split(".")
    model = apps.get_model(app, name)
    if field:
        return _link(label, model, field[0])
    written = [item for item in model._meta.concrete_fields if _is_written(item)]
    identity = tuple(lookup.partition("__")[0] for lookup in model.identity)
    names = {item.name for item in model._meta.concrete_fields}
    return StagedTable(
        label,
        model._meta.db_table,
        tuple(
            (item.name, quoted(item.column), _type(item))
            for item in written
            if not item.is_relation
        ),
        tuple(_reference(item) for item in written if item.is_relation),
        identity,
        is_record=label in RECORDS,
        has_dataset="dataset" in names,
        has_release="release" in names,
        shown_as_written="id" in model._meta.ordering and "position" not in names,
    )


def _link(label: str, model: type[Model], name: str) -> StagedTable:
    through: Any = model._meta.get_field(name).remote_field.through  # type: ignore[union-attr]
    links = [item for item in through._meta.concrete_fields if item.is_relation]
    references = tuple(_reference(item) for item in links)
    identity = tuple(reference.name for reference in references)
    return StagedTable(label, through._meta.db_table, (), references, identity)


def _is_written(field: "Field[Any, Any]") -> bool:
    if field.primary_key or isinstance(field, GeneratedField) or field.name in SAME_FOR_ALL:
        return False
    return field.editable or field.name in BROUGHT


def _type(field: "Field[Any, Any]") -> str:
    return str(field.db_type(connection))


def _reference(field: Any) -> Reference:
    assert isinstance(field, ForeignKey)  # noqa: S101 (told to the type checker)
    return Reference(field.name, quoted(field.column), field.remote_field.model)


@cache
def links_of(label: str) -> dict[str, str]:
    """Return the many-to-many fields that rows of a model may have, with the labels of their links."""
    model = apps.get_model(label)
    return {field.name: f"{label}.{field.name}" for field in model._meta.many_to_many}


def staged_labels() -> list[str]:
    """Return all that is staged: the tables of records and the links between them."""
    labels = [label for label in TABLES if label not in ("sources.dataset", "sources.release")]
    return [*labels, *(link for label in labels for link in links_of(label).values())]


def link_to(table: StagedTable, record: StagedTable) -> Reference:
    """Return the reference by which rows of a table belong to a record."""
    links = [item for item in table.references if item.target._meta.db_table == record.table]
    # A citation of an actor may be attributed to an actor, too.
    return next((item for item in links if item.name in table.identity), links[0])


class Staging:
    """The temporary tables of one import, filled by COPY in batches.

    A batch is copied by a thread, while the next one is put together: the server has a processor of its
    own. Until `settle` returns the session belongs to that thread.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.waiting: dict[str, list[list[Any]]] = {}
        self.count = 0
        self.used: set[str] = set()
        self._copier = ThreadPoolExecutor(1, "copy")
        self._copying: Future[None] | None = None

    def create(self) -> None:
        """Create the temporary tables, empty."""
        self.session.run("SET temp_buffers = '64MB'")
        for label in staged_labels():
            self.session.run(staged_table(label).create())
        self.session.run(
            f"CREATE TEMP TABLE {SEEN} (label text, key text, digest uuid, line integer)"
        )

    def drop(self) -> None:
        """Remove whatever is there of an import."""
        self._copier.shutdown()
        self.session.run("DISCARD TEMP")

    def add(self, line: int, rows: Iterable[Row]) -> None:
        """Stage the rows of a record that begins on `line`."""
        for row in rows:
            label, fields = row["model"], row["fields"]
            table = staged_table(label)
            # Nothing refers to what merely belongs to a record.
            ref = table.ref(fields) if table.is_record else None
            self._put(label, [line, ref, *table.values(fields)])
            for name, link in links_of(label).items():
                for target in fields[name]:
                    assert ref is not None  # noqa: S101 (what has links is a record)
                    pair = [ref, BETWEEN.join(target)]
                    self._put(link, [line, BETWEEN.join(pair), *pair])

    def note(self, label: str, key: str, digest: Any, line: int) -> None:
        """Note that the file has a record with this key, whether it has changed or not."""
        self._put(SEEN, [label, key, digest, line])

    def flush(self) -> None:
        """Have copied what is waiting, as soon as the batch before is there."""
        self.settle()
        self.used |= self.waiting.keys() - {SEEN}
        self._copying = self._copier.submit(self._copy, self.waiting)
        self.waiting, self.count = {}, 0

    def settle(self) -> None:
        """Wait until what is being copied is there; raise what went wrong."""
        copying, self._copying = self._copying, None
        if copying:
            copying.result()

    def _copy(self, batch: dict[str, list[list[Any]]]) -> None:
        for label, rows in batch.items():
            if label == SEEN:
                self.session.copy(f"{SEEN} (label, key, digest, line)", rows)
            else:
                table = staged_table(label)
                self.session.copy(f"{table.stage} (line, ref, {', '.join(table.names)})", rows)

    def finish(self) -> None:
        """Copy what is waiting, and let the planner know what has been copied."""
        self.flush()
        self.settle()
        self.session.run(f"ANALYZE {SEEN}")
        for label in self.used:
            self.session.run(f"ANALYZE {staged_table(label).stage}")

    def _put(self, label: str, values: list[Any]) -> None:
        self.waiting.setdefault(label, []).append(values)
        self.count += 1
        if self.count >= BATCH:
            self.flush()
