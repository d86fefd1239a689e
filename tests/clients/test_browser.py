"""The pages in a browser: what a person who opens them sees, and that nothing in them is blocked."""

import json

import pytest

from tests.clients.conftest import HERE, run
from tests.service import Service

pytestmark = [pytest.mark.client, pytest.mark.enable_socket]


def test_execute_shows_the_event_and_no_other_host_is_asked(
    node: str, chromium: str, base: str
) -> None:
    told = json.loads(run(node, HERE / "swagger.mjs", base, chromium))
    assert told["request"] == f"{base}/api/events?place=Aghdam&sort=-date"
    assert told["status"].startswith("200")
    assert told["explorer"] == 1
    assert "azerbaijani-forces-enter-aghdam" in told["answer"]
    others = [url for url in told["asked"] if not url.startswith((f"{base}/", "data:", "blob:"))]
    assert others == []
    assert told["complaints"] == []


def test_no_page_breaks_its_own_policy(
    node: str, chromium: str, service: Service, base: str
) -> None:
    """In every page of the service, and with what scripts of the admin do."""
    name, password = "curator", "correct horse battery"
    service.add_curator(name, password)
    told = json.loads(run(node, HERE / "pages.mjs", base, chromium, name, password))
    assert told["complaints"] == []
    others = [url for url in told["asked"] if not url.startswith((f"{base}/", "data:", "blob:"))]
    assert others == []
    assert all(told["titles"].values())
    assert "Please enter the correct username and password" in told["refusal"]
    assert "Crowds celebrate in Baku" in told["titles"]["saved"]
    assert "curator" in told["line"]
    assert "Crowds celebrate in Baku" in told["line"]
    assert told["suggested"] == "baku-port"
    assert told["iconWidth"] > 0
    # Readers are given no cookie; curators those two, which scripts cannot read.
    assert told["cookiesOfReaders"] == []
    assert {cookie["name"] for cookie in told["cookies"]} == {"sessionid", "csrftoken"}
    assert {(cookie["httpOnly"], cookie["sameSite"]) for cookie in told["cookies"]} == {
        (True, "Lax")
    }
