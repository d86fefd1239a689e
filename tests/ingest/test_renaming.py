"""What thousands of events show is renamed in all of them, with the commit and not before."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.constraints.rows import actor, place

COUNT = 3_000
# Whom and what every event shows, besides what it had.
EVERYWHERE = [
    f"UPDATE events_event SET place_id = {place('aghdam')}, place_precision = 'exact'",
    f"""INSERT INTO events_participation (event_id, actor_id, role, position)
        SELECT id, {actor("ilham-aliyev")}, 'mediator', 99 FROM events_event""",
]
NEW = "Ağdam “İ”"


@pytest.fixture(scope="module")
def crowded(shared: Any) -> Any:
    """Return a database of thousands of events, all at one place and with one actor."""
    call_command("synthesize", str(COUNT))
    for statement in EVERYWHERE:
        shared.sql(statement)
    return shared


def renamed(value: Any, url: str) -> Any:
    """Return what is served as it is to be once the record with that address has its new name."""
    if isinstance(value, list):
        return [renamed(each, url) for each in value]
    if not isinstance(value, dict):
        return value
    new = {key: renamed(each, url) for key, each in value.items()}
    return new | {"name": NEW} if value.get("url") == url else new


@pytest.mark.parametrize(
    ("table", "url"),
    [("actors_actor", "/api/actors/ilham-aliyev"), ("places_place", "/api/places/aghdam")],
)
def test_a_new_name_is_served_with_the_commit_and_not_before(
    crowded: Any, table: str, url: str
) -> None:
    made_up = "/api/events?dataset=synthetic&page_size=1"
    detail = Client().get(made_up).json()["results"][0]["url"]

    def served() -> tuple[dict[str, Any], Any, str]:
        answer = Client().get(detail)
        return crowded.all("events"), answer.json(), answer["ETag"]

    listed, one, tag = before = served()
    assert sum(renamed(event, url) != event for event in listed.values()) > COUNT
    writer = crowded.connect()
    with writer.transaction():
        writer.execute(
            f"UPDATE {table} SET name = %s WHERE public_id = %s", [NEW, url.rpartition("/")[2]]
        )
        assert served() == before
    listed_then, one_then, tag_then = served()
    assert listed_then == renamed(listed, url)
    assert one_then == renamed(one, url)
    assert tag_then != tag
    writer.close()
    call_command("check_bodies", "--sample", "300")
