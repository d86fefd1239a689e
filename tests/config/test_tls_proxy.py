"""The service behind a proxy that ends TLS, by the configuration that docs/deployment.md shows."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.nginx import AROUND
from tests.documents import blocks
from tests.service import PROJECT, Service, free_port

NGINX, OPENSSL = shutil.which("nginx"), shutil.which("openssl")
HOST = "dateline.example"

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.enable_socket,
    pytest.mark.skipif(NGINX is None or OPENSSL is None, reason="nginx or openssl is not here"),
]


def shown(language: str, place: int = 0) -> str:
    text = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    return [block.text for block in blocks(text) if block.language == language][place]


@pytest.fixture(scope="module")
def ports(tmp_path_factory: Any) -> Iterator[tuple[int, int]]:
    """Yield the ports of the proxy, without and with TLS, before a service set up as the unit says."""
    folder = tmp_path_factory.mktemp("tls")
    settings = dict(re.findall(r"^Environment=(\w+)=(.*)$", shown("ini"), re.MULTILINE))
    settings.pop("DATELINE_DATA")
    service = Service(folder / "data", **settings | {"PORT": str(free_port()), "WORKERS": "1"})
    there = service.base().removeprefix("http://")
    make_certificate(folder)
    plain, tls = free_port(), free_port()
    text = shown("nginx")
    for told, here in {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{tls} ",
        "127.0.0.1:8000": there,
        "/etc/ssl/dateline": str(folder),
    }.items():
        assert told in text
        text = text.replace(told, here)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        AROUND.format(folder=folder, shown=text, user=user, log="access_log off;")
    )
    proxy = subprocess.Popen([str(NGINX), "-c", f"{folder}/nginx.conf", "-p", str(folder)])
    try:
        wait(plain)
        yield plain, tls
        service.interrupt()
    finally:
        proxy.terminate()
        proxy.wait(10)
        if service.process.poll() is None:
            service.kill()


def make_certificate(folder: Path) -> None:
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([str(OPENSSL), *kind, *names, *files], check=True, capture_output=True)


def wait(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            return
        time.sleep(0.1)
    raise AssertionError("the proxy does not answer")


def ask(port: int, path: str, *, tls: bool = True) -> tuple[int, Any, str]:
    """Return status, header and text of an answer."""
    if tls:
        # Who it is said to be is not looked at: nobody signed the certificate.
        context = ssl._create_unverified_context()  # noqa: S323
        asked: Any = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    else:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(asked):
        asked.request("GET", path, headers={"Host": HOST})
        answer = asked.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def test_who_comes_without_tls_is_sent_to_it(ports: tuple[int, int]) -> None:
    status, headers, _ = ask(ports[0], "/api/events?place=Aghdam", tls=False)
    assert (status, headers["Location"]) == (301, f"https://{HOST}/api/events?place=Aghdam")


def test_answers_and_links_are_of_the_host_that_was_asked(ports: tuple[int, int]) -> None:
    status, headers, text = ask(ports[1], "/api/events?place=Aghdam&page_size=1")
    assert status == 200
    assert headers["Strict-Transport-Security"]
    answer = json.loads(text)
    assert answer["count"] == 4
    assert answer["next"].startswith(f"https://{HOST}/api/events?")


def test_files_come_whole(ports: tuple[int, int]) -> None:
    status, headers, text = ask(ports[1], "/api/events.csv")
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert len(text.splitlines()) >= 30
    assert text.endswith("\r\n")


def test_the_admin_is_there_for_those_who_are_let_in(ports: tuple[int, int]) -> None:
    status, headers, _ = ask(ports[1], "/admin/login/")
    assert status == 200
    assert "Secure" in headers["Set-Cookie"]
