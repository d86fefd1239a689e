"""Addresses of pages, each of which shows what the API answers at the same address under /api.

The list of events is at the root: `/?place=Aghdam` shows the answer to `/api/events?place=Aghdam`.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

API = "/api"
EVENTS, AGREEMENTS = "/events", "/agreements"

# Where a list goes on: of no use in another query.
PAGING = ("cursor", "page")
# What others add to links that are shared, to see who followed them.
TRACKING = (
    "fbclid",
    "gclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "msclkid",
    "ref_src",
    "twclid",
    "yclid",
)

# What a file has no use for, besides: it holds all rows, and its suffix says what it is.
OF_PAGES = (*PAGING, "page_size", "count", "format")


def is_page(path: str) -> bool:
    """Return whether a page with records is at `path`, which asks the database."""
    return path == "/" or any(
        path == top or path.startswith(f"{top}/") for top in (EVENTS, AGREEMENTS)
    )


def api_path(path: str) -> str:
    """Return what the page at `path` asks the API for."""
    return API + (EVENTS if path == "/" else path)


def page_address(url: str) -> str:
    """Return the address of the page that shows what is at an address of the API."""
    parts = urlsplit(url)
    path = parts.path.removeprefix(API)
    return joined("/" if path == EVENTS else path, parts.query)


def query_of(meta: Mapping[str, str]) -> str:
    """Return the query string of a request, percent-encoded also where it was sent as it is."""
    return quote(meta.get("QUERY_STRING", "").encode("latin-1"), safe="%&=+,:;/?@!$'()*[]~")


def joined(path: str, query: str) -> str:
    """Return an address of this host."""
    return f"{path}?{query}" if query else path


def without(query: str, names: Iterable[str]) -> str:
    """Return a query string as it stands, but for the parameters of these names."""
    parts = [part for part in query.split("&") if part.partition("=")[0] not in names]
    return "&".join(filter(None, parts))


def cleaned(query: str, names: Iterable[str] = ()) -> str:
    """Return a query string without what says nothing of the data.

    That is what others add to links, and of these parameters those that are empty, as forms send what nobody filled in.
    """
    parts = [part.partition("=") for part in query.split("&")]
    filled = [
        f"{name}{sign}{value}"
        for name, sign, value in parts
        if name not in TRACKING
        and not name.startswith("utm_")
        and (name not in names or value.replace("+", "").replace("%20", ""))
    ]
    return "&".join(filter(None, filled))
