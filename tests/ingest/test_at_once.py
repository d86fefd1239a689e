"""Imports beside each other, and readers beside an import."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import Client

from ingest.importing import IMPORT_LOCK
from ingest.readers import ucdp_ged

pytestmark = pytest.mark.slow

PATIENCE = 60


def rows(count: int, **change: str) -> list[dict[str, str]]:
    return [
        {
            "id": str(number),
            "date_start": f"2031-{number % 12 + 1:02}-01",
            "date_end": f"2031-{number % 12 + 1:02}-01",
            "where_coordinates": f"Town {number % 50} town",
        }
        | change
        for number in range(1, count + 1)
    ]


class Beside:
    """Something done in another thread, with a connection of its own."""

    def __init__(self, do: Any) -> None:
        self.do, self.error, self.result = do, None, None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        try:
            self.result = self.do()
        except Exception as error:
            self.error: Any = error
        finally:
            connection.close()

    def end(self) -> Any:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        if self.error:
            raise self.error
        return self.result


@contextmanager
def held_back(monkeypatch: Any) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Let readers of GED stop in the middle: yield what tells of it, and what lets them go on."""
    arrived, go_on = threading.Event(), threading.Event()
    read = ucdp_ged.event_row

    def slowly(*arguments: Any) -> Any:
        arrived.set()
        assert go_on.wait(PATIENCE)
        return read(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(ucdp_ged, "event_row", slowly)
        try:
            yield arrived, go_on
        finally:
            go_on.set()


def test_a_second_import_of_a_dataset_is_refused(world: Any, ged: Any, monkeypatch: Any) -> None:
    path = ged(rows(5))
    with held_back(monkeypatch) as (arrived, go_on):
        first = Beside(lambda: world.load("ucdp-ged", path))
        assert arrived.wait(PATIENCE)
        with pytest.raises(CommandError) as refused:
            world.load("ucdp-ged", path)
        assert str(refused.value) == (
            "ucdp-ged is being imported or removed by somebody else; try again when they are done."
        )
        go_on.set()
        first.end()
    assert len(world.all("events", dataset="ucdp-ged")) == 5
    assert world.load("ucdp-ged", path).of_kind("events") == (0, 0, 5, 0)
    assert not world.sql(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", IMPORT_LOCK
    )


def test_imports_of_two_datasets_both_succeed(world: Any, ged: Any, monkeypatch: Any) -> None:
    """They propose the same places and actors, which are there once in the end."""
    path = ged(rows(300))
    with held_back(monkeypatch) as (arrived, go_on):
        both = [
            Beside(lambda name=name: world.load("ucdp-ged", path, f"--dataset={name}"))
            for name in ("one", "other")
        ]
        assert arrived.wait(PATIENCE)
        time.sleep(0.3)
        go_on.set()
        for each in both:
            each.end()
    one, other = world.all("events", dataset="one"), world.all("events", dataset="other")
    assert len(one) == len(other) == 300
    names = [place["name"] for place in world.all("places").values()]
    assert names.count("Town 7 town") == 1
    assert one["one-7"]["place"] == other["other-7"]["place"]
    assert one["one-7"]["participants"] == other["other-7"]["participants"]


def test_readers_see_one_version_and_do_not_wait(world: Any, ged: Any) -> None:
    world.load("ucdp-ged", ged(rows(400)))
    path = ged(rows(390, best="77", side_b="Red Front", side_b_new_id="9103"), "GEDEvent_v31_2.csv")
    importing = Beside(lambda: world.load("ucdp-ged", path))
    client, seen, slowest = Client(), [], 0.0
    while importing.thread.is_alive() or not seen:
        began = time.monotonic()
        page = client.get(
            "/api/events", {"dataset": "ucdp-ged", "page_size": 1000, "count": "exact"}
        ).json()
        counts = {
            name: client.get(
                "/api/events", {"actor": name, "page_size": 1, "count": "exact"}
            ).json()
            for name in ("Blue Front", "Red Front")
        }
        slowest = max(slowest, time.monotonic() - began)
        found = {(item["deaths"]["best"], item["release"]) for item in page["results"]}
        assert (page["count"], len(page["results"]), found) in (
            (400, 400, {(10, "31.1")}),
            (390, 390, {(77, "31.2")}),
        )
        assert counts["Blue Front"].get("count", 0) in (0, 400)
        assert counts["Red Front"].get("count", 0) in (0, 390)
        seen.append(page["count"])
    assert importing.end().of_kind("events") == (0, 390, 0, 10)
    assert seen == sorted(seen, reverse=True)
    assert 400 in seen
    # Nobody waited for the import as a whole.
    assert len(seen) > 3
