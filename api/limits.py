"""A limit to how many requests an address may make, if there shall be one.

Time is cut into windows of equal length, and the requests of an address are counted within each. Each
process counts for itself: with several, an address may make as many times the requests.
"""

import math
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from threading import Lock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from api.problems import answer, is_api

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}

# Addresses counted at once: beyond them all begin anew, so that memory stays bounded.
ADDRESSES = 100_000


class RateLimitMiddleware:
    """Counts the requests under /api, tells clients how many are left, and refuses more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.RATE_LIMIT:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.quota, self.seconds = parse_limit(settings.RATE_LIMIT)
        self.policy = f'"default";q={self.quota};w={self.seconds}'
        self.window, self.made, self.lock = 0, dict[str, int](), Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request.path_info):
            return self.get_response(request)
        left, wait = self.count(client(request), time.time())
        if left < 0:
            detail = f"At most {self.quota} requests are answered in {self.seconds} seconds."
            response = answer(request, HTTPStatus.TOO_MANY_REQUESTS, detail)
            response["Retry-After"] = str(wait)
        else:
            response = self.get_response(request)
        response["RateLimit-Policy"] = self.policy
        response["RateLimit"] = f'"default";r={max(0, left)};t={wait}'
        return response

    def count(self, address: str, now: float) -> tuple[int, int]:
        """Count a request; return how many are left and the seconds until the next window."""
        window = int(now // self.seconds)
        with self.lock:
            if window != self.window or len(self.made) >= ADDRESSES:
                self.window = window
                self.made.clear()
            made = self.made[address] = self.made.get(address, 0) + 1
        return self.quota - made, math.ceil((window + 1) * self.seconds - now)


def parse_limit(text: str) -> tuple[int, int]:
    """Return the requests and the seconds that a limit such as 600/minute stands for."""
    if match := re.fullmatch(rf"([1-9][0-9]{{0,8}})/({'|'.join(SECONDS)})", text):
        return int(match[1]), SECONDS[match[2]]
    raise ImproperlyConfigured(
        f"RATE_LIMIT is a number of requests per {', '.join(SECONDS)}, such as 600/minute, not “{text}”."
    )


def client(request: HttpRequest) -> str:
    """Return the network of the client: its address, or the /64 that a site is given (IPv6).

    A proxy adds what it saw at the end of its header; what stands before may be forged. All that have no
    address, as over a socket of the machine, are one client: "::".
    """
    text = request.META.get("REMOTE_ADDR", "")
    if name := settings.CLIENT_ADDRESS_HEADER:
        text = request.headers.get(name, text).rpartition(",")[2].strip()
    try:
        address = ip_address(text)
    except ValueError:
        return "::"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)
