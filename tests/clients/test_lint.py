"""A second opinion on the OpenAPI document: all that Redocly recommends, warnings included."""

import pytest

from tests.clients.conftest import DOCUMENT, HERE, MODULES, run

pytestmark = pytest.mark.client


def test_redocly_finds_nothing(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDOCLY_TELEMETRY", "off")
    monkeypatch.setenv("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
    redocly = MODULES / ".bin" / "redocly"
    run(redocly, "lint", "--config", HERE / "redocly.yaml", DOCUMENT)
