import errno
import hashlib
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction
from granian.constants import HTTPModes
from granian.http import HTTP1Settings
from granian.log import LogLevels

from actors.models import Actor
from agreements.models import Agreement, Provision
from api.limits import parse_limit
from config import logs
from config.environment import Env
from config.gate import PLACES, SPARE
from config.locks import setting_up
from config.observing import measuring
from config.parent import announce
from config.server import RenewingServer
from events.models import Event
from events.uses import count_uses
from places.models import Place
from sources.models import Release

PORTS_TRIED = 20
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")

# Threads of each worker (config/gate.py).
THREADS = PLACES + SPARE
# How long a client may take to send the head of a request.
HEADER_SECONDS = 10
# How long requests may take to end when the service is stopped. It also ends a worker that was told
# to stop before it could hear it.
STOP_SECONDS = 5

log = logging.getLogger("dateline.up")


class Command(BaseCommand):
    """Sets everything up and serves it: database, migrations, the article's records, web server."""

    help = "Start the service. HOST, PORT and WORKERS choose the address and the processes."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGINT, _leave)
        host = os.environ.get("HOST") or "127.0.0.1"
        env = Env()
        wanted = env.whole("PORT", default=8000, least=1, most=65_535)
        workers = env.whole("WORKERS", default=2, least=1, most=65_535)
        if settings.RATE_LIMIT:
            parse_limit(settings.RATE_LIMIT)
        if settings.DEBUG and host not in LOOPBACK:
            raise CommandError(f"DEBUG shows the code to whoever asks; it is refused on {host}.")
        try:
            with setting_up():
                call_command("migrate", verbosity=0, interactive=False)
                loaded = _load_fixtures()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}") from error
        address, port = _free_port(host, wanted)
        server = _server(address, port, workers)
        if port != wanted:
            self._tell(f"Port {wanted} is taken; using {port}.")
        self._greet(host, port, loaded)
        connection.close()
        announce()
        with measuring(settings.METRICS_PORT):
            server.serve()

    def _tell(self, text: str) -> None:
        if settings.LOG_FORMAT == "json":
            log.info(" ".join(text.split()))
        else:
            self.stdout.write(text)

    def _greet(self, host: str, port: int, loaded: bool) -> None:
        counts = ", ".join(
            f"{model.objects.count()} {model._meta.verbose_name_plural}"
            for model in (Event, Actor, Place, Agreement, Provision)
        )
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
        shown = f"[{shown}]" if ":" in shown.strip("[]") and not shown.startswith("[") else shown
        base = f"http://{shown}:{port}"
        self._tell(
            f"{'Loaded' if loaded else 'Serving'}: {counts}.\n\n"
            f"  Look       {base}/\n"
            f"  Try it     {base}/api/docs\n"
            f"  Read it    {base}/api/redoc\n"
            f"  The API    {base}/api\n\n"
            f"  curl '{base}/api/events?place=Aghdam'\n\n"
            "Ctrl-C stops it."
        )
        if host not in LOOPBACK:
            names = ", ".join(settings.ALLOWED_HOSTS)
            self._tell(f"It answers to the names in ALLOWED_HOSTS only: {names}.")
        self.stdout.flush()


def _load_fixtures() -> bool:
    """Load the built fixtures unless these very files were loaded before; say whether."""
    paths = sorted((settings.PROJECT / "fixtures" / "built").glob("*.json"))
    checksum = _checksum(paths)
    comment = f"fixtures {checksum}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('sources_release'::regclass)")
        (known,) = cursor.fetchone() or (None,)
        if known == comment and Release.objects.exists():
            return False
        call_command("loaddata", *map(str, paths), verbosity=0)
        count_uses(cursor)
        cursor.execute(f"COMMENT ON TABLE sources_release IS '{comment}'")
    return True


def _checksum(paths: list[Path]) -> str:
    content = hashlib.sha256()
    for path in paths:
        content.update(path.read_bytes())
    return content.hexdigest()


def _leave(*_: Any) -> None:
    # At once and without a word: what was begun is a transaction, and locks end with the process.
    # An exception could be lost in a callback that swallows it.
    os._exit(130)


def _free_port(host: str, wanted: int) -> tuple[str, int]:
    """Return the address that `host` names, and the first port from `wanted` on that is free."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        try:
            return _try(host, port), port
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    raise CommandError(f"The ports from {wanted} on are all taken; choose another with PORT.")


def _try(host: str, port: int) -> str:
    """Return the address of `host`; raise OSError when nobody could listen on it."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    return str(address[0])


def _server(address: str, port: int, workers: int) -> RenewingServer:
    return RenewingServer(
        "config.wsgi:application",
        address=address,
        port=port,
        workers=workers,
        blocking_threads=THREADS,
        # Of HTTP/2 nothing bounds how long a connection may be silent; a proxy speaks it with browsers.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        log_level=LogLevels.error,
        log_dictconfig=logs.OF_SERVER,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
