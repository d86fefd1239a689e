"""`check_bodies`: what is wrong with stored bodies is found, named and mended."""

import gc
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import checking
from events.bodies import EVENT_BODIES
from events.models import Event, EventBody
from events.serializers import EventSerializer
from sources.models import Revision
from tests.constraints.rows import event, provision

pytestmark = pytest.mark.django_db

ENTRY = "azerbaijani-forces-enter-aghdam"
CLEAN = "29 events checked; wrong bodies: 0; "

# What is done to the body of one event, and what is told of it.
WRONG = {
    "jsonb_set(body::jsonb, '{title}', '\"Other\"')::text": "$.title",
    """regexp_replace(body, '("actor":{[^}]*"name":")', '\\1Not ')""": "$.participants[0].actor.name",
    "jsonb_set(body::jsonb, '{deaths,low}', '0')::text": "$.deaths.low",
    "(body::jsonb - 'deaths')::text": "$.deaths",
    """(body::jsonb || '{"a b\\u0007": null}')::text""": '$["a b\\u0007"]',
    "(body::jsonb #- '{sources,0}')::text": "$.sources",
    "jsonb_set(body::jsonb, '{place,name}', '[]')::text": "$.place.name",
    # In Python, 1 is true.
    "jsonb_set(body::jsonb, '{revision}', 'true')::text": "$.revision",
    """regexp_replace(body, '("updated_at":"[^"]*)Z"', '\\1+00:00"')""": "$.updated_at",
    "'[]'": "$",
    "'{'": "it is no JSON",
    "''": "it is no JSON",
}


@pytest.fixture(scope="module", autouse=True)
def new_session(django_db_setup: None, django_db_blocker: Any) -> None:
    """Begin a new session: an import gives temporary tables more memory, too late where there was one."""
    with django_db_blocker.unblock():
        connection.close()


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def spoil(expression: str, where: str = f"event_id = {event(ENTRY)}") -> None:
    run(f"UPDATE events_eventbody SET body = {expression} WHERE {where}")


def orphan() -> None:
    run("ALTER TABLE events_eventbody DROP CONSTRAINT events_eventbody_goes_with_its_event")
    run("INSERT INTO events_eventbody (event_id, body) VALUES (4711, '{}')")


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("check_bodies", *arguments, stdout=out)
    return out.getvalue()


def failing(*arguments: str) -> list[str]:
    """Return the lines that are told when the command fails."""
    with pytest.raises(CommandError) as failed:
        check(*arguments)
    return str(failed.value).splitlines()


# ---- What is found ----


def test_bodies_of_the_article_are_right() -> None:
    assert re.fullmatch(r"29 events checked; wrong bodies: 0; \d+\.\d seconds\.\n", check())


def test_bodies_of_made_up_events_are_right() -> None:
    call_command("synthesize", "300")
    assert check().startswith("329 events checked; wrong bodies: 0; ")


@pytest.mark.parametrize("expression", WRONG)
def test_what_is_wrong_is_named(expression: str) -> None:
    spoil(expression)
    assert failing()[0] == f"{ENTRY}: {WRONG[expression]}"


def test_a_body_that_is_missing_is_named() -> None:
    run(f"DELETE FROM events_eventbody WHERE event_id = {event(ENTRY)}")
    assert failing()[0] == f"{ENTRY}: there is none"


def test_a_body_of_no_event_is_named() -> None:
    orphan()
    assert failing()[0] == "number 4711: there is no such event"


@pytest.mark.parametrize(
    "spoilt",
    [
        "UPDATE events_eventterms SET terms = ts_delete(terms, '=soccurred')",
        "UPDATE events_eventterms SET latitude = latitude + 1",
        "UPDATE events_eventterms SET end_date = NULL",
        "DELETE FROM events_eventterms",
    ],
)
@pytest.mark.parametrize("also", ["", "UPDATE events_eventbody SET body = '{}'"])
def test_an_event_that_is_not_found_is_named_once_and_mended(spoilt: str, also: str) -> None:
    run(f"{spoilt} WHERE event_id = {event(ENTRY)}")
    if also:
        run(f"{also} WHERE event_id = {event(ENTRY)}")
    expected = "$." if also else "it is not found by what it says"
    told, remedy = failing()
    assert told.startswith(f"{ENTRY}: {expected}")
    assert "--repair" in remedy
    assert "Mended: 1." in check("--repair")
    assert check().startswith(CLEAN)


def test_however_many_are_not_found_they_are_told_and_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than a statement takes parameters, where a part is as large as it is."""
    monkeypatch.setattr(checking, "BATCH", 2)
    run("DELETE FROM events_eventterms")
    *_, more, _ = failing()
    assert more == "and 9 more"
    assert "Mended: 29." in check("--repair")


def test_the_remedy_is_told_and_how_many_are_wrong() -> None:
    spoil("'{}'")
    out = StringIO()
    with pytest.raises(CommandError, match=r"manage\.py check_bodies --repair"):
        call_command("check_bodies", stdout=out)
    assert out.getvalue().startswith("29 events checked; wrong bodies: 1; ")


def test_of_many_the_first_are_told() -> None:
    spoil("'{}'", "true")
    *told, more, _ = failing()
    assert len(told) == 20
    assert more == "and 9 more"
    assert told[0].count("$.") == 10
    assert told[0].endswith(", …")


def test_the_same_json_in_another_text_is_right() -> None:
    run(f"UPDATE events_event SET latitude = 47, longitude = -0.0 WHERE id = {event(ENTRY)}")
    spoil("body::jsonb::text", "true")
    spoil("""replace(body, '"latitude": 47,', '"latitude": 47.0,')""")
    assert '"latitude": 47.0,' in EventBody.objects.get(event__public_id=ENTRY).body
    assert check().startswith(CLEAN)


# ---- Samples ----


def test_a_sample_can_be_taken_again() -> None:
    spoil("'{'", "true")
    *names, _ = failing("--sample", "5", "--seed", "0")
    assert len(names) == len(set(names)) == 5
    assert failing("--sample", "5", "--seed", "0")[:-1] == names
    assert failing("--sample", "5", "--seed", "1")[:-1] != names


def test_a_sample_tells_how_to_take_it_again() -> None:
    told = re.match(r"7 events checked \(--sample 7 --seed (\d+)\); ", check("--sample", "7"))
    assert told
    assert check("--sample", "7", "--seed", told[1]).startswith(told[0])


def test_a_sample_of_more_than_there_are_is_all() -> None:
    assert check("--sample", "1000").startswith("29 events checked")


@pytest.mark.parametrize("size", ["0", "-1", "all"])
def test_a_sample_has_a_size(size: str) -> None:
    with pytest.raises(CommandError, match="--sample"):
        check(f"--sample={size}")


def test_a_seed_goes_with_a_sample() -> None:
    assert failing("--seed", "0") == ["--seed goes with --sample."]


# ---- What is mended ----


def test_what_is_wrong_is_mended_and_asked_for_anew(client: Any) -> None:
    address = f"/api/events/{ENTRY}"
    before = client.get(address)
    spoil("""regexp_replace(body, '"title":"', '"title":"Not ')""")
    wrong = client.get(address)
    assert wrong.json()["title"].startswith("Not ")
    said = check("--repair").splitlines()
    assert said[0].startswith("29 events checked; wrong bodies: 1; ")
    assert said[1:] == [f"{ENTRY}: $.title", "Mended: 1."]
    after = client.get(address, headers={"If-None-Match": wrong["ETag"]})
    assert after.status_code == 200
    assert after.content == before.content
    assert check().startswith(CLEAN)


def test_what_is_missing_or_of_no_event_is_mended() -> None:
    before = dict(EventBody.objects.values_list())
    run(f"DELETE FROM events_eventbody WHERE event_id = {event(ENTRY)}")
    orphan()
    assert check("--repair").endswith("Mended: 2.\n")
    assert dict(EventBody.objects.values_list()) == before


def test_more_than_a_batch_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "BATCH", 200)
    before = dict(EventBody.objects.values_list())
    spoil("'{}'", "true")
    assert check("--repair").endswith("Mended: 29.\n")
    assert dict(EventBody.objects.values_list()) == before


def test_a_sample_is_mended_alone() -> None:
    spoil("'{}'", "true")
    assert check("--repair", "--sample", "9").endswith("Mended: 9.\n")
    assert EventBody.objects.filter(body="{}").count() == 20


def test_where_nothing_is_wrong_nothing_is_done() -> None:
    before = Revision.current().number
    assert check("--repair").startswith(CLEAN)
    assert Revision.current().number == before


def test_function_and_triggers_that_are_missing_are_put_back() -> None:
    EVENT_BODIES.uninstall(connection)
    run(f"UPDATE events_event SET title = 'Other' WHERE id = {event(ENTRY)}")
    assert any(line.startswith(f"{ENTRY}: $.title, ") for line in failing())
    check("--repair")
    run(f"UPDATE events_event SET title = 'Another' WHERE id = {event(ENTRY)}")
    assert check().startswith(CLEAN)


def test_what_the_database_cannot_mend_is_a_mistake_of_ours() -> None:
    run(
        "CREATE OR REPLACE FUNCTION refresh_events_eventbody(ids bigint[]) RETURNS void LANGUAGE sql "
        "AS $$ UPDATE events_eventbody SET body = '{}' WHERE event_id = ANY(ids) $$"
    )
    spoil("'{'")
    first, last = failing("--repair")
    assert first.startswith(f"{ENTRY}: $.id, $.url, ")
    assert last.endswith("That is a mistake in this software; please report it.")


# ---- What it costs ----


def statements() -> int:
    with CaptureQueriesContext(connection) as made:
        assert "wrong bodies: 0;" in check()
    return len(made)


def test_statements_are_as_many_for_few_events_as_for_many() -> None:
    run(
        "INSERT INTO events_event_breaches (event_id, provision_id) "
        f"VALUES ({event(ENTRY)}, {provision('hand-over-of-lachin')})"
    )
    # Events come by a cursor; then one for each relation that a body shows, and one for bodies of no event.
    assert statements() == 26
    call_command("synthesize", "300")
    assert statements() == 26


def test_one_batch_of_events_is_in_memory_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "BATCH", 20)
    call_command("synthesize", "200")
    write, alive = EventSerializer.to_representation, []

    def count_and_write(serializer: Any, written: Event) -> Any:
        gc.collect()
        alive.append(sum(isinstance(each, Event) for each in gc.get_objects()))
        return write(serializer, written)

    monkeypatch.setattr(EventSerializer, "to_representation", count_and_write)
    # What the tests hold besides is not looked through each time.
    gc.freeze()
    check()
    gc.unfreeze()
    assert len(alive) == 229
    assert max(alive) < 2 * checking.BATCH
