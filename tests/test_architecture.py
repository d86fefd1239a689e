"""The shape of the house: what the import contracts cannot see."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

PROJECT: Path = settings.PROJECT
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PYPROJECT["tool"]["importlinter"]
LAYERS = CONTRACTS["contracts"][0]["layers"]
LOCAL = [app for app in settings.INSTALLED_APPS if (PROJECT / app).is_dir()]
MODULES = [
    path
    for app in LOCAL
    for path in (PROJECT / app).rglob("*.py")
    if "migrations" not in path.parts
]

# A module is looked at again at 300 lines, and split at 400.
MOST_LINES = 400


def test_every_app_is_in_the_contract() -> None:
    assert sorted(LOCAL) == sorted(LAYERS) == sorted(CONTRACTS["root_packages"])


def test_relations_point_downwards() -> None:
    rank = {name: number for number, name in enumerate(reversed(LAYERS))}
    for model in apps.get_models(include_auto_created=True):
        here = model._meta.app_label
        if here not in rank:
            continue
        for field in model._meta.get_fields():
            target: Any = field.related_model
            if target is None or (field.auto_created and not field.concrete):
                continue
            there = target._meta.app_label
            assert rank[there] <= rank[here], f"{model.__name__}.{field.name} points up to {there}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_no_domain_noun_stands_in_the_plumbing() -> None:
    nouns = {"event", "actor", "place", "agreement", "provision", "dataset"}
    for path in (PROJECT / "api").rglob("*.py"):
        names = {path.stem, *path.stem.split("_")}
        assert not names & (nouns | {noun + "s" for noun in nouns}), path
