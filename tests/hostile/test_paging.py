"""A cursor is ours or refused, and who follows cursors sees each record once."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.models import Actor
from api.lists import Sort
from api.orders import SIGNER, Compact
from events.models import Event
from events.queries import ORDERS
from sources.models import Document
from tests.hostile.conftest import LISTS, RECORDS, Ask

NOT_CURSORS = [
    *["!!!!", "%00", "a", "=", "==", "-1", "0", "null", "cD1hYmM%3D", "cD0%3D", "cD0lMDA%3D", "bz0tMQ%3D%3D"],
    *["eD0x", "gASVAAAA", "gAN9cQAu", "%C3%A9", "%D9%A3", "a:b", "a:b:c", ":", "::", ".", ".:.", "A" * 1999],
    *["eyJhIjoxfQ:1tXyzZ:abc", ".eJwDAAAAAAE:x", "WzEsMiwzXQ:", "A" * 2001, "%2E%2E%2F", "bnVsbA"],
]  # fmt: skip
PAGED = [path for path in LISTS if f"{path}/" in RECORDS]


@pytest.mark.parametrize("path", PAGED)
def test_what_is_no_cursor_of_ours_is_refused(ask: Ask, path: str) -> None:
    for cursor in NOT_CURSORS:
        problem = ask(f"{path}?cursor={cursor}", [400]).json()
        assert problem["errors"][0]["parameter"] == "cursor"


def test_a_cursor_that_is_touched_is_refused(ask: Ask) -> None:
    cursor = cursor_of(ask("/api/events?page_size=1", [200]).json()["next"])
    ask(f"/api/events?page_size=1&cursor={cursor}", [200])
    for at in range(len(cursor) - 1):
        other = "B" if cursor[at] == "A" else "A"
        ask(f"/api/events?page_size=1&cursor={cursor[:at]}{other}{cursor[at + 1 :]}", [400])
        ask(f"/api/events?page_size=1&cursor={cursor[:at]}", [400])


@pytest.mark.parametrize(
    "payload",
    [
        None,
        1,
        "x",
        [],
        {},
        [1],
        ["x"] * 4,
        [None] * 4,
        [["a"]] * 4,
        ["x", "2020", -(2**63), 2],
        ["x"] * 9,
    ],
    ids=str,
)
def test_a_signature_is_not_believed_more_than_its_content(ask: Ask, payload: Any) -> None:
    cursor = SIGNER.sign_object(payload, serializer=Compact, compress=True)
    ask(f"/api/events?cursor={cursor}", [400])


def test_a_cursor_belongs_to_one_list_order_and_question(ask: Ask) -> None:
    cursor = cursor_of(ask("/api/events?page_size=1&sort=date", [200]).json()["next"])
    for url in (
        "/api/events?page_size=1&sort=-date",
        "/api/events?page_size=1&sort=title",
        "/api/events?page_size=1&sort=date&place=Aghdam",
        "/api/events?page_size=2&sort=date",
        "/api/actors?page_size=1",
        "/api/places?page_size=1",
    ):
        ask(f"{url}&cursor={cursor}", [400])
    ask(f"/api/events/celebrations-in-baku?cursor={cursor}", [400])


# Where a row that is made comes in any order: before all others, in their midst, after them.
PLACES = [("0", "0900-01-01", 0), ("m", "2020-10-15", 500), ("zz", "2900-01-01", 2**31 - 2)]
EVENTS = [sort for sort in Sort(ORDERS, "-date").words if sort != "relevance"]


def make(model: Any, number: int) -> list[str]:
    """Copy a row of `model` to each of the PLACES; return the ids of the copies."""
    made = []
    for letters, day, deaths in PLACES:
        row = model.objects.order_by("pk")[0]
        row.pk, row._state.adding = None, True
        row.public_id = row.title = row.name = row.key = f"{letters}-made-{number}"
        row.start_date, row.end_date, row.published = day, None, day
        row.date_precision, row.edtf, row.deaths_best = "day", day, deaths
        row.status, row.wikidata_id = "ongoing", None
        row.save()
        made.append(row.public_id)
    return made


@pytest.mark.parametrize(
    ("name", "model", "sort", "text"),
    [
        ("actors", Actor, "name", "description"),
        ("sources", Document, "-published", "language"),
        *[("events", Event, sort, "summary") for sort in EVENTS],
    ],
)
def test_a_crawl_sees_each_record_once_whatever_comes_and_goes(
    ask: Ask, name: str, model: Any, sort: str, text: str
) -> None:
    """Rows come before and after the place that was reached, and some go; one that was seen is changed."""
    made = [id_ for number in range(4) for id_ in make(model, number)]
    page = ask(f"/api/{name}?page_size=1000&sort={sort}", [200]).json()
    throughout = {record["id"] for record in page["results"]}
    assert throughout > set(made)
    seen: list[str] = []
    following: str | None = f"/api/{name}?page_size=1&sort={sort}"
    gone = {"seen": 0, "not seen": 0, "at the cursor": 0}
    while following:
        page = ask(following, [200]).json()
        seen += [record["id"] for record in page["results"]]
        made += make(model, 9 + len(seen)) if len(seen) < 6 else []
        for which, ids in {
            "seen": seen[:-1],
            "not seen": sorted(throughout - set(seen)),
            "at the cursor": seen[-1:],
        }.items():
            going = [id_ for id_ in ids if id_ in made][:1] if gone[which] < 2 else []
            gone[which] += len(going)
            for id_ in going:
                model.objects.filter(public_id=id_).delete()
                made.remove(id_)
                throughout.discard(id_)
        if "updated_at" not in sort:  # where what is changed comes again
            model.objects.filter(public_id=seen[0]).update(**{text: "en"})
        following = page["next"] and page["next"].partition("testserver")[2]
    assert gone == {"seen": 2, "not seen": 2, "at the cursor": 2}
    assert len(seen) == len(set(seen))
    assert throughout <= set(seen)


def cursor_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["cursor"][0]
