"""What the web server's threads hold."""

import subprocess
import sys

import pytest
from django.db import connection

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
