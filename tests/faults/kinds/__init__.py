"""The faults, a module each: what is broken, and for how long an answer may take meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.load import Load
from tests.faults.stage import Stage

Strike = Callable[[Stage, Load, float], None]


class Impossible(Exception):
    """The fault cannot be made on this machine; the text says why."""


@dataclass(frozen=True)
class Fault:
    """One thing that breaks.

    `strike` breaks it and, where it does not mend by itself, mends it; it takes a measure of how long or how often:
    1 for the long run, less for a short one. It returns when whatever caused the fault is over.
    """

    title: str
    strike: Strike
    # The longest that an answer may take meanwhile, and the service to answer everything again, in seconds.
    bound: float
    returns: float
    # Whether connections of clients may break, as when their server is killed.
    may_break: bool = False
    # Whether the database is one that stays away when it ends, which the embedded one does not.
    own: bool = False
    # Whether the service has to fail meanwhile; otherwise nobody may notice.
    fails: bool = True
    # Whether the service says by /readyz that it is not ready.
    tells: bool = False
    # What is done before the service starts, and a port that stands between it and the database.
    before: Callable[[Stage], int] | None = None
    # Whether there are more events afterwards.
    imports: bool = False
