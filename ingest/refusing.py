"""What of a file cannot be taken: rows that are there twice, refer to nothing, or break a rule.

The rules are those of the database itself: every check constraint of a table is asked of the rows that
are about to be written, so that one bad row is refused by name instead of the whole import.
"""

from collections.abc import Iterable

from ingest.session import Session
from ingest.staging import StagedTable, link_to, quoted, staged_table
from ingest.tables import PROPOSED

CREATE = "CREATE TEMP TABLE refused (line integer, label text, reason text, field text, value text, ref text)"

# A row that says the same as another is one too many; rows that say different things of one key are
# all refused, for nothing tells which is right.
REPEATED = """
INSERT INTO refused (line, label, reason, field, value, ref)
SELECT s.line, s.label, CASE WHEN alike THEN 'says the same as another line'
    ELSE 'other lines say something else of the same record' END, 'key', s.key,
    CASE WHEN NOT alike THEN s.key END
FROM seen s JOIN (
    SELECT label, key, min(line) AS first, count(DISTINCT digest) = 1 AS alike
    FROM seen GROUP BY label, key HAVING count(*) > 1
) r USING (label, key)
WHERE NOT (alike AND s.line = r.first)
"""

# Ids are made of keys; two keys may make the same one.
SAME_ID = """
INSERT INTO refused (line, label, reason, field, value)
SELECT s.line, '{label}', 'its id would be that of another record: ' || s.ref, 'key', s.key
FROM {stage} s
WHERE s.ref IN (SELECT ref FROM {stage} GROUP BY ref HAVING count(DISTINCT key) > 1)
UNION
SELECT s.line, '{label}', 'its id would be that of another record: ' || s.ref, 'key', s.key
FROM {stage} s JOIN {table} t ON t.public_id = s.ref
WHERE t.dataset_id <> %(dataset)s OR t.key <> s.key
"""

DANGLING = """
INSERT INTO refused (line, label, reason, field, value, ref)
SELECT r.line, '{label}', 'refers to the {noun} ' || replace(r.r_{name}, chr(31), ', ')
    || ', which there is not', '{name}', r.r_{name}, r.{owner}
FROM {ready} r WHERE r.r_{name} IS NOT NULL AND {gone}
"""

BROKEN = """
INSERT INTO refused (line, label, reason, field, value, ref)
SELECT r.line, '{label}', 'breaks the rule ' || c.rule, NULL, replace(r.{owner}, chr(31), ', '), r.{owner}
FROM {ready} r CROSS JOIN LATERAL (VALUES {rules}) c (rule, holds)
-- All rules in one walk: which of them is broken, only the few rows are asked that break any.
WHERE NOT ({all_hold}) AND NOT c.holds{written}
"""

RULES = """
SELECT conname, pg_get_expr(conbin, conrelid), ARRAY(
    SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey))
FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass ORDER BY conname
"""


def refuse_repeated(session: Session, labels: Iterable[str], dataset: int) -> None:
    """Refuse records that the file has more than once, and those whose ids are taken."""
    session.run(REPEATED)
    for label in labels:
        table = staged_table(label)
        if table.has_release:
            query = SAME_ID.format(label=label, stage=table.stage, table=table.table)
            session.run(query, {"dataset": dataset})


def drop_staged(session: Session, labels: Iterable[str]) -> None:
    """Take the staged rows of refused lines away, in the tables of one family."""
    labels = list(labels)
    for label in labels:
        table = staged_table(label)
        refused = "line IN (SELECT line FROM refused WHERE label = ANY(%s))"
        if labels[0] in PROPOSED:
            owner = "ref" if table.is_record else link_to(table, staged_table(labels[0])).column
            refused = f"{owner} IN (SELECT ref FROM refused WHERE label = ANY(%s))"
        session.run(f"DELETE FROM {table.stage} WHERE {refused}", [labels])


def refuse_unfit(session: Session, labels: Iterable[str]) -> None:
    """Refuse rows of a family that refer to nothing or break a rule, and what refers to these."""
    labels = list(labels)
    for label in labels:
        _refuse_dangling(session, staged_table(label), _owner(label, labels))
        _refuse_broken(session, staged_table(label), _owner(label, labels))
    while _drop_ready(session, labels):
        for label in labels:
            _refuse_orphaned(session, staged_table(label), labels)
    for table in map(staged_table, labels):
        if table.is_record:
            # What refers to a record that is refused, refers to nothing.
            session.run(
                f"DELETE FROM {table.refs} r WHERE r.is_new AND NOT EXISTS "
                f"(SELECT FROM {table.ready} o WHERE o.id = r.id)"
            )


def _refuse_dangling(session: Session, table: StagedTable, owner: str) -> None:
    for reference in table.references:
        session.run(
            DANGLING.format(
                label=table.label,
                noun=reference.target._meta.verbose_name,
                name=reference.name,
                ready=table.ready,
                owner=owner,
                gone=f"r.{reference.column} IS NULL",
            )
        )


def _refuse_orphaned(session: Session, table: StagedTable, labels: list[str]) -> None:
    """Refuse rows that refer to a record of the family which has been refused itself."""
    family = {staged_table(label).table: staged_table(label) for label in labels}
    for reference in table.references:
        other = family.get(reference.target._meta.db_table)
        if other is None:
            continue
        gone = (
            f"NOT EXISTS (SELECT FROM {other.ready} o WHERE o.id = r.{reference.column}) AND "
            f"NOT EXISTS (SELECT FROM {other.table} o WHERE o.id = r.{reference.column})"
        )
        session.run(
            DANGLING.format(
                label=table.label,
                noun=reference.target._meta.verbose_name,
                name=reference.name,
                ready=table.ready,
                owner=_owner(table.label, labels),
                gone=gone,
            )
        )


def _refuse_broken(session: Session, table: StagedTable, owner: str) -> None:
    known = {quoted("id"), *table.names}
    rules = {
        rule: condition
        for rule, condition, columns in session.rows(RULES, [table.table])
        if {quoted(column) for column in columns} <= known
    }
    if not rules:
        return
    query = BROKEN.format(
        label=table.label,
        owner=owner,
        ready=table.ready,
        rules=", ".join(f"('{rule}', ({condition}))" for rule, condition in rules.items()),
        all_hold=" AND ".join(f"({condition})" for condition in rules.values()),
        # A record of others is not written.
        written=" AND r.is_ours" if table.is_record else "",
    )
    session.run(query)


def _owner(label: str, labels: list[str]) -> str:
    """Return the column of ready rows that says which record of the family they are of."""
    if staged_table(label).is_record:
        return "ref"
    owner = next(
        staged_table(other)
        for other in reversed(labels[: labels.index(label)])
        if staged_table(other).is_record
    )
    return f"r_{link_to(staged_table(label), owner).name}"


def _drop_ready(session: Session, labels: list[str]) -> int:
    """Drop what is refused: the lines it is on or, of what lines merely refer to, the records."""
    dropped = 0
    for label in labels:
        which = (
            f"{_owner(label, labels)} IN (SELECT ref FROM refused WHERE label = ANY(%s))"
            if labels[0] in PROPOSED
            else "line IN (SELECT line FROM refused WHERE label = ANY(%s))"
        )
        dropped += session.run(f"DELETE FROM {staged_table(label).ready} WHERE {which}", [labels])
    return dropped
