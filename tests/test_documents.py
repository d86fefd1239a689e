"""Every command and request in the documents is tried, and every answer shown is the real one.

A walk takes a document from its first line to its last, as tests/documents.py does it. Those that change data
have a service and a copy of the project of their own, and are slow. docs/recipes.md, in other languages, is
run by tests/test_recipes.py.
"""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

from tests.documents import (
    ADDRESS,
    EXCUSED,
    TARGETS,
    Block,
    Walk,
    blocks,
    changes,
    commands,
    copied,
    is_excused,
    same_lines,
)
from tests.service import Service, free_port

PROJECT: Path = settings.PROJECT
# docs/api.md is the beginning of the OpenAPI document, docs/faults.md is written by `make faults`.
ELSEWHERE = {"docs/recipes.md"}
DOCUMENTS = {
    str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8")
    for path in [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]
}
WALKED = {name: text for name, text in DOCUMENTS.items() if name not in ELSEWHERE}
READ_ONLY = [name for name, text in WALKED.items() if not changes(text)]
CHANGING = [name for name, text in WALKED.items() if changes(text)]

# Lines that look like commands, outside of what is run.
COMMAND = re.compile(
    r"^ {4,}(?:\$ )?(?:curl |make |docker |\S*python\S* manage\.py |\$python )", re.MULTILINE
)
# Commands in the middle of a line, and their options: `manage.py backup FILE`.
MANAGE = re.compile(r"manage\.py ([a-z_]+)((?: +[\w./*<>=…:-]+)*)")


@contextlib.contextmanager
def walking(folder: Path) -> Iterator[Walk]:
    service = Service(folder / "data", PORT=str(free_port()), WORKERS="1")
    try:
        yield Walk(service, copied(folder / "project"))
        service.interrupt()
    finally:
        if service.process.poll() is None:
            service.kill()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with walking(tmp_path_factory.mktemp("documents")) as walk:
        yield walk


@pytest.mark.processes
@pytest.mark.enable_socket
@pytest.mark.parametrize("name", READ_ONLY)
def test_a_document_that_only_asks_shows_what_is_answered(name: str, reader: Walk) -> None:
    reader.follow(WALKED[name])


# Addresses between the blocks that are the beginnings of some, or need data that are not loaded here.
BEGINNINGS = re.compile(r"[…<{]|\?q=$|^/api/events/summary$|place=Syria")


@pytest.mark.processes
@pytest.mark.enable_socket
@pytest.mark.parametrize("name", DOCUMENTS)
def test_addresses_that_are_named_between_blocks_answer(name: str, reader: Walk) -> None:
    text = re.sub(r"```.*?```", "", DOCUMENTS[name], flags=re.DOTALL)
    named = {*re.findall(rf"{ADDRESS}([^\s`'\")>]*)", text)}
    named |= {*re.findall(r"`(/(?:api|livez|readyz|problems|llms)[^\s`]*)`", text)}
    for path in sorted(one for one in named if not BEGINNINGS.search(one)):
        reader.ask([f"{ADDRESS}{path}"], path)


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.enable_socket
@pytest.mark.parametrize("name", CHANGING)
def test_a_document_can_be_followed_from_its_first_line(name: str, tmp_path: Path) -> None:
    with walking(tmp_path) as walk:
        assert walk.follow(WALKED[name])


# ---- What is tried, and what is not ----


def test_all_documents_are_walked() -> None:
    assert {*READ_ONLY, *CHANGING, *ELSEWHERE} == {*DOCUMENTS}
    assert {"docs/cookbook.md", "docs/errors.md", "README.md"} <= {*READ_ONLY, *CHANGING}
    assert {"docs/own-data.md", "docs/loading.md", "docs/backup.md"} <= {*CHANGING}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_command_stands_where_it_is_not_tried(name: str) -> None:
    inside = {line for block in blocks(DOCUMENTS[name]) for line in block.text.splitlines()}
    found = [line for line in DOCUMENTS[name].splitlines() if COMMAND.match(line)]
    assert [line for line in found if line.strip() not in {one.strip() for one in inside}] == []


def test_every_excuse_is_needed() -> None:
    shown = [
        one
        for text in WALKED.values()
        for block in blocks(text)
        if block.language == "sh"
        for one in commands(block.text)
    ]
    unused = [begin for begin in EXCUSED if not any(re.match(begin, one) for one in shown)]
    assert unused == []
    # Most is tried.
    assert len([one for one in shown if not is_excused(one)]) > 80


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_options_that_are_named_are_there(name: str) -> None:
    for command, rest in MANAGE.findall(DOCUMENTS[name]):
        assert command in get_commands(), f"manage.py {command}"
        parser = load_command_class(get_commands()[command], command).create_parser("", command)
        known = {option for action in parser._actions for option in action.option_strings}
        named = {word.partition("=")[0] for word in rest.split() if word.startswith("--")}
        assert {one.rstrip(".:") for one in named} <= known, f"manage.py {command}{rest}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_targets_of_make_that_are_named_are_there(name: str) -> None:
    named = re.findall(
        r"`(?:[A-Z]+=\S+ )?make ([a-z][a-z0-9-]*(?: [a-z][a-z0-9-]*)*)`", DOCUMENTS[name]
    )
    assert {target for targets in named for target in targets.split()} <= {*TARGETS}


def anchors(text: str) -> set[str]:
    """Return what links may lead to within a document, as GitHub names headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# Pictures that tests of the page for people write.
MADE_BY_TESTS = {"explorer-wide.png", "explorer-phone.png", "explorer-dark.png"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    text = re.sub(r"```.*?```", "", DOCUMENTS[name], flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link) or Path(link).name in MADE_BY_TESTS or link.startswith("/"):
            continue
        file, _, anchor = link.partition("#")
        target = ((PROJECT / name).parent / file).resolve() if file else PROJECT / name
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_every_document_is_in_the_list_for_readers() -> None:
    listed = set(re.findall(r"\]\((?:\.\./)?([\w.-]+\.md)\b", DOCUMENTS["docs/README.md"]))
    there = {path.name for path in (PROJECT / "docs").glob("*.md")} - {"README.md"}
    assert there <= listed


# ---- What would be noticed ----


class Told(Walk):
    """A walk that runs nothing, and to which every command says the same."""

    def __init__(self, said: str = "") -> None:
        self.said, self.answer = None, said

    def run(self, command: str) -> None:
        if command.startswith("curl"):
            self.said = self.answer
        else:
            Walk.run(self, command)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("```sh\nfrobnicate --all\n```", "nobody knows how to try: frobnicate"),
        ("```sh\nmake nothing-such\n```", "there is no target"),
        ("```perl\n1\n```", "is nothing that is tried"),
        ('```json\n{"count": 1}\n```', "is the answer to no command"),
        ('```sh\ncurl x\n```\n```json\n{\n  "count": 2\n}\n```', "is not answered there"),
        ('```sh\ncurl x\n```\n```json\n{\n  "b": 1,\n  "a": 1\n}\n```', "is not answered there"),
    ],
)
def test_what_is_wrong_in_a_document_is_told(document: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        Told('{"a": 1, "b": 1, "count": 1}').follow(document)


@pytest.mark.parametrize("option", ["--data x", "--request POST", "-X DELETE", "x | sh"])
def test_a_curl_that_is_not_understood_is_told(option: str) -> None:
    command = f"curl {option} '{ADDRESS}/api'"
    walk = Told()
    walk.address = ADDRESS
    with pytest.raises(AssertionError, match="nobody knows"):
        walk.ask(command.split()[1:], command)


def test_an_answer_may_be_set_over_lines() -> None:
    class Asked(Told):
        run = Walk.run

        def ask(self, words: list[str], command: str) -> str:
            assert words == ["-s", "x"], command
            return self.answer

    walk = Asked('{"a": 1, "b": 2}')
    walk.follow("```sh\ncurl -s 'x' | python3 -m json.tool  # indented\n```")
    assert walk.said == '{\n    "a": 1,\n    "b": 2\n}\n'


def test_what_is_left_out_is_marked() -> None:
    same_lines('{\n…\n"b": 2\n}', '{"a": 1, "b": 2}')
    same_lines("so many…", "so   many words")
    with pytest.raises(AssertionError):
        same_lines("so many", "so many words")


# ---- Pictures and configuration ----


def test_the_diagram_is_drawn_of_what_there_is() -> None:
    from runpy import run_path

    drawn = run_path(str(PROJECT / "docs" / "draw_data_model.py"))
    picture = (PROJECT / "docs" / "data-model.svg").read_text(encoding="utf-8")
    assert drawn["draw"]() == picture, "run .venv/bin/python docs/draw_data_model.py"
    models = {model._meta.model_name: model for model in apps.get_models()}
    called = {"type": "eventtype", "source": "document"}
    boxes = {name: models[called.get(name, name)] for name in drawn["BOXES"]}
    for start, end, *_ in drawn["LINES"]:
        # Directly, or by a table between the two.
        linked = {one.related_model for one in boxes[start]._meta.get_fields()}
        between = {one.related_model for two in linked - {None} for one in two._meta.get_fields()}
        assert boxes[end] in linked | between


def configuration(language: str) -> list[Block]:
    return [one for one in blocks(DOCUMENTS["docs/deployment.md"]) if one.language == language]


def test_units_of_systemd_are_understood(tmp_path: Path) -> None:
    units = configuration("ini")
    assert {unit.file for unit in units} == {
        "dateline.service",
        "dateline-backup.service",
        "dateline-backup.timer",
    }
    known = set(re.findall(r"^# ([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    for unit in units:
        assert set(re.findall(r"Environment=([A-Z_]+)", unit.text)) <= known
        # Its folders and account are not here.
        text = re.sub(r"/srv/dateline\S*/python", "/bin/true", unit.text)
        (tmp_path / unit.file).write_text(
            re.sub(r"^(User|WorkingDirectory)=.*\n", "", text, flags=re.MULTILINE)
        )
    if not (systemd := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not here")
    paths = [str(tmp_path / unit.file) for unit in units]
    done: Any = subprocess.run(
        [systemd, "verify", *paths], capture_output=True, text=True, check=False
    )
    told = [
        line for line in done.stderr.splitlines() if str(tmp_path) in line or "dateline" in line
    ]
    assert (done.returncode, told) == (0, []), done.stderr
