"""Which PostgreSQL the project talks to, and as whom: DATABASE_URL, or the embedded one, and standbys of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

# How long a connection attempt may take, in seconds, before a request is answered with 503: the least that
# PostgreSQL's library knows.
CONNECT_TIMEOUT = 2

# When the system gives up a connection over the network whose other end says nothing any more, in seconds and
# (the last) milliseconds. PostgreSQL's library takes no notice of them on a socket.
LIVENESS = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# What of Django's settings says where a database is, and who connects.
PLACE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")

# Seconds for which a standby may lack a change, at least: it takes up to 3.5 to notice.
LEAST_LAG = 5

# Statements that most requests share are prepared by the server after this many uses; with the
# parameters bound there, a page costs PostgreSQL a third less.
PREPARE_THRESHOLD = 5


def configuration(url: str, data_folder: Path) -> dict[str, Any]:
    """Return Django's settings for the one database.

    `url` is the value of DATABASE_URL and may be empty: then the embedded server in `data_folder`
    is used, and started by the first connection.

    Raises ImproperlyConfigured when the URL names anything but PostgreSQL.
    """
    return _kept(_external(url) if url else _embedded(data_folder))


def standbys(urls: Sequence[str], lag: int) -> dict[str, Any]:
    """Return Django's settings for the standbys of the database, by the alias of each.

    `lag` is for how many seconds they may lack what the database has. Raises ImproperlyConfigured when that is
    too short to be noticed (`config.standbys`), or a URL names anything but PostgreSQL.
    """
    if urls and lag < LEAST_LAG:
        raise ImproperlyConfigured(f"STANDBY_LAG is a number of seconds, {LEAST_LAG} or more.")
    return {
        f"standby_{number}": _kept(_external(url, "STANDBY_URLS")) | {"TEST": {"MIRROR": "default"}}
        for number, url in enumerate(urls, 1)
    }


def _kept(database: dict[str, Any]) -> dict[str, Any]:
    # Connections are kept, one to a thread of the web server, and checked before each request.
    database["CONN_MAX_AGE"] = None
    database["CONN_HEALTH_CHECKS"] = True
    database["OPTIONS"] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "prepare_threshold": PREPARE_THRESHOLD,
        "server_side_binding": True,
        **LIVENESS,
        **database.get("OPTIONS", {}),
    }
    return database


def roles(importer: str, reader: str, *, embedded: bool) -> dict[str, dict[str, Any]]:
    """Return what settings of the database are others for the roles besides the owner (config/roles.py).

    `importer` and `reader` are URLs as DATABASE_URL is, and may be empty: then that role connects as the
    owner does or, to the embedded server, under its own name.
    """
    if embedded:
        from config.embedded.cluster import IMPORTER, READER

        return {"importer": {"USER": IMPORTER}, "reader": {"USER": READER}}
    urls = {"importer": importer, "reader": reader}
    return {
        role: {name: _external(url, f"DATABASE_{role.upper()}_URL")[name] for name in PLACE}
        if url
        else {}
        for role, url in urls.items()
    }


def _external(url: str, setting: str = "DATABASE_URL") -> dict[str, Any]:
    database: dict[str, Any] = environ.Env.db_url_config(url)
    database["HOST"] = unquote(database.get("HOST", ""))  # a socket's folder is written with %2F
    if database.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            f"{setting} must name a PostgreSQL database: postgres://user:password@host:5432/name"
        )
    return database


def _embedded(data_folder: Path) -> dict[str, Any]:
    from config.embedded import settings_for

    return settings_for(data_folder)
