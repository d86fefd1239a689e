"""Citations are proved against a document's text."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event, EventCitation
from ingest.passages import Span, digest, find, mistake, paragraphs
from sources.models import Document

ARTICLE = settings.PROJECT.parent / "shared" / "article" / "npr-2020-11-20.txt"
TEXT = "A headline\n\nFirst words here.\n \nSecond\nparagraph: first words.\n"


def test_paragraphs_are_blocks_between_empty_lines() -> None:
    assert paragraphs(TEXT) == [
        "A headline",
        "First words here.",
        "Second\nparagraph: first words.",
    ]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), st.data())
def test_every_passage_that_is_found_holds(text: str, data: Any) -> None:
    blocks = paragraphs(text)
    if not blocks:
        return
    block = data.draw(st.sampled_from(blocks))
    start = data.draw(st.integers(0, len(block) - 1))
    end = data.draw(st.integers(start + 1, len(block)))
    spans = list(find(text, block[start:end]))
    assert spans
    assert all(mistake(text, span) is None for span in spans)


@pytest.mark.parametrize(
    ("span", "what"),
    [
        (Span(2, 0, 5, digest("First")), None),
        (Span(2, 1, 6, digest("First")), "not the one"),
        (Span(2, 0, 5, digest("first")), "not the one"),
        (Span(2, 0, 99, digest("First")), "only 17 characters"),
        (Span(9, 0, 5, digest("First")), "only 3 paragraphs"),
    ],
)
def test_a_wrong_passage_is_told(span: Span, what: str | None) -> None:
    found = mistake(TEXT, span)
    assert found is None if what is None else what in str(found)


@pytest.fixture
def document(db: None, tmp_path: Path) -> Any:
    """Return a document of made-up text that one citation rests on, and the file of the text."""
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    document = Document.objects.create(
        public_id="made-up", kind="article", title="Made up", sha256=digest(TEXT)
    )
    (span,) = find(TEXT, "First words")
    EventCitation.objects.create(
        event=Event.objects.first(),
        document=document,
        position=99,
        paragraph=span.paragraph,
        start=span.start,
        end=span.end,
        sha256=span.sha256,
        supports=["title"],
    )
    return document, path


def test_true_citations_pass(document: Any, capsys: Any) -> None:
    call_command("verify_citations", "made-up", document[1])
    assert "All 1 citations of made-up hold." in capsys.readouterr().out


def test_a_wrong_citation_fails(document: Any) -> None:
    EventCitation.objects.filter(document=document[0]).update(start=1)
    with pytest.raises(CommandError, match="paragraph 2, 1-11: the passage there is not the one"):
        call_command("verify_citations", "made-up", document[1])


def test_another_text_fails(document: Any) -> None:
    document[1].write_text(TEXT.replace("here", "there"), encoding="utf-8")
    with pytest.raises(CommandError, match="its SHA-256 differs"):
        call_command("verify_citations", "made-up", document[1])


def test_what_cannot_be_checked_is_told(document: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no document “nobody”"):
        call_command("verify_citations", "nobody", document[1])
    with pytest.raises(CommandError, match="cannot be read as text"):
        call_command("verify_citations", "made-up", tmp_path / "missing.txt")
    with pytest.raises(CommandError, match="Nothing cites a passage"):
        call_command("verify_citations", "geonames-az", document[1])


def test_words_are_located_for_a_dossier(document: Any, capsys: Any) -> None:
    call_command("verify_citations", "made-up", document[1], "--find", "irst words")
    assert capsys.readouterr().out.count("paragraph:") == 2
    with pytest.raises(CommandError, match="do not stand in the file"):
        call_command("verify_citations", "made-up", document[1], "--find", "nowhere")


@pytest.mark.skipif(not ARTICLE.exists(), reason="the article's text is not part of the project")
def test_every_citation_of_the_article_holds(db: None) -> None:
    call_command("verify_citations", "npr-2020-11-20", ARTICLE, verbosity=0)


def test_every_record_cites_something(db: None) -> None:
    from actors.models import Actor, Affiliation, ControlClaim
    from agreements.models import Agreement, Provision
    from places.models import Place

    for model in (Event, Actor, Place, Agreement, Provision, Affiliation, ControlClaim):
        assert not model.objects.filter(citations=None).exists(), model.__name__
