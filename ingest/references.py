"""Foreign keys of many new rows, checked all at once.

The server looks up each reference of each row by itself, which took a tenth of a large import. Where it lets
us, rows are written without that, and every foreign key of their tables is then checked by one query, in the
same transaction, while other writers wait. It lets those set `session_replication_role` to whom a
superuser granted it, as the embedded server does; elsewhere rows are looked up one by one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from ingest.session import Session

MAY = "SELECT has_parameter_privilege('session_replication_role', 'SET')"

FOREIGN_KEYS = """
SELECT k.conname, k.confrelid::regclass, (
    SELECT string_agg(format('c.%%I = p.%%I', a.attname, b.attname), ' AND ')
    FROM unnest(k.conkey, k.confkey) columns (here, there)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = here
    JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = there
), (
    SELECT string_agg(format('c.%%I IS NOT NULL', attname), ' AND ')
    FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = ANY(k.conkey)
)
FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = %s::regclass ORDER BY k.conname
"""


@contextmanager
def checked_at_once(session: Session, rows: Iterable[tuple[str, str]]) -> Iterator[None]:
    """Write rows without looking up what they refer to, then check it; raise IntegrityError.

    `rows` are pairs of a table and the SQL condition on `c` for those that are written. No trigger runs
    meanwhile: whatever triggers would derive has to be written, too.
    """
    if not session.value(MAY):
        yield
        return
    session.run("SET LOCAL session_replication_role = replica")
    yield
    session.run("SET LOCAL session_replication_role = origin")
    for table, condition in rows:
        check_references(session, table, condition)


def check_references(session: Session, table: str, condition: str) -> None:
    """Check the foreign keys of those rows `c` of a table; raise IntegrityError naming the one broken."""
    for name, target, same, given in session.rows(FOREIGN_KEYS, [table]):
        dangling = session.value(
            f"SELECT count(*) FROM {table} c WHERE ({condition}) AND {given} "
            f"AND NOT EXISTS (SELECT FROM {target} p WHERE {same})"
        )
        if dangling:
            raise IntegrityError(
                f"{dangling:,} rows of {table} refer to nothing: foreign key {name}."
            )
