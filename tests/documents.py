"""What documents show, block by block, and what is done with each: run, asked, compared, written.

A language, command or option that is not known here fails: nothing is shown that nobody has tried. What
cannot be tried in a test is excused by name, with the reason.
"""

import contextlib
import json
import re
import shlex
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.service import PROJECT, Service

ADDRESS = "http://127.0.0.1:8000"
PATIENCE = 300
TARGETS = re.findall(r"^([a-z0-9-]+):(?! *=)", (PROJECT / "Makefile").read_text(), re.MULTILINE)

# Commands that no test runs as they stand, and why: how they begin, after the variables before them.
EXCUSED = {
    r"git clone ": "needs the network; the test has the files already",
    r"cd ": "the test is in the folder already",
    r"docker ": "needs Docker, on which a test cannot count",
    r"pg_basebackup|pg_rewind": "needs a server of PostgreSQL; tests/config/test_standbys.py does what it does",
    r"\.venv/bin/pip install": "needs the network",
    r"curl http://127.0.0.1:9100/metrics": "tests/config/test_metrics.py asks for it",
    r"(apt-get|useradd|install|systemctl|chown|sudo|cp deploy|tail) ?": "needs root on a server of its own",
    r"\S+ manage\.py createsuperuser": "asks for a password; tests/service.py runs it with one",
    r"\S+ manage\.py verify_citations npr-": "needs the text of the article, which is not ours to keep",
    r"\S+ manage\.py (ingest|datasets) (?!.*tests/ingest).*(GEDEvent|ucdp-ged|ucdp-peace|gdelt|pax|acled_|ACLED)": "needs a file "
    "that has to be downloaded; tests/ingest loads real ones where they are",
    r"\S+ manage\.py axes_reset": "tests/config/test_guessing.py runs it",
    r"DATABASE_\w+=|STANDBY_URLS=|SECRET_KEY=": "a setting, of which .env.example and its tests tell",
}  # fmt: skip
# What is asked of data that nobody has loaded here.
NOT_LOADED = re.compile(r"# with (UCDP|PA-X)")
# Programs that are run as they stand, in a copy of the project.
RUN = {".venv/bin/python", "$python", "python3", "sed", "cp"}
# To what an answer may be handed on, to be set over lines.
INDENTED = ["|", "python3", "-m", "json.tool"]
# Curl's options that change nothing of what is asked.
QUIET = {"--fail", "--silent", "--show-error", "--globoff", "-s", "-f"}


@dataclass(frozen=True)
class Block:
    """A fenced block: the line on which it begins, its language, the file that it is named after, its text."""

    line: int
    language: str
    file: str
    text: str


def blocks(document: str) -> Iterator[Block]:
    """Yield the fenced blocks of a document in their order."""
    for found in re.finditer(
        r"^ *```(\w*) ?(\S*)\n(.*?)^ *```$", document, re.MULTILINE | re.DOTALL
    ):
        line = document[: found.start()].count("\n") + 1
        yield Block(line, *found.groups())


def commands(text: str) -> list[str]:
    """Return the commands of a block of shell: those over several lines as one, without notes alone."""
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def is_excused(command: str) -> bool:
    """Return whether a command is named among those that no test runs."""
    return bool(
        re.match("|".join(f"(?:{begin})" for begin in EXCUSED), command)
        or NOT_LOADED.search(command)
    )


def changes(document: str) -> bool:
    """Return whether a document has commands that change data or files, which then are its own."""
    shown = [
        one for block in blocks(document) if block.language == "sh" for one in commands(block.text)
    ]
    return any("manage.py" in one and not is_excused(one) for one in shown)


class Walk:
    """Somebody who reads a document from its first line to its last, and does all that it says."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.address = service.base()
        # What the last command said.
        self.said: str | None = None

    def follow(self, document: str) -> int:
        """Do what each block says; return how many there were."""
        found = list(blocks(document))
        for block in found:
            try:
                self._do(block)
            except AssertionError as error:
                raise AssertionError(f"line {block.line}: {error}") from error
        return len(found)

    def _do(self, block: Block) -> None:
        if block.language == "sh":
            self.said = None
            for command in commands(block.text):
                self.run(command)
        elif block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.here(block.text), encoding="utf-8")
        elif block.language in ("json", "text"):
            if block.text.startswith(SAID_BY_NONE):
                return
            assert self.said is not None, "is the answer to no command"
            same_lines(block.text, self.said)
            self.said = None
        else:
            assert block.language in SHOWN_ONLY, f"```{block.language} is nothing that is tried"

    def run(self, command: str) -> None:
        """Run a command as it stands, or ask what it asks."""
        if is_excused(command):
            return
        words = shlex.split(command, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words[:1] == ["make"]:
            wanted = [word for word in words[1:] if "=" not in word]
            assert set(wanted) <= {*TARGETS}, f"there is no target of: {command}"
        elif words[:1] == ["curl"] and words[-len(INDENTED) :] == INDENTED:
            self.said = indented(self.ask(words[1 : -len(INDENTED)], command))
        elif words[:1] == ["curl"]:
            self.said = self.ask(words[1:], command)
        elif not words or words[0] in RUN or "=" in words[0]:
            self.said = self._shell(command)
        else:
            raise AssertionError(f"nobody knows how to try: {command}")

    def _shell(self, command: str) -> str:
        """Run a command in the copy of the project, on the data of the service; return what it said."""
        # A second installation beside it is in a folder of its own.
        command = command.replace("DATELINE_DATA=/tmp/", f"DATELINE_DATA={self.folder}/")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"python=.venv/bin/python\n{self.here(command)}"],
            cwd=self.folder,
            env=self.service.environment | {"NO_PROXY": "*"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == ("# fails" in command), f"{command}\n{said}"
        return said

    def here(self, text: str) -> str:
        return text.replace(ADDRESS, self.address)

    def ask(self, words: list[str], command: str) -> str:
        """Ask what a curl asks, and return the answer; its status is 200, or the one in the note."""
        note = re.search(r"# (\d{3})\b", command)
        headers, method, addresses = {}, "GET", []
        rest = iter(words)
        for word in rest:
            if word in ("-H", "--header"):
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            elif word in ("-I", "--head"):
                method = "HEAD"
            elif word in ("-o", "--output"):
                next(rest)
            elif word not in QUIET:
                assert word.startswith(f"{ADDRESS}/"), f"nobody knows {word} of: {command}"
                addresses.append(self.here(word))
        (address,) = addresses
        status, answer = fetch(address, method, headers)
        assert status == int(note[1] if note else 200), f"{status}: {command}\n{answer[:500]}"
        return answer.replace(self.address, ADDRESS)


# Configuration of other programs, and languages of which another test takes care.
SHOWN_ONLY = {
    "nginx": "tests/config/test_standbys.py runs that of scaling.md, tests/test_documents.py that of deployment.md",
    "ini": "tests/test_documents.py has systemd read it",
}  # fmt: skip


# What stands in documents and is no answer: a line of a log, of which tests/config/test_logs.py tells.
SAID_BY_NONE = ('{"level":"INFO","logger":"dateline.access"',)


def fetch(address: str, method: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return status and text of an answer; of HEAD, its header."""
    request = urllib.request.Request(address, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            head, body, status = answer.headers, answer.read(), answer.status
    except urllib.error.HTTPError as error:
        head, body, status = error.headers, error.read(), error.code
    return status, str(head) if method == "HEAD" else body.decode()


def indented(answer: str) -> str:
    """Return what the program makes of an answer to which documents hand it on."""
    done = subprocess.run(
        INDENTED[1:], input=answer, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    return done.stdout


def same_lines(shown: str, real: str) -> None:
    """Assert that the lines shown are lines of what was said, in their order; … stands for any."""
    with contextlib.suppress(ValueError):
        real = json.dumps(json.loads(real), ensure_ascii=False, indent=2)
    lines = iter([settled(line) for line in real.splitlines()])
    for line in map(settled, shown.splitlines()):
        if line in ("", "…"):
            continue
        assert any(_alike(line, other) for other in lines), (
            f"is not answered there: {line}\n{real[:3000]}"
        )


def _alike(shown: str, real: str) -> bool:
    return real.startswith(shown[:-1]) if shown.endswith("…") else real == shown


def settled(line: str) -> str:
    """Return a line without what is another each time, and with one blank for many."""
    line = re.sub(r"cursor=[\w%.-]+", "cursor=…", " ".join(line.split()))
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "(a moment)", line)
    line = re.sub(r'"data_revision": \d+', '"data_revision": …', line)
    return re.sub(r"[\d.]+ (MB|seconds)", r"… \1", line)


def copied(folder: Path) -> Path:
    """Return a copy of the project in which commands may write, with the same environment."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        source, target = PROJECT / name, folder / name
        # Of what is no part of how it runs, nothing.
        if source.is_file() and not name.startswith(("benchmarks/", ".venv")):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    if not (folder / ".venv").exists():
        (folder / ".venv").symlink_to(PROJECT / ".venv")
    return folder
