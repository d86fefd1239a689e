"""The order of /api/events by relevance."""

from typing import Any

import pytest

from events.models import Event

ENTRY = "azerbaijani-forces-enter-aghdam"
BAKU = "celebrations-in-baku"
RIOTS = "anti-armenian-riots-in-baku"


@pytest.fixture
def ranked(db: None) -> None:
    """Let three events hold the same word, one more than the others."""
    for number, id_ in enumerate([BAKU, ENTRY, RIOTS, "protests-in-armenia"]):
        words = "xylophone " * (number % 3 + 1)
        Event.objects.filter(public_id=id_).update(title=words, summary=None)


def test_relevance_puts_the_best_first(found: Any, ranked: None) -> None:
    ids = found(q="xylophone", sort="relevance")
    assert ids[0] == RIOTS
    assert ids[1] == ENTRY
    # Equals keep the order in which they were recorded.
    equals = Event.objects.filter(public_id__in=[BAKU, "protests-in-armenia"]).order_by("pk")
    assert ids[2:] == [event.public_id for event in equals]


@pytest.mark.parametrize("query", [{}, {"actor": "Azerbaijan,Armenia"}], ids=["all", "actor"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_by_relevance_join_up(
    client: Any, get: Any, found: Any, query: dict[str, str], size: int
) -> None:
    query = {"q": "troops or forces or aghdam or azerbaijan", "sort": "relevance", **query}
    whole = found(**query)
    assert set(whole) == set(found(**{**query, "sort": "-date"}))
    assert len(whole) > 5
    page, seen = get("/api/events", page_size=size, **query), []
    back = None
    while True:
        seen += [event["id"] for event in page["results"]]
        if not page["next"]:
            break
        back, page = page, client.get(page["next"]).json()
    assert seen == whole
    assert client.get(page["previous"]).json()["results"] == back["results"]


def test_relevance_says_nothing_without_words(refused: Any) -> None:
    error = refused(sort="relevance")
    assert (error["parameter"], error["code"]) == ("sort", "needs_another")
    assert "`q`" in error["detail"]


def test_relevance_has_one_direction(refused: Any) -> None:
    error = refused(sort="-relevance", q="troops")
    assert (error["code"], error["suggestion"]) == ("unknown_value", "relevance")


def test_too_many_to_be_ranked_are_refused(monkeypatch: Any, refused: Any, found: Any) -> None:
    many = len(found(q="troops or forces"))
    monkeypatch.setattr("events.plan.RANKED", many - 1)
    error = refused(q="troops or forces", sort="relevance")
    assert (error["parameter"], error["code"]) == ("sort", "too_many")
    monkeypatch.setattr("events.plan.RANKED", many)
    assert len(found(q="troops or forces", sort="relevance")) == many


@pytest.mark.parametrize("text", ["-troops", "troops or -b", "the troops"])
def test_any_words_can_be_ranked_by(get: Any, text: str) -> None:
    assert get("/api/events", q=text, sort="relevance")["count_relation"] == "exact"
