"""What documents show is what the service answers.

`UPDATE_EXAMPLES=1 make test` writes docs/examples.json anew; `make schema` then takes it up.
"""

import json
import os
import re
from typing import Any

import pytest
import yaml
from django.conf import settings

PATH = settings.PROJECT / "docs" / "examples.json"
README = settings.PROJECT / "README.md"

# Requests whose answers the OpenAPI document shows, by operation.
REQUESTS = {
    "getIndex": "/api",
    "listEvents": "/api/events?place=Aghdam&actor=Azerbaijan",
    "getEvent": "/api/events/azerbaijani-forces-enter-aghdam",
    "summarizeEvents": "/api/events/summary?by=month,root_type&place=Aghdam",
    "listActors": "/api/actors?name=Ilham+Aliyev",
    "getActor": "/api/actors/ilham-aliyev",
    "listPlaces": "/api/places?name=Agdam",
    "getPlace": "/api/places/aghdam",
    "listAgreements": "/api/agreements?status=failed",
    "getAgreement": "/api/agreements/us-brokered-cease-fire-2020",
    "listProvisions": "/api/provisions?status=fulfilled",
    "getProvision": "/api/provisions/hand-over-of-aghdam",
    "listSources": "/api/sources?kind=article",
    "getSource": "/api/sources/npr-2020-11-20",
    "listDatasets": "/api/datasets",
    "getDataset": "/api/datasets/aghdam-2020",
    "listEventTypes": "/api/event-types?root=CONSULT",
    "getEventType": "/api/event-types/retreat-withdraw",
}

# What differs from one installation to the next, and what stands for it.
VARYING = [
    (r'"(updated_at|loaded_at|data_changed_at)": "[^"]*"', r'"\1": "2026-11-23T00:00:00Z"'),
    (r'"data_revision": \d+', '"data_revision": 1'),
    (r"http://testserver", "http://127.0.0.1:8000"),
]


def settled(answer: Any) -> str:
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    for pattern, stand_in in VARYING:
        text = re.sub(pattern, stand_in, text)
    return text


def test_examples_are_real_answers(get: Any) -> None:
    made = {
        operation: {
            "request": path,
            "id": path.rpartition("/")[2],
            "answer": json.loads(settled(get(path))),
        }
        for operation, path in REQUESTS.items()
    }
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("UPDATE_EXAMPLES"):
        PATH.write_text(text, encoding="utf-8")
    assert PATH.read_text(encoding="utf-8") == text, "run UPDATE_EXAMPLES=1 make test"


def test_every_operation_shows_an_example() -> None:
    document = yaml.safe_load((settings.PROJECT / "openapi.yaml").read_text(encoding="utf-8"))
    for path in document["paths"].values():
        operation = path["get"]
        content = operation["responses"]["200"]["content"]["application/json"]
        assert content["example"], operation["operationId"]


def readme_answer() -> list[str]:
    block = README.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    return [line.strip() for line in block.splitlines()]


def test_the_readme_shows_the_real_answer(get: Any) -> None:
    text = README.read_text(encoding="utf-8")
    assert "curl 'http://127.0.0.1:8000/api/events?place=Aghdam'" in text
    answer = iter(line.strip() for line in settled(get("/api/events", place="Aghdam")).splitlines())
    shown = [line for line in readme_answer() if line != "…"]
    assert len(shown) > 20
    for line in shown:
        # Lines come in their order; those between may be left out, as … says.
        assert any(line == real for real in answer), line


@pytest.mark.parametrize(
    "target", ["run", "test", "test-slow", "check", "format", "fixtures", "schema", "lock"]
)
def test_every_make_target_is_explained(target: str) -> None:
    makefile = (settings.PROJECT / "Makefile").read_text(encoding="utf-8")
    assert f"make {target} " in makefile
    assert f"\n{target}: " in makefile
