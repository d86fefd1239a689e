"""Readers that ask the service while something breaks, and judge every answer.

An answer is right if it is what the service said before anything broke. Otherwise it has to be an honest 503: a
problem document with a time to come back. Where the service itself is killed, connections may break, too. Anything
else is wrong, and so is what takes longer than the fault allows.
"""

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

# What readers ask: lists by place, time, words and order, a record, sums, and files.
QUESTIONS = (
    "/api/events?place=Aghdam",
    "/api/events?country=Azerbaijan&date=2020-11",
    "/api/events?q=ceasefire&sort=date",
    "/api/events?sort=-deaths&page_size=20",
    "/api/events?dataset=synthetic&page_size=100&count=none",
    "/api/events/azerbaijani-forces-enter-aghdam",
    "/api/events/summary?by=month",
    "/api/provisions?status=pending",
    "/api/actors?name=Ilham%20Aliyev",
    "/api/events.csv?place=Aghdam",
    "/api/events.ndjson?dataset=aghdam-2020",
)
FILES = QUESTIONS[-2:]
PROBES = ("/livez", "/readyz")
# More than there are places in all processes, and of one address, which is sent two files at a time.
READERS = 20
READERS_OF_FILES = 2
# Seconds between two questions of a reader.
PAUSE = 0.1
# Seconds within which the process says that it lives, and whether it is ready: as long as it may take to find
# out that no place comes free, and that the database is silent.
PROBE_BOUND = 2.0
CUT = b"This file is incomplete"


@dataclass(frozen=True)
class Answer:
    """One answer: when it was asked for (on the monotonic clock), how long it took, and what it was."""

    path: str
    began: float
    seconds: float
    status: int  # 0 if the connection broke
    digest: str = ""
    honest: bool = True
    detail: str = ""

    @property
    def ended(self) -> float:
        return self.began + self.seconds


def ask(host: str, path: str, bound: float, number: int = 0) -> Answer:
    """Ask one question on a connection of its own. Another `number` is another question to whoever remembers."""
    began = time.monotonic()
    client = http.client.HTTPConnection(host, timeout=bound + 5)
    try:
        # Half of what is asked has been asked before, word for word.
        headers = {"Accept-Encoding": f"identity, br;q=0.{number}"} if number % 2 else {}
        client.request("GET", path, headers=headers)
        response = client.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        return Answer(path, began, time.monotonic() - began, 0, detail=repr(error)[:200])
    finally:
        client.close()
    honest, detail = True, ""
    if response.status != 200:
        detail = body[:300].decode(errors="replace")
        honest = response.status == 503 and (
            path in PROBES
            or (
                response.headers["Content-Type"] == "application/problem+json"
                and int(response.headers.get("Retry-After", 0)) > 0
                and json.loads(body)["status"] == 503
            )
        )
    elif CUT in body:
        detail = "cut"
    digest = sha256(body).hexdigest()
    seconds = time.monotonic() - began
    return Answer(path, began, seconds, response.status, digest, honest, detail)


@dataclass
class Judged:
    """What became of the questions of a load."""

    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    last_failure: float = 0.0
    not_ready: int = 0


class Load:
    """Readers, and two that ask whether the process lives and is ready."""

    def __init__(self, host: str, bound: float, seed: int = 1) -> None:
        self.host, self.bound, self.seed = host, bound, seed
        self.answers: list[Answer] = []
        self.ending = threading.Event()
        self.numbers = itertools.count()
        self.threads = [
            threading.Thread(target=self._read, args=(each,)) for each in range(READERS)
        ]
        self.threads += [threading.Thread(target=self._probe, args=(path,)) for path in PROBES]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def _read(self, number: int) -> None:
        choice = random.Random(self.seed * 100 + number)  # noqa: S311 (the same questions each time)
        mine = [path for path in QUESTIONS if number < READERS_OF_FILES or path not in FILES]
        while not self.ending.wait(PAUSE):
            path = choice.choice(mine)
            self.answers.append(ask(self.host, path, self.bound, next(self.numbers) % 10))

    def _probe(self, path: str) -> None:
        while not self.ending.wait(0.2):
            self.answers.append(ask(self.host, path, self.bound))

    def failing_since(self, moment: float) -> bool:
        """Return whether any question asked since a moment was not answered."""
        return any(each.status != 200 for each in self.answers if each.began >= moment)

    def answered_since(self, moment: float) -> int:
        """Return how many questions asked since a moment were answered."""
        asked = list(self.answers)
        return sum(each.began >= moment and each.status == 200 for each in asked)

    def judge(self, truths: Mapping[str, Iterable[str]], may_break: bool) -> Judged:
        """Return what became of all questions; `truths` are the digests of right answers."""
        judged = Judged(requests=len(self.answers))
        for answer in self.answers:
            fault = self._wrong(answer, truths, may_break)
            if fault:
                told = f"{answer.path}: {fault} after {answer.seconds:.2f} s {answer.detail}"
                judged.wrong.append(told)
            if answer.path in PROBES:
                judged.not_ready += answer.path == "/readyz" and answer.status == 503
                continue
            judged.slowest = max(judged.slowest, answer.seconds)
            if answer.status != 200 or answer.detail == "cut":
                judged.failed[answer.detail if answer.detail == "cut" else str(answer.status)] += 1
                judged.last_failure = max(judged.last_failure, answer.ended)
        return judged

    def _wrong(self, answer: Answer, truths: Mapping[str, Iterable[str]], may_break: bool) -> str:
        bound = min(PROBE_BOUND, self.bound) if answer.path in PROBES else self.bound
        if not answer.honest:
            return f"answered {answer.status}"
        if answer.status == 0:
            return "" if may_break else "connection broke"
        if answer.path == "/livez" and answer.status != 200:
            return f"answered {answer.status}"
        if answer.seconds > bound:
            return f"took longer than {bound} s"
        if answer.path in PROBES or answer.status != 200 or answer.detail == "cut":
            return ""
        right = truths.get(answer.path, [answer.digest])
        return "" if answer.digest in right else "is another answer"


def truth(host: str) -> dict[str, set[str]]:
    """Return the digests of all answers now, asked twice, as what is true is told each time."""
    told = {}
    for path in QUESTIONS:
        answers = [ask(host, path, 60, number) for number in range(2)]
        assert all(each.status == 200 for each in answers), answers
        told[path] = {each.digest for each in answers}
        assert len(told[path]) == 1, f"{path} is answered in two ways"
    return told
