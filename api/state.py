"""The state of the data: what answers depend on, and what may be remembered while it lasts.

A request is answered from the last state that was seen, and its queries tell whether that is the state now.
What follows from the data is remembered for that state and no other: which records a name means, how many
rows a query finds. In a transaction of our own nothing is remembered, as what it sees need not be what others
see.

That a server has left a state for good is all that this rests on, and it holds of each server by itself: a standby
may come to a state that the primary has left. So what is remembered is of one server.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import Lock
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

from api.question import Question
from api.snapshot import snapshot

# A number that rises with each change, and the time of the last one, in microseconds since 1970.
State = tuple[int, int]

# How much a process remembers of one state.
MOST = 5_000

# Of the bytes of whole answers that it keeps besides, so many may be of one.
SHARE = 0.25

UNKNOWN = object()

T = TypeVar("T")

_asked_from: ContextVar[State | None] = ContextVar("asked_from", default=None)


class _Memory:
    """What is remembered of one state of one server, which goes by the alias of its connections."""

    def __init__(self, state: State | None, server: str = "") -> None:
        self.state = state
        self.server = server
        self.entries: dict[Hashable, Any] = {}
        self.answers: dict[Hashable, tuple[Any, int]] = {}
        self.size = 0
        self.lock = Lock()

    def keep(self, key: Hashable, answer: Any, size: int) -> None:
        """Keep an answer, if it is not too long; where there is no room, the others make way."""
        room = settings.ANSWERS_KEPT * 2**20
        if size > SHARE * room:
            return
        with self.lock:
            self.size -= self.answers.pop(key, (None, 0))[1]
            if self.size + size > room or len(self.answers) >= MOST:
                self.answers.clear()
                self.size = 0
            self.size += size
            self.answers[key] = answer, size


_memory = _Memory(None)


def state_query() -> str:
    """Return the query for the state of the data, which `DATA_STATE` names: one row of two columns."""
    return _named(settings.DATA_STATE)


@cache
def _named(name: str) -> str:
    query: str = import_string(name)
    return query


_question = Question("data_state", state_query)


def read_state() -> State:
    """Return the state of the data now.

    A connection that was lost since the last request is made again.
    """
    here = connections[DEFAULT_DB_ALIAS]
    # This question is as good a check of the connection as a question of its own.
    here.health_check_done = True  # type: ignore[attr-defined]
    is_new = here.connection is None
    try:
        return _read(here)
    except OperationalError:
        if is_new or here.in_atomic_block:
            raise
        here.close()
        return _read(here)


def _read(here: BaseDatabaseWrapper) -> State:
    return cast(State, _question.ask(here))


def likely_state() -> State:
    """Return the last state that was seen, which `consistent` finds out to be or not to be that of now.

    In a transaction of our own, and where this server has shown none, it is that of now. A new connection asks, as
    a server that was started again may have gone back to what it had on disk.
    """
    memory = _memory
    state = memory.state if memory.server == connection.alias else None
    if state is None or connection.connection is None or connection.in_atomic_block:
        return read_state()
    # What is asked next is as good a check of the connection as a question of its own.
    connection.health_check_done = True  # type: ignore[attr-defined]
    return state


def asked_from() -> State | None:
    """Return the state that is answered from."""
    return _asked_from.get()


@contextmanager
def answering() -> Iterator[None]:
    """Answer one request: the state that `answer_from` names holds to its end."""
    token = _asked_from.set(None)
    try:
        yield
    finally:
        _asked_from.reset(token)


def answer_from(state: State) -> None:
    """Let what is found from here on be remembered for `state`, and used where it was found before."""
    _asked_from.set(state)


def remembered(key: Hashable, find: Callable[[], T]) -> T:
    """Return what `find` finds, or has found before in the state that is answered from."""
    memory, watch = _memory_now(), _watch.get()
    if memory is None or watch is None:
        return find()
    for known in (memory.entries, watch.found):
        # Others may clear them meanwhile.
        found = known.get(key, UNKNOWN)
        if found is not UNKNOWN:
            return cast(T, found)
    watch.found[key] = found = find()
    return found


def recalled(key: Hashable) -> Any:
    """Return what was remembered of the state that is answered from; None if that is nothing."""
    memory = _memory_now()
    return None if memory is None else memory.entries.get(key)


def kept(key: Hashable, write: Callable[[], bytes]) -> bytes:
    """Return the whole answer that `write` writes, or has written in the state that is answered from."""
    memory, watch = _memory_now(), _watch.get()
    if memory is None or watch is None:
        return write()
    found: bytes | None = memory.answers.get(key, (None, 0))[0]
    if found is None:
        watch.texts[key] = found = write()
    return found


def last_answer(key: Hashable) -> tuple[Any, State | None]:
    """Return an answer of this server that was kept, and for which state, whether or not that is the state now."""
    memory = _memory
    if memory.server != connection.alias:
        return None, None
    return memory.answers.get(key, (None, 0))[0], memory.state


def keep_answer(state: State, key: Hashable, answer: Any, size: int) -> None:
    """Keep a whole answer for a state."""
    _memory_of(state).keep(key, answer, size)


def _memory_now() -> _Memory | None:
    """Return what is remembered of the state that is answered from; None where nothing may be."""
    state = _asked_from.get()
    return None if state is None or connection.in_atomic_block else _memory_of(state)


def _memory_of(state: State) -> _Memory:
    global _memory  # noqa: PLW0603 (a new one takes the place of the old at once)
    memory = _memory
    if memory.state != state or memory.server != connection.alias:
        memory = _memory = _Memory(state, connection.alias)
    return memory


class _Watch:
    """Sees to whether the last query of an answer told of the state that the answer is from.

    Then all that were made since the state was read saw it, too: a state that is left never comes back. Until
    then, what was found may be of a later state, and is nothing for others to use.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.confirmed = False
        self.found: dict[Hashable, Any] = {}
        self.texts: dict[Hashable, bytes] = {}

    def __call__(self, execute: Callable[..., T], *query: Any) -> T:
        self.confirmed = False
        return execute(*query)

    def remember(self) -> None:
        """Let others use what was found: it is of the state."""
        memory = _memory_of(self.state)
        if len(memory.entries) + len(self.found) > MOST:
            memory.entries.clear()
        memory.entries.update(self.found)
        for key, text in self.texts.items():
            memory.keep(key, text, len(text))


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


def saw(state: State) -> None:
    """Note the state that the last query told of."""
    if watch := _watch.get():
        watch.confirmed = state == watch.state


def consistent(answer: Callable[[], T]) -> T:
    """Return an answer all of whose queries saw one state of the data, whoever writes meanwhile.

    As a rule nobody does: then the last query tells of the state that is answered from, or it is the same
    afterwards, and no transaction is needed. Otherwise the question is answered again from the state that
    there is now and, if that has changed again, in a transaction.
    """
    for reconnects in (True, False):
        state = _asked_from.get()
        if state is None or connection.in_atomic_block:
            break
        answered, now = _attempt(answer, state, reconnects)
        if now == state:
            found: T = answered
            return found
        answer_from(now or read_state())
    with snapshot():
        return answer()


def _attempt(answer: Callable[[], T], state: State, reconnects: bool) -> tuple[Any, State | None]:
    """Return an answer from a state, and the state that there was at its end; None if nobody answered."""
    watch = _Watch(state)
    try:
        answered = _watched(answer, watch)
        # By this very connection: another may lead to a server that was started again.
        now = state if watch.confirmed else _read(connections[DEFAULT_DB_ALIAS])
    except OperationalError:
        # The connection was lost since the last request, perhaps; or else none could be made.
        if not reconnects or connection.connection is None or connection.is_usable():
            raise
        connection.close()
        return None, None
    except Exception:
        # What is wrong by the last state may be right by now.
        now = read_state()
        if now == state:
            watch.remember()
            raise
        return None, now
    if now == state:
        watch.remember()
    return answered, now


def _watched(answer: Callable[[], T], watch: _Watch) -> T:
    token = _watch.set(watch)
    try:
        with connection.execute_wrapper(watch):
            return answer()
    finally:
        _watch.reset(token)
