"""Taking records away: with what belongs to them, and with a tombstone where clients knew them.

What belongs to a record goes with it; where a record of others still refers to it, nothing is removed and
the error says which.
"""

from typing import Any

from django.apps import apps
from django.db.models import CASCADE, DO_NOTHING, Model

from api.stored import BEGIN_BULK_LOAD
from ingest.session import Session
from ingest.staging import staged_table

# What has an address of its own, under which name, and where its dataset is found.
COLLECTIONS = {
    "events.event": ("events", "t.dataset_id"),
    "agreements.agreement": ("agreements", "t.dataset_id"),
    "agreements.provision": (
        "provisions",
        "(SELECT dataset_id FROM agreements_agreement a WHERE a.id = t.agreement_id)",
    ),
    "sources.dataset": ("datasets", "t.id"),
}
# What a dataset brought along, in an order in which it can go.
BROUGHT_ALONG = ("actors.actor", "places.place", "sources.document", "sources.publisher")


class StillNeeded(ValueError):
    """Records cannot be removed because others refer to them."""


def mark_dropped(session: Session, label: str, dataset: int) -> int:
    """Mark the records of a dataset that the file read does not have; return how many they are."""
    table = staged_table(label)
    session.run(f"DROP TABLE IF EXISTS gone_{table.table}")
    return session.run(
        f"CREATE TEMP TABLE gone_{table.table} AS SELECT t.id FROM {table.table} t "
        "WHERE t.dataset_id = %(dataset)s AND NOT EXISTS "
        "(SELECT FROM seen s WHERE s.label = %(label)s AND s.key = t.key)",
        {"dataset": dataset, "label": label},
    )


def mark_all(session: Session, label: str, condition: str, values: dict[str, Any]) -> int:
    """Mark the records for which an SQL condition on `t` holds; return how many they are."""
    table = apps.get_model(label)._meta.db_table
    session.run(f"DROP TABLE IF EXISTS gone_{table}")
    return session.run(
        f"CREATE TEMP TABLE gone_{table} AS SELECT t.id FROM {table} t WHERE {condition}", values
    )


def remove_dropped_parts(session: Session, curated: bool, release: str) -> None:
    """Remove the parts of records that the file has without them: provisions, offices, claims."""
    parts = {"agreements.provision": ("agreement_id", "ready_agreements_agreement")}
    if curated:
        parts["actors.affiliation"] = ("person_id", "ready_actors_actor")
        parts["actors.controlclaim"] = ("place_id", "ready_places_place")
    for label, (column, owners) in parts.items():
        refs = staged_table(label).refs
        mark_all(
            session,
            label,
            f"t.{column} IN (SELECT id FROM {owners} WHERE is_ours) "
            f"AND NOT EXISTS (SELECT FROM {refs} r WHERE r.id = t.id)",
            {},
        )
        remove_marked(session, label, release)


def remove_marked(session: Session, label: str, release: str | None) -> None:
    """Remove the marked records of a kind; raise StillNeeded.

    `release` is the one that dropped them, None when they are removed by hand. Those of a dataset that
    is withheld leave nothing behind: clients never knew them.
    """
    model = apps.get_model(label)
    gone = f"SELECT id FROM gone_{model._meta.db_table}"
    if label == "agreements.agreement":
        # They go with their agreement, and have addresses of their own.
        mark_all(session, "agreements.provision", f"t.agreement_id IN ({gone})", {})
        remove_marked(session, "agreements.provision", release)
    if label in COLLECTIONS:
        collection, dataset = COLLECTIONS[label]
        session.run(
            "INSERT INTO sources_tombstone (collection, public_id, dataset, release, removed_at) "
            f"SELECT %s, t.public_id, d.public_id, %s, now() FROM {model._meta.db_table} t "
            f"JOIN sources_dataset d ON d.id = {dataset} AND d.served WHERE t.id IN ({gone}) "
            "ON CONFLICT (collection, public_id) DO UPDATE "
            "SET dataset = EXCLUDED.dataset, release = EXCLUDED.release, removed_at = now()",
            [collection, release],
        )
    _remove(session, model, gone)


def lift_tombstones(session: Session, label: str) -> None:
    """Take away the tombstones of records that are there again."""
    if label in COLLECTIONS:
        table = apps.get_model(label)._meta.db_table
        session.run(
            "DELETE FROM sources_tombstone s WHERE s.collection = %s "
            f"AND EXISTS (SELECT FROM {table} t WHERE t.public_id = s.public_id)",
            [COLLECTIONS[label][0]],
        )


def sweep(session: Session, dataset: int, *, staged_stays: bool) -> dict[str, int]:
    """Remove what a dataset brought along and nothing refers to any more; return how much of what.

    `staged_stays`: what the file at hand has stays all the same.
    """
    removed: dict[str, int] = {}
    for label in BROUGHT_ALONG:
        model = apps.get_model(label)
        unused = " AND ".join(
            f"NOT EXISTS (SELECT FROM {table} o WHERE o.{column} = t.id)"
            for table, column in _referring(model)
        )
        condition = f"t.dataset_id = %(dataset)s AND {unused}"
        if staged_stays:
            # The document that stands for the dataset stays with it.
            condition += " AND t.public_id <> (SELECT public_id FROM sources_dataset d WHERE d.id = t.dataset_id)"
            refs = staged_table(label).refs
            condition += f" AND NOT EXISTS (SELECT FROM {refs} r WHERE r.id = t.id)"
        # A place may be needed only by places inside it, which go first.
        while found := mark_all(session, label, condition, {"dataset": dataset}):
            _remove(session, model, f"SELECT id FROM gone_{model._meta.db_table}")
            removed[label] = removed.get(label, 0) + found
    return removed


def remove_release(session: Session, dataset: int, release: int) -> dict[str, int]:
    """Remove a release of a dataset with the records that are as it has them; return their counts.

    What it brought along and nothing needs any more goes, too. Raises StillNeeded.
    """
    return _remove_all(session, dataset, "t.release_id = %(release)s", {"release": release})


def remove_dataset(session: Session, dataset: int) -> dict[str, int]:
    """Remove a dataset with all it brought along; return the counts. Raises StillNeeded.

    What others need of it stays, and is nobody's then.
    """
    values = {"dataset": dataset}
    for kind in ("place", "actor"):
        session.run(
            f"DELETE FROM {kind}s_{kind}name n USING sources_document d, sources_dataset s "
            "WHERE n.source_id = d.id AND s.id = %(dataset)s AND d.public_id = s.public_id",
            values,
        )
        session.run(
            f"DELETE FROM {kind}s_{kind}code c USING sources_dataset s "
            "WHERE s.id = %(dataset)s AND c.scheme = s.public_id",
            values,
        )
    removed = _remove_all(session, dataset, "t.dataset_id = %(dataset)s", values)
    for label in BROUGHT_ALONG:
        session.run(
            f"UPDATE {apps.get_model(label)._meta.db_table} SET dataset_id = NULL "
            "WHERE dataset_id = %(dataset)s",
            values,
        )
    mark_all(session, "sources.dataset", "t.id = %(dataset)s", {"dataset": dataset})
    remove_marked(session, "sources.dataset", None)
    return removed


def _remove_all(
    session: Session, dataset: int, condition: str, values: dict[str, int]
) -> dict[str, int]:
    # Nothing that is removed needs a body, and the rest does not change.
    session.run(BEGIN_BULK_LOAD)
    removed = {}
    for label in ("events.event", "agreements.agreement"):
        noun = str(apps.get_model(label)._meta.verbose_name_plural)
        removed[noun] = mark_all(session, label, condition, values)
        remove_marked(session, label, None)
    for label, count in sweep(session, dataset, staged_stays=False).items():
        removed[str(apps.get_model(label)._meta.verbose_name_plural)] = count
    if "release" in values:
        mark_all(session, "sources.release", "t.id = %(release)s", values)
        remove_marked(session, "sources.release", None)
    return removed


def _remove(session: Session, model: type[Model], rows: str) -> None:
    for relation in _relations(model):
        other = relation.related_model
        table, column = other._meta.db_table, relation.field.column
        condition = f"{column} IN ({rows})"
        owner = other._meta.auto_created
        if owner and owner is not model:
            # A link that belongs to the record at its other end.
            _refuse_if_any(session, model, table, condition)
        elif elsewhere := _owner_elsewhere(relation):
            # It goes with the record that it belongs to, and not with the one that it is about.
            stays = f" AND {elsewhere.column} NOT IN ({rows})"
            same = elsewhere.related_model is model
            _refuse_if_any(session, model, table, condition + (stays if same else ""))
        elif relation.on_delete is CASCADE:
            _remove(session, other, f"SELECT id FROM {table} WHERE {condition}")
        elif relation.on_delete is not DO_NOTHING:
            others = f"{condition} AND id NOT IN ({rows})" if other is model else condition
            _refuse_if_any(session, model, table, others)
    session.run(f"DELETE FROM {model._meta.db_table} WHERE id IN ({rows})")


def _owner_elsewhere(relation: Any) -> Any:
    """Return the field by which rows at the other end belong to another record, None if they do not.

    What comes first in the identity of a row is what it belongs to: a link between events to the one that
    links, and not to the one that is linked to.
    """
    model = relation.related_model
    identity = getattr(model, "identity", ("",))
    owner, *others = (lookup.partition("__")[0] for lookup in identity)
    elsewhere = relation.field.name in others and relation.field.name != owner
    return model._meta.get_field(owner) if elsewhere else None


def _refuse_if_any(session: Session, model: type[Model], table: str, condition: str) -> None:
    count = session.value(f"SELECT count(*) FROM {table} WHERE {condition}")
    if count:
        raise StillNeeded(
            f"{count:,} rows of {table} still refer to {model._meta.verbose_name_plural} that would "
            "be removed; change or remove these first."
        )


def _relations(model: type[Model]) -> list[Any]:
    """Return the relations by which rows of other tables refer to rows of this one.

    The body of an event is not among them: the database removes it with the event.
    """
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and not relation.many_to_many
        and "id" in {field.column for field in relation.related_model._meta.concrete_fields}  # type: ignore[union-attr]
    ]


def _referring(model: type[Model]) -> list[tuple[str, str]]:
    """Return the columns that make a row needed: references to it that would not go with it."""
    return [
        (relation.related_model._meta.db_table, relation.field.column)
        for relation in _relations(model)
        if relation.on_delete is not DO_NOTHING and not _belongs(relation)
    ]


def _belongs(relation: Any) -> bool:
    """Say whether rows at the other end are mere parts of the record, such as its names."""
    label = relation.related_model._meta.label_lower
    part = label.removeprefix(relation.model._meta.label_lower)
    return relation.on_delete is CASCADE and part in ("name", "code", "citation")
