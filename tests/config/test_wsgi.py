"""What the web server's threads hold."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from config.embedded import Cluster
from config.embedded.keeper import running_server
from tests.service import Service, free_port

# A thread asks the database and ends; how many sessions of its process are there then?
ENDS = """
import os, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from django.db import connection
connection.settings_dict["NAME"] = {name!r}

def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', 'of a thread', false)")

for _ in range(3):
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
"""
THEN = """
import time
with connection.cursor() as cursor:
    for _ in range(50):
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'of a thread'")
        (left,) = cursor.fetchone()
        if not left:
            break
        time.sleep(0.1)
print(left)
"""


@pytest.mark.processes
def test_a_thread_that_ends_leaves_no_connection(db: None) -> None:
    code = ENDS.format(name=connection.settings_dict["NAME"]) + THEN
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["0"]


# The state of the data is asked for while the server's process of this connection stands still: it is asked again by
# another, after how many seconds?
STANDS_STILL = """
import os, signal, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from api.state import read_state
from django.db import connection
config.wsgi.UNANSWERED = 0.5
connection.settings_dict["NAME"] = {name!r}
told = read_state(), read_state()
still = connection.connection.info.backend_pid
os.kill(still, signal.SIGSTOP)
try:
    began = time.monotonic()
    assert read_state() == told[0] == told[1]
    print(time.monotonic() - began)
finally:
    os.kill(still, signal.SIGCONT)
assert connection.connection.info.backend_pid != still
"""


@pytest.mark.processes
def test_the_state_is_not_waited_for_longer_than_anything_else(db: None) -> None:
    code = STANDS_STILL.format(name=connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert 0.5 <= float(done.stdout) < 5


# A request to a process that has not asked the database yet: how it is answered, and after how many seconds.
NEW = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from wsgiref.util import setup_testing_defaults
request = {"PATH_INFO": "/api/events", "HTTP_HOST": "localhost"}
setup_testing_defaults(request)
began = time.monotonic()
b"".join(config.wsgi.application(request, lambda status, *_: print(status[:3])))
print(time.monotonic() - began)
os._exit(0)
"""


@pytest.mark.processes
@pytest.mark.enable_socket
@pytest.mark.slow
def test_a_process_that_is_new_waits_no_longer_for_a_database_that_hangs(tmp_path: Path) -> None:
    service = Service(tmp_path / "data", PORT=str(free_port()))
    service.base()
    postmaster = running_server(Cluster(service.data).data)
    assert postmaster is not None
    server = [postmaster, *postmaster.children()]
    for process in server:
        process.suspend()
    try:
        done = subprocess.run(
            [sys.executable, "-c", NEW],
            env=service.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        status, seconds = done.stdout.split()
        assert status == "503"
        assert float(seconds) < 10
    finally:
        for process in server:
            process.resume()
        service.interrupt()
