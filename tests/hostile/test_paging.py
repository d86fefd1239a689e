"""R05, R29: a cursor is ours or refused, and who follows cursors sees each record once."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.models import Actor
from api.orders import SIGNER, Compact
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


@pytest.mark.parametrize(("name", "model"), [("actors", Actor), ("sources", Document)])
def test_a_crawl_sees_each_record_once_whatever_comes_and_goes(
    ask: Ask, name: str, model: Any
) -> None:
    """Rows are added before and after the place that was reached, and one that was seen is changed."""
    url = f"/api/{name}?page_size=1000"
    before = {record["id"] for record in ask(url, [200]).json()["results"]}
    seen: list[str] = []
    following: str | None = f"/api/{name}?page_size=1"
    while following:
        page = ask(following, [200]).json()
        seen += [record["id"] for record in page["results"]]
        row = model.objects.get(public_id=seen[0])
        for text in (f"0-new-{len(seen)}", f"zz-new-{len(seen)}"):
            if len(seen) < 6:
                row.pk, row.public_id, row._state.adding = None, text, True
                row.save()
        model.objects.filter(public_id=seen[0]).update(dataset=None)
        following = page["next"] and page["next"].partition("testserver")[2]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def cursor_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["cursor"][0]
