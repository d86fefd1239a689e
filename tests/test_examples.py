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
REQUESTS: dict[str, Any] = {
    "getIndex": "/api",
    "listEvents": {
        "Everything in Aghdam": "/api/events?place=Aghdam",
        "Azerbaijan in Aghdam": "/api/events?place=Aghdam&actor=Azerbaijan&page_size=1",
        "Retreats of November 2020": "/api/events?type=RETREAT&date=2020-11&page_size=1",
        "Words about a cease-fire": "/api/events?q=cease-fire&page_size=1",
        "The deadliest event": "/api/events?sort=-deaths&page_size=1",
    },
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

# Requests that are refused, which the document shows with every operation, by status.
PROBLEMS = {
    400: {
        "An unknown parameter": "/api/places?nmae=Agdam",
        "An unknown name": "/api/events?place=Agdem",
        "A number out of range": "/api/events?page_size=5000",
    },
    404: {
        "No such record": "/api/events/nothing-here",
        "No such page": "/api/events?page=100",
    },
}

# What differs from one installation to the next, and what stands for it.
VARYING = [
    (r'"(updated_at|loaded_at|data_changed_at)": "[^"]*"', r'"\1": "2026-11-23T00:00:00Z"'),
    (r'"data_revision": \d+', '"data_revision": 1'),
    (r"http://testserver", "http://127.0.0.1:8000"),
    # Signed with the secret of the installation.
    (r"cursor=[\w%.-]+", "cursor=opaque"),
]


def settled(answer: Any) -> str:
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    for pattern, stand_in in VARYING:
        text = re.sub(pattern, stand_in, text)
    return text


def recorded(get: Any, path: str, status: int = 200) -> dict[str, Any]:
    return {"request": path, "answer": json.loads(settled(get(path, status)))}


def test_examples_are_real_answers(get: Any) -> None:
    made: dict[str, Any] = {}
    for operation, asked in REQUESTS.items():
        if isinstance(asked, str):
            made[operation] = {"id": asked.rpartition("/")[2], **recorded(get, asked)}
        else:
            named = {title: recorded(get, path) for title, path in asked.items()}
            made[operation] = {"named": named}
    made["problems"] = {
        status: {title: recorded(get, path, status) for title, path in asked.items()}
        for status, asked in PROBLEMS.items()
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
        assert content.get("example") or content["examples"], operation["operationId"]


def test_named_examples_find_something_and_stand_in_the_document(get: Any) -> None:
    document = yaml.safe_load((settings.PROJECT / "openapi.yaml").read_text(encoding="utf-8"))
    operation = document["paths"]["/api/events"]["get"]
    shown = operation["responses"]["200"]["content"]["application/json"]["examples"].values()
    for title, path in REQUESTS["listEvents"].items():
        assert get(path)["count"] > 0, title
        assert f"[{title}]({path})" in operation["description"]
        assert [e["description"] for e in shown if e["summary"] == title] == [f"`GET {path}`"]


def readme_answer() -> list[str]:
    block = README.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    return [line.strip() for line in block.splitlines()]


def test_the_readme_shows_the_real_answer(get: Any) -> None:
    text = README.read_text(encoding="utf-8")
    assert "curl -s 'http://127.0.0.1:8000/api/events?place=Aghdam' |" in text
    answer = iter(line.strip() for line in settled(get("/api/events", place="Aghdam")).splitlines())
    shown = [line for line in readme_answer() if line != "…"]
    assert len(shown) > 20
    for line in shown:
        # Lines come in their order; those between may be left out, as … says.
        assert any(line == real for real in answer), line


MAKEFILE = (settings.PROJECT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):(?! *=)", MAKEFILE, re.MULTILINE))
def test_every_make_target_is_explained(target: str) -> None:
    assert target == "help" or f'echo "make {target} ' in MAKEFILE
