"""The trail of curators: who changed what in the admin, and when, with the row before and after."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from actors.models import Actor
from agreements.models import Agreement
from events.models import Event, Participation
from places.models import Place
from sources.models import Edit, Publisher
from sources.revision import served_tables
from tests.admin.pages import EDITABLE, Form, page, saved
from tests.constraints.rows import FILL

Trail = Callable[[], list[Edit]]
EVENT = "celebrations-in-baku"


@pytest.fixture
def curator(db: None, client: Client) -> Client:
    client.force_login(User.objects.create(username="Ana", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def edit(curator: Client) -> Any:
    """Return a function that sends the form of a page with some changes."""

    def edit(path: str, **changes: str) -> Any:
        form = Form(curator.get(path).content.decode())
        return curator.post(path, form.data | {name: [value] for name, value in changes.items()})

    return edit


@pytest.fixture
def trail(db: None) -> Trail:
    """Return a function that gives the lines of the trail since, oldest first."""
    last = max(Edit.objects.values_list("id", flat=True), default=0)
    return lambda: list(Edit.objects.filter(id__gt=last).order_by("id"))


def changed(line: Edit) -> dict[str, Any]:
    before, after = line.before or {}, line.after or {}
    return {
        name: (before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def test_a_change_is_one_line_with_who_when_before_and_after(edit: Any, trail: Trail) -> None:
    event = Event.objects.get(public_id=EVENT)
    before = timezone.now()
    saved(edit(page(Event, "change", event.pk), title="Crowds celebrate", deaths_best="0"))
    (line,) = trail()
    assert (line.curator, line.action) == ("Ana", "changed")
    assert before - timedelta(minutes=5) <= line.at <= timezone.now()
    assert (line.collection, line.record) == ("events_event", EVENT)
    assert (line.table, line.row) == ("events_event", event.pk)
    assert changed(line) == {
        "title": (event.title, "Crowds celebrate"),
        "deaths_best": (None, 0),
    }
    # The rest of the row is there, too, but not what follows from it.
    assert line.before["summary"] == line.after["summary"] == event.summary
    assert not {"revision", "updated_at", "search", "digest", "sort_date"} & set(line.after)


def test_what_is_saved_unchanged_leaves_no_line(edit: Any, trail: Trail) -> None:
    for model in EDITABLE:
        if row := model.objects.order_by("pk").first():
            saved(edit(page(model, "change", row.pk)))
    assert trail() == []


def test_what_is_refused_leaves_no_line(edit: Any, trail: Trail) -> None:
    place = Place.objects.get(public_id="azerbaijan")
    inside = Place.objects.get(public_id="aghdam")
    response = edit(page(Place, "change", place.pk), parent=str(inside.pk))
    assert b"A place cannot lie within itself" in response.content
    assert trail() == []


def test_rows_inside_a_page_are_lines_of_the_record(edit: Any, trail: Trail) -> None:
    event = Event.objects.get(public_id=EVENT)
    participation = event.participations.order_by("position").first()
    assert participation
    saved(
        edit(
            page(Event, "change", event.pk),
            **{"participations-0-name_in_source": "people in the streets"},
        )
    )
    (line,) = trail()
    assert (line.table, line.row) == ("events_participation", participation.pk)
    assert (line.collection, line.record) == ("events_event", EVENT)
    assert changed(line) == {
        "name_in_source": (participation.name_in_source, "people in the streets")
    }


def test_citations_and_names_are_in_it(edit: Any, trail: Trail) -> None:
    actor = Actor.objects.filter(citations__isnull=False, names__isnull=False).first()
    assert actor
    changes = {"citations-0-locator": "on page 3", "names-0-language": "de"}
    saved(edit(page(Actor, "change", actor.pk), **changes))
    told = {(line.table, line.record): changed(line) for line in trail()}
    assert {table for table, _ in told} == {"actors_actorcitation", "actors_actorname"}
    assert {record for _, record in told} == {actor.public_id}
    assert tuple(after for _, after in told["actors_actorcitation", actor.public_id].values()) == (
        "on page 3",
    )


def test_what_hangs_on_a_part_of_a_record_is_of_the_record(edit: Any, trail: Trail) -> None:
    from actors.models import AffiliationCitation

    citation = AffiliationCitation.objects.first()
    assert citation
    saved(edit(page(AffiliationCitation, "change", citation.pk), locator="on page 3"))
    (line,) = trail()
    assert (line.collection, line.record) == (
        "actors_actor",
        citation.affiliation.person.public_id,
    )


def test_links_between_records_are_in_it(edit: Any, trail: Trail) -> None:
    agreement = Agreement.objects.first()
    assert agreement
    agreement.places.clear()
    baku = Place.objects.get(public_id="baku")
    saved(edit(page(Agreement, "change", agreement.pk), places=str(baku.pk)))
    (line,) = trail()
    assert (line.action, line.table) == ("added", "agreements_agreement_places")
    assert (line.collection, line.record) == ("agreements_agreement", agreement.public_id)
    assert line.after["place_id"] == baku.pk


def test_what_is_added_is_in_it(edit: Any, trail: Trail) -> None:
    saved(edit(page(Place, "add"), name="Xudafərin", public_id="khudaferin", kind="site"))
    place, name = trail()
    assert (place.action, place.before, place.after["name"]) == ("added", None, "Xudafərin")
    assert (name.table, name.record, name.action) == ("places_placename", "khudaferin", "added")


def test_what_is_deleted_is_in_it_with_all_that_goes_with_it(curator: Any, trail: Trail) -> None:
    event = Event.objects.get(public_id=EVENT)
    rows = event.participations.count() + event.citations.count() + event.codes.count()
    rows += event.links.count() + event.linked_from.count() + event.fulfils.count()
    assert rows > 1
    curator.post(page(Event, "delete", event.pk), {"post": "yes"})
    assert not Event.objects.filter(public_id=EVENT).exists()
    lines = trail()
    assert len(lines) == rows + 1
    assert {line.action for line in lines} == {"deleted"}
    assert {line.after for line in lines} == {None}
    (line,) = (line for line in lines if line.table == "events_event")
    assert (line.record, line.before["title"]) == (EVENT, event.title)


def test_a_bulk_action_is_a_line_for_each_row(curator: Any, trail: Trail) -> None:
    rows = [Publisher.objects.create(public_id=f"p{number}", name="P") for number in range(3)]
    data = {
        "action": "delete_selected",
        "_selected_action": [row.pk for row in rows],
        "post": "yes",
    }
    assert curator.post(page(Publisher, "changelist"), data).status_code == 302
    assert [(line.action, line.curator) for line in trail()] == [("deleted", "Ana")] * 3
    assert {line.record for line in trail()} == {"p0", "p1", "p2"}


def test_what_follows_from_a_change_is_not_in_it(edit: Any, trail: Trail) -> None:
    """Levels of what lies inside, dates of participations, revisions: the database derives them."""
    place = Place.objects.get(public_id="aghdam")
    other = Place.objects.exclude(parent=place.parent_id).filter(kind="country").first()
    assert other
    saved(edit(page(Place, "change", place.pk), parent=str(other.pk)))
    (line,) = trail()
    assert changed(line) == {"parent_id": (place.parent_id, other.pk)}
    event = Event.objects.get(public_id=EVENT)
    days = {"start_date": "2020-01-01", "end_date": "2020-01-01", "edtf": "2020-01-01"}
    saved(edit(page(Event, "change", event.pk), date_precision="day", **days))
    assert [line.table for line in trail()[1:]] == ["events_event"]


@pytest.mark.parametrize("model", EDITABLE, ids=lambda model: model.__name__)
def test_a_line_of_any_table_names_a_record(curator: Any, trail: Trail, model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL)
    row = model.objects.order_by("-pk").first()
    curator.post(page(model, "delete", row.pk), {"post": "yes"})
    lines = [one for one in trail() if one.table == model._meta.db_table and one.row == row.pk]
    # Others may rest on it; then it stays.
    assert [bool(line.record) for line in lines] == [True] * (not model.objects.filter(pk=row.pk))


def test_no_table_of_records_is_forgotten(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled = 'O' "
            # For each row (1), after it was inserted (4), deleted (8) or updated (16).
            "AND tgtype = 1 + 4 + 8 + 16 AND tgfoid = 'sources_keep_edit'::regproc"
        )
        assert {table for (table,) in cursor.fetchall()} == set(served_tables())


def test_only_the_admin_leaves_lines(trail: Trail) -> None:
    """Imports write a million rows; their trail is the release."""
    Event.objects.filter(public_id=EVENT).update(title="By a command")
    assert trail() == []


def test_nobody_writes_in_the_name_of_who_was_here_before(edit: Any, trail: Trail) -> None:
    event = Event.objects.get(public_id=EVENT)
    saved(edit(page(Event, "change", event.pk), title="By Ana"))
    Event.objects.filter(pk=event.pk).update(title="By a command")
    edit(page(Event, "change", event.pk), edtf="")
    Event.objects.filter(pk=event.pk).update(title="By another")
    assert [line.after["title"] for line in trail()] == ["By Ana"]


def test_each_line_is_of_who_made_it(edit: Any, curator: Client, trail: Trail) -> None:
    event = Event.objects.get(public_id=EVENT)
    saved(edit(page(Event, "change", event.pk), title="By Ana"))
    curator.force_login(User.objects.create(username="Ben", is_staff=True, is_superuser=True))
    saved(edit(page(Event, "change", event.pk), title="By Ben"))
    User.objects.all().delete()
    assert [(line.curator, line.after["title"]) for line in trail()] == [
        ("Ana", "By Ana"),
        ("Ben", "By Ben"),
    ]


# What curators see


def test_a_record_leads_to_its_lines(edit: Any, curator: Client) -> None:
    event = Event.objects.get(public_id=EVENT)
    place = Place.objects.get(public_id="baku")
    saved(edit(page(Place, "change", place.pk), latitude="40.4"))
    saved(edit(page(Event, "change", event.pk), title="Crowds celebrate"))
    saved(edit(page(Event, "change", event.pk), **{"participations-0-deaths": "3"}))
    html = curator.get(page(Event, "change", event.pk)).content.decode()
    history = page(Event, "history", event.pk)
    assert f'href="{history}"' in html
    response = curator.get(history, follow=True)
    lines = response.context["cl"].result_list
    assert [line.table for line in lines] == ["events_participation", "events_event"]
    assert "participation" in response.content.decode()
    participation = lines[0]
    assert (
        curator.get(page(Participation, "history", participation.row), follow=True)
        .context["cl"]
        .result_list.get()
        == participation
    )


def test_a_line_shows_before_and_after_in_words(edit: Any, curator: Client, trail: Trail) -> None:
    event = Event.objects.get(public_id=EVENT)
    place = event.place
    other = Place.objects.get(public_id="aghdam")
    saved(edit(page(Event, "change", event.pk), place=str(other.pk), title="<b>Crowds</b>"))
    (line,) = trail()
    html = curator.get(page(Edit, "change", line.pk)).content.decode()
    assert place
    assert f"<td>{place} ({place.pk})</td><td>Aghdam ({other.pk})</td>" in html
    assert f"<td>{event.title}</td><td>&lt;b&gt;Crowds&lt;/b&gt;</td>" in html
    assert "<td>–</td>" not in html


def test_a_line_can_be_read_when_all_that_it_tells_of_is_gone(curator: Client) -> None:
    gone = {"public_id": "gone", "dataset_id": 987, "no_such_column": [1]}
    for table in ("sources_publisher", "no_such_table"):
        line = Edit.objects.create(
            at=timezone.now(),
            curator="Ana",
            action="deleted",
            collection=table,
            record="gone",
            table=table,
            row=1,
            before=gone,
        )
        html = curator.get(page(Edit, "change", line.pk)).content.decode()
        assert "<td>[1]</td>" in html
    assert curator.get(page(Edit, "changelist"), {"q": "gone"}).context["cl"].result_count == 2


def test_who_may_see_it(db: None, client: Client) -> None:
    client.force_login(User.objects.create(username="Ben", is_staff=True))
    assert client.get(page(Edit, "changelist")).status_code == 403


@pytest.mark.parametrize("mode", ["origin", "replica"])
@pytest.mark.parametrize(
    "statement", ["UPDATE sources_edit SET curator = 'Ben'", "DELETE FROM sources_edit"]
)
def test_a_line_stays_also_where_triggers_are_left_out(
    edit: Any, trail: Trail, mode: str, statement: str
) -> None:
    event = Event.objects.get(public_id=EVENT)
    saved(edit(page(Event, "change", event.pk), title="Crowds celebrate"))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = {mode}")
        with pytest.raises(IntegrityError, match="stays in the trail"), transaction.atomic():
            cursor.execute(statement)
    (line,) = trail()
    assert line.curator == "Ana"
