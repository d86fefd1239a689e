"""What is asked: questions that every contestant puts in addresses of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

PAGE = 50
SUMMARY = "events/summary"

OURS, KEPT, L1, L2 = "ours", "ours, kept", "L1", "L2"
PLAIN, NINJA, FASTAPI, DATASETTE = "plain DRF", "django-ninja", "FastAPI + asyncpg", "Datasette"
EVERYONE = (OURS, KEPT, L1, L2, PLAIN, NINJA, FASTAPI, DATASETTE)
# Those that read our tables and answer what we answer.
EQUALS = (OURS, L1, L2, PLAIN, NINJA, FASTAPI)


@dataclass(frozen=True)
class Position:
    """Where a page begins, as each kind of pagination says it: `after` is a date and a key."""

    cursor: str
    after: str
    page: int


@dataclass(frozen=True)
class Ask:
    """One question: parameters, where the page begins, and the ETag of an answer one has.

    `column` is what Datasette is asked by instead of a place of any kind; of what is `kept` a limit gives a
    constant body.
    """

    query: Mapping[str, str] = field(default_factory=dict)
    path: str = "events"
    position: Position | None = None
    etag: str = ""
    column: str = ""
    kept: bool = False

    def ours(self) -> str:
        """Return the address for this API."""
        return self._address("", cursor=self.position.cursor if self.position else "")

    def limit(self, kind: str) -> str:
        """Return the address for one of the limits; that of an answer one has is the bare 304."""
        if self.etag:
            return "/bare"
        return self._address("/kept" if self.kept else f"/{kind}", after=self._after)

    def keyset(self) -> str:
        """Return the address for who pages by a date and a key."""
        return self._address("", after=self._after)

    def numbered(self) -> str:
        """Return the address for who numbers pages, and counts in any case."""
        query = {name: value for name, value in self.query.items() if name not in ("count", "by")}
        page = {"page": str(self.position.page)} if self.position else {}
        return _joined(f"/api/{self.path}", query | page)

    def datasette(self) -> str:
        """Return the address for Datasette: filters by column, the table or a row of it."""
        if self.path != "events":
            return _joined("/bench/events.json", {"id": self.path.partition("/")[2]})
        query = {"_size": str(PAGE), "_nocount": "1"}
        if "place" in self.query:
            query[self.column] = self.query["place"]
        if self.position:
            # The key of the row before: in its copy rows are numbered, the newest first.
            query["_next"] = str((self.position.page - 1) * PAGE)
        return _joined("/bench/events.json", query)

    @property
    def _after(self) -> str:
        return self.position.after if self.position else ""

    def _address(self, prefix: str, **paging: str) -> str:
        given = {name: value for name, value in paging.items() if value}
        return _joined(f"{prefix}/api/{self.path}", {**self.query, **given})


@dataclass(frozen=True)
class Case:
    """A kind of question, its examples, who takes part, and what all have to answer alike."""

    name: str
    title: str
    asks: tuple[Ask, ...]
    contestants: tuple[str, ...] = EQUALS
    alike: tuple[str, ...] = ("results",)

    @property
    def ours(self) -> str:
        """Who is held against the others: this API, or it when it gives answers again."""
        return OURS if OURS in self.contestants else KEPT


def _joined(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
