"""A limit to how many requests an address may make, if there shall be one.

Time is cut into windows of equal length, and the requests of an address are counted within each, exactly, for all
processes of a machine. Where they cannot be counted, they are answered.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from api.problems import answer, is_api
from api.tally import Tally

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}

# The file of the counts, in the folder of all that is written.
FILE = "requests"

# Seconds between two lines of the log that say that nothing is counted.
QUIET = 60.0

# Where a request holds that it was counted: as which of its client's, and how many seconds before they begin anew.
COUNTED = "api.counted"

# An address as some proxies write it: with a port, and the longer ones in brackets for that.
WITH_PORT = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")

log = logging.getLogger(__name__)


class RateLimitMiddleware:
    """Counts the requests under /api, tells clients how many are left, and refuses more.

    Those that are refused for what they ask are counted, too; what browsers ask beforehand (CORS) is not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.RATE_LIMIT:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.quota, self.seconds = parse_limit(settings.RATE_LIMIT)
        self.policy = f'"default";q={self.quota};w={self.seconds}'
        self.tally = Tally(settings.DATA_FOLDER / FILE, self.seconds, settings.SECRET_KEY)
        self.logged = -math.inf

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request.path_info):
            return self.get_response(request)
        try:
            made, rest = self._count(request)
        except OSError as error:
            self._log(error)
            return self.get_response(request)
        left, wait = self.quota - made, math.ceil(rest)
        if left < 0:
            detail = f"At most {self.quota} requests are answered in {self.seconds} seconds."
            response = answer(request, HTTPStatus.TOO_MANY_REQUESTS, detail)
            response["Retry-After"] = str(wait)
            response["Cache-Control"] = "no-store"
        else:
            response = self.get_response(request)
        response["RateLimit-Policy"] = self.policy
        response["RateLimit"] = f'"default";r={max(0, left)};t={wait}'
        return response

    def _count(self, request: HttpRequest) -> tuple[int, float]:
        """Count a request, once: one that a standby could not answer comes again (config/routing.py)."""
        if COUNTED not in request.META:
            request.META[COUNTED] = self.tally.count(client(request))
        counted: tuple[int, float] = request.META[COUNTED]
        return counted

    def _log(self, error: OSError) -> None:
        """Say that requests are not counted, once a minute."""
        now = time.monotonic()
        if now - self.logged >= QUIET:
            self.logged = now
            log.warning("Requests are not counted, RATE_LIMIT does not hold: %s", error)


def parse_limit(text: str) -> tuple[int, int]:
    """Return the requests and the seconds that a limit such as 600/minute stands for."""
    if match := re.fullmatch(rf"([1-9][0-9]{{0,8}})/({'|'.join(SECONDS)})", text):
        return int(match[1]), SECONDS[match[2]]
    raise ImproperlyConfigured(
        f"RATE_LIMIT is a number of requests per {', '.join(SECONDS)}, such as 600/minute, not “{text}”."
    )


def address_of(asked: Mapping[str, Any]) -> str:
    """Return what is taken for the address of the client of a request, as WSGI has it.

    Each proxy adds what it saw at the end of its header; what stands before those of our own may be forged. Where no
    address stands there, as in a header of which a client made something else than letters, it is the proxy's own.
    """
    text: str = asked.get("REMOTE_ADDR", "")
    if name := settings.CLIENT_ADDRESS_HEADER:
        header = f"HTTP_{name.upper().replace('-', '_')}"
        added = asked.get(header, text).rsplit(",", settings.TRUSTED_PROXIES)
        told = _read(added[-settings.TRUSTED_PROXIES :][0].strip())
        text = str(told) if told else text
    return text


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a text is, with a port or without."""
    found = WITH_PORT.fullmatch(text)
    try:
        return ip_address((found[1] or found[2]) if found else text)
    except ValueError:
        return None


def client(request: HttpRequest) -> str:
    """Return the network of the client: its address, or the /64 that a site is given (IPv6).

    All that have no address, as over a socket of the machine, are one client: "::".
    """
    try:
        address = ip_address(address_of(request.META))
    except ValueError:
        return "::"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)
