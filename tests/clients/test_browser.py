"""Swagger UI in a browser: what a person who opens it sees."""

import json
import shutil

import pytest

from tests.clients.conftest import HERE, run

pytestmark = [pytest.mark.client, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("needs Chromium: apt install chromium")
    return found


def test_execute_shows_the_event_and_no_other_host_is_asked(
    node: str, chromium: str, base: str
) -> None:
    told = json.loads(run(node, HERE / "browser.mjs", base, chromium))
    assert told["request"] == f"{base}/api/events?place=Aghdam&sort=-date"
    assert told["status"].startswith("200")
    assert "azerbaijani-forces-enter-aghdam" in told["answer"]
    others = [url for url in told["asked"] if not url.startswith((f"{base}/", "data:", "blob:"))]
    assert others == []
    assert told["complaints"] == []
