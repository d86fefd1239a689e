"""Files: inert cells, one snapshot, bounded memory, and ends that tell a whole file from a cut one."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from api import files
from api.files import AT_ONCE, FOR_ONE
from api.views import ResourceViewSet
from events.models import Event

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    '=HYPERLINK("http://example.org","x")',
    'quoted "word", comma',
    "line\nbreak",
    "carriage\r\nreturn",
    "50 % off; 'a' \\1 %s {x}",
    "Ağdam Աղդամ 🕊",
]

# Of these, one connection can read several at a time.
CHOSEN = "/api/events.ndjson?fields=id"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: Any) -> None:
    monkeypatch.setattr(files, "BLOCK", 3)


@pytest.mark.parametrize("text", HOSTILE)
def test_cells_are_inert_and_whole(client: Any, text: str) -> None:
    event = Event.objects.get(public_id="azerbaijani-forces-enter-aghdam")
    event.title = event.summary = text
    event.longitude, event.latitude = -46.5, -39.25
    event.save()
    answer = client.get(f"/api/events/{event.public_id}.csv").content.decode()
    (row,) = csv.DictReader(io.StringIO(answer, newline=""))
    guarded = text[0] in "=+-@\t\r\n"
    assert row["title"] == row["summary"] == (f"'{text}" if guarded else text)
    assert (row["longitude"], row["latitude"]) == ("-46.5", "-39.25")
    assert client.get(f"/api/events/{event.public_id}").json()["title"] == text
    feature = client.get(f"/api/events/{event.public_id}.geojson").json()
    assert feature["properties"]["title"] == text
    assert feature["geometry"] == {"type": "Point", "coordinates": [-46.5, -39.25]}


def test_the_coordinates_of_a_feature_are_the_events_or_its_places(client: Any) -> None:
    event = Event.objects.get(public_id="azerbaijani-forces-enter-aghdam")
    path = f"/api/events/{event.public_id}.geojson"
    of_place = [event.place.longitude, event.place.latitude]
    assert client.get(path).json()["geometry"]["coordinates"] == of_place
    Event.objects.filter(pk=event.pk).update(longitude=1.5, latitude=0)
    assert client.get(path).json()["geometry"]["coordinates"] == [1.5, 0]
    Event.objects.filter(pk=event.pk).update(
        longitude=None, latitude=None, place=None, place_precision=None
    )
    assert client.get(path).json()["geometry"] is None


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "geojson"])
def test_a_file_is_one_statement_and_passed_on_block_by_block(client: Any, suffix: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(f"/api/events.{suffix}")
        begun = len(captured)
        pieces = list(response.streaming_content)
    blocks = -(-Event.objects.count() // 3)
    assert len(pieces) == blocks + 1  # the start comes with the first block, the end by itself
    assert begun == len(captured) < 9


def test_a_file_of_chosen_keys_is_read_block_by_block(client: Any) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(CHOSEN)
        begun = len(captured)
        pieces = list(response.streaming_content)
    blocks = -(-Event.objects.count() // 3)
    assert len(pieces) == blocks + 1
    assert begun < 9
    assert len(captured) - begun == blocks - 1
    assert not any(
        "events_event" in query["sql"] and " OFFSET " in query["sql"] for query in captured
    )


class Broken(Exception):
    """What goes wrong in the middle of a file."""


def broken_after(blocks: int, monkeypatch: Any, error: Exception) -> None:
    copied = ResourceViewSet.copied

    def failing(self: Any, *arguments: Any) -> Iterator[Any]:
        yield from list(copied(self, *arguments))[: 3 * blocks]
        raise error

    monkeypatch.setattr(ResourceViewSet, "copied", failing)


def received(response: Any) -> str:
    """Return what a client has of an answer that broke off."""
    got: list[bytes] = []
    with pytest.raises(Broken):
        got.extend(response.streaming_content)
    return b"".join(got).decode()


@pytest.mark.parametrize("blocks", [1, 2, 5])
def test_a_file_that_broke_off_is_no_file(client: Any, monkeypatch: Any, blocks: int) -> None:
    texts = {}
    for suffix in ("csv", "ndjson", "geojson"):
        with monkeypatch.context() as patch:
            broken_after(blocks, patch, Broken())
            response = client.get(f"/api/events.{suffix}")
            assert response.status_code == 200
            texts[suffix] = received(response)
    with pytest.raises(json.JSONDecodeError):
        json.loads(texts["geojson"])
    *lines, last = texts["ndjson"].split("\n")
    assert len([json.loads(line) for line in lines]) == 3 * blocks
    with pytest.raises(json.JSONDecodeError):
        json.loads(last)
    with pytest.raises(csv.Error):
        list(csv.reader(io.StringIO(texts["csv"], newline=""), strict=True))
    assert not texts["csv"].endswith("\n")


def test_what_fails_before_the_first_row_is_an_error_as_any(client: Any, monkeypatch: Any) -> None:
    broken_after(0, monkeypatch, OperationalError("gone"))
    response = client.get("/api/events.csv")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"


def begin(client: Any, path: str, address: str = "192.0.2.1", **headers: str) -> Any:
    """Return a file of which the first block was read."""
    response = client.get(path, REMOTE_ADDR=address, **headers)
    assert response.status_code == 200
    next(response.streaming_content)
    return response


def leave(response: Any) -> None:
    """Do what the web server does when the client has gone."""
    response._iterator.close()


def test_files_leave_room_for_everybody_else(client: Any) -> None:
    reading = [begin(client, CHOSEN, f"192.0.2.{number}") for number in range(1, AT_ONCE + 1)]
    refused = client.get("/api/actors.ndjson")
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert "files" in refused.json()["detail"]
    assert client.get("/api/events").status_code == 200
    leave(reading.pop())
    leave(begin(client, "/api/actors.ndjson?fields=id"))
    for response in reading:
        leave(response)


def test_files_pause_for_each_other(client: Any, monkeypatch: Any) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(files.time, "sleep", pauses.append)
    b"".join(client.get("/api/events.csv").streaming_content)
    assert pauses
    assert not any(pauses)
    other = begin(client, CHOSEN, "192.0.2.9")
    pauses.clear()
    b"".join(client.get("/api/actors.csv").streaming_content)
    assert all(pause > 0 for pause in pauses)
    assert pauses
    leave(other)


@pytest.mark.parametrize(
    ("own", "of_another"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1")]
)
def test_one_address_leaves_files_to_others(client: Any, own: str, of_another: str) -> None:
    """However slowly it reads, and with however many connections."""
    reading = [begin(client, CHOSEN, own) for _ in range(FOR_ONE)]
    for method in (client.get, client.head):
        refused = method("/api/actors.ndjson", REMOTE_ADDR=own)
        assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert client.get("/api/actors.ndjson", REMOTE_ADDR=own).json()["type"] == "/problems/throttled"
    leave(begin(client, "/api/actors.ndjson?fields=id", of_another))
    assert client.get("/api/events", REMOTE_ADDR=own).status_code == 200
    leave(reading.pop())
    leave(begin(client, "/api/actors.ndjson?fields=id", own))
    for response in reading:
        leave(response)
    assert not files.ROOM.held


def test_behind_a_proxy_an_address_is_what_the_proxy_says(client: Any, settings: Any) -> None:
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    seen = [
        begin(client, CHOSEN, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}") for number in range(AT_ONCE)
    ]
    for response in seen:
        leave(response)


def test_many_datasets_are_linked_as_a_list(client: Any) -> None:
    from sources.models import Dataset

    for number in range(20):
        Dataset.objects.create(
            public_id=f"more-{number}",
            name="More",
            description="-",
            licence="ODbL-1.0",
            citation="-",
            redistributable=True,
        )
    link = client.head("/api/events.csv")["Link"]
    assert link == (
        '<http://testserver/api/datasets>; rel="license", '
        '<http://testserver/api/datasets>; rel="cite-as"'
    )
    one = client.head("/api/events.csv?dataset=aghdam-2020")["Link"]
    assert one.count("rel=") == 2
    assert "/api/datasets/aghdam-2020" in one


def test_a_withheld_dataset_is_in_no_file(client: Any) -> None:
    from tests.contract.withheld import HIDDEN, withheld_dataset

    withheld_dataset()
    for name in ("events", "actors", "places", "agreements", "provisions", "sources"):
        for suffix in ("csv", "ndjson"):
            response = client.get(f"/api/{name}.{suffix}")
            text = b"".join(response.streaming_content).decode()
            assert HIDDEN not in text + response["Link"]
