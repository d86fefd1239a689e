"""The repository itself: what stands in several files says the same everywhere."""

import ast
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.urls import resolve
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from config.embedded.account import MAJOR_VERSION

PROJECT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())

# Read from the environment, but set by the system or by manage.py.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PATH"}

# How modules call the environment: `env`, `os.environ`, `os.getenv`.
ENVIRONMENT = re.compile(r"\b(env|environ|getenv)\b")

# What a container is made from: a tag may come to mean another image, and a digest may not.
DIGEST = "@sha256:[0-9a-f]{64}"

# In parts, as no file may name them.
REGISTRIES = [
    ".".join(parts).encode()
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
    )
]


def _read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def _files() -> list[Path]:
    """Return the files that are in git, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    paths = {PROJECT / name for name in listed.stdout.split("\0") if name}
    return sorted(path for path in paths if path.is_file())


def _compose() -> dict[str, Any]:
    return yaml.safe_load(_read("docker-compose.yml"))["services"]


def _dockerfile(instruction: str) -> list[str]:
    """Return the arguments of an instruction, in order, with continued lines joined."""
    text = _read("Dockerfile").replace("\\\n", " ")
    return re.findall(rf"^{instruction}\s+(.+?)\s*$", text, re.MULTILINE)


# ---- Versions ----


def test_version_is_the_same_everywhere() -> None:
    version = PYPROJECT["project"]["version"]
    assert version == settings.VERSION
    assert yaml.safe_load(_read("CITATION.cff"))["version"] == version


def test_licence_is_the_same_everywhere() -> None:
    licence = PYPROJECT["project"]["license"]
    assert yaml.safe_load(_read("CITATION.cff"))["license"] == licence == "BSD-3-Clause"
    assert _read("LICENSE").startswith("BSD 3-Clause License\n")


def test_container_runs_the_embedded_postgresql_release() -> None:
    image = re.fullmatch(rf"postgres:(\d+)\.\d+-\w+{DIGEST}", _compose()["db"]["image"])
    assert image
    assert int(image[1]) == MAJOR_VERSION


def test_container_runs_a_supported_python() -> None:
    (base,) = _dockerfile("ARG")
    image = re.fullmatch(rf"PYTHON_IMAGE=python:(\d+\.\d+\.\d+)-slim-\w+{DIGEST}", base)
    assert image
    assert image[1] in SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert {stage.partition(" ")[0] for stage in _dockerfile("FROM")} == {"${PYTHON_IMAGE}"}


# ---- Environment variables ----


def _variables(path: Path) -> set[str]:
    """Return the variables that a module reads: WORD in `env.str("WORD")`, `_whole("WORD", 1)`."""
    source = path.read_text(encoding="utf-8")
    if "environ" not in source:
        return set()
    names = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=reader, args=[ast.Constant(value=str(name)), *_]):
                if isinstance(reader, ast.Name) or ENVIRONMENT.search(ast.unparse(reader)):
                    names.add(name)
            case ast.Subscript(value=reader, slice=ast.Constant(value=str(name))):
                if ENVIRONMENT.search(ast.unparse(reader)):
                    names.add(name)
    return {name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]+", name)} - NOT_OURS


def _service_variables() -> set[str]:
    packages = set(PYPROJECT["tool"]["importlinter"]["root_packages"])
    modules = [
        path
        for path in _files()
        if path.suffix == ".py" and path.relative_to(PROJECT).parts[0] in packages
    ]
    return set().union(*map(_variables, modules))


def _compose_variables() -> set[str]:
    passed_on = {name for name, value in _compose()["app"]["environment"].items() if value is None}
    return passed_on | set(re.findall(r"\$\{(\w+)", _read("docker-compose.yml")))


def test_variables_are_found() -> None:
    assert {"DATABASE_URL", "DATELINE_DATA", "SECRET_KEY"} <= _service_variables()
    assert {"HOST", "PORT", "WORKERS"} <= _service_variables()


def test_env_example_holds_the_variables_and_no_others() -> None:
    shown = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", _read(".env.example"), re.MULTILINE)
    assert len(shown) == len(set(shown))
    assert set(shown) == _service_variables() | _compose_variables()


def test_env_example_explains_each_variable() -> None:
    for paragraph in _read(".env.example").split("\n\n")[1:]:
        *comment, last = paragraph.strip().splitlines()
        if not last.startswith("# ---"):
            assert comment, last
            assert re.match(r"(# )?[A-Z][A-Z0-9_]+=", last), last


def test_readme_names_each_variable() -> None:
    if not (PROJECT / "README.md").exists():
        pytest.skip("there is no README.md yet")
    readme = _read("README.md")
    missing = {name for name in _service_variables() if not re.search(rf"\b{name}\b", readme)}
    assert not missing


# ---- Dependencies ----


def _pins(name: str) -> dict[str, str]:
    """Return package -> version of a requirements file; fails on all but pins with hashes."""
    pins: dict[str, str] = {}
    entries = re.split(r"^(?=\S)", _read(name), flags=re.MULTILINE)
    for entry in filter(None, entries):
        pin = re.fullmatch(
            r"([a-z0-9-]+)(?:\[[a-z,]+\])?==([\w.]+)( ; [^\\\n]+?)?"
            r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n",
            entry,
        )
        assert pin, f"{name}: not a pin with hashes: {entry[:80]!r}"
        # One for each Python, if need be.
        package = pin[1] if pin[1] not in pins else f"{pin[1]}{pin[3] or ''}"
        assert package not in pins, f"{name}: {package} stands there twice"
        pins[package] = pin[2]
    return pins


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("requirements.txt", PYPROJECT["project"]["dependencies"]),
        ("requirements-metrics.txt", PYPROJECT["dependency-groups"]["metrics"]),
        (
            "requirements-dev.txt",
            [
                *PYPROJECT["project"]["dependencies"],
                *PYPROJECT["dependency-groups"]["dev"],
                *PYPROJECT["dependency-groups"]["clients"],
                *PYPROJECT["dependency-groups"]["metrics"],
            ],
        ),
    ],
)
def test_requirements_hold_each_dependency_in_its_range(name: str, declared: list[str]) -> None:
    pins = _pins(name)
    for requirement in map(Requirement, declared):
        package = canonicalize_name(requirement.name)
        assert package in pins, f"{name} lacks {package}: make lock"
        assert pins[package] in requirement.specifier, f"{name}: {package}: make lock"


def test_tests_run_with_what_is_served() -> None:
    assert _pins("requirements.txt").items() <= _pins("requirements-dev.txt").items()


@pytest.mark.parametrize("path", sorted(PROJECT.glob("requirements*.txt")), ids=lambda p: p.name)
def test_what_is_installed_together_agrees(path: Path) -> None:
    ours, others = _pins("requirements-dev.txt"), _pins(path.name)
    assert {name: ours[name] for name in ours.keys() & others.keys()}.items() <= others.items()


def test_what_is_installed_is_held_against_hashes() -> None:
    (installed,) = [
        line
        for line in _dockerfile("RUN")
        if " install " in line and "pip" in line and "-r" in line
    ]
    for command in (
        installed,
        _read("Makefile").partition("define install")[2].partition("endef")[0],
    ):
        assert "--require-hashes" in command


def test_each_dependency_has_its_reason() -> None:
    lines = [line.strip() for line in _read("pyproject.toml").splitlines()]
    for opening in ("dependencies = [", "dev = [", "clients = [", "audit = [", "metrics = ["):
        start = lines.index(opening)
        block = lines[start : lines.index("]", start)]
        for above, line in pairwise(block):
            # Plugins and stubs share the reason of what they extend.
            extends = re.match(r'"(pytest-|types-|[\w-]+-stubs)', line)
            assert line.startswith("#") or extends or above.startswith("#"), line


def test_no_file_names_a_package_registry() -> None:
    # Where packages come from is the choice of whoever installs them.
    named = [
        f"{path.relative_to(PROJECT)}: {registry.decode()}"
        for path in _files()
        for registry in REGISTRIES
        if registry in path.read_bytes()
    ]
    assert not named


# ---- Containers ----


def test_health_checks_ask_for_a_page_that_exists() -> None:
    checks = [*_dockerfile("HEALTHCHECK"), str(_compose()["app"]["healthcheck"]["test"])]
    asked = {re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", check).groups() for check in checks}
    ((port, path),) = asked
    assert resolve(path).url_name == "readyz"
    assert _dockerfile("EXPOSE") == [port]
    assert _compose()["app"]["ports"][0].endswith(f":{port}")


def test_health_checks_are_allowed_hosts() -> None:
    assert "127.0.0.1" in settings.ALLOWED_HOSTS
    assert _compose()["app"]["environment"]["ALLOWED_HOSTS"].startswith("127.0.0.1,")


def test_container_holds_no_more_rights_than_it_needs() -> None:
    app = _compose()["app"]
    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]
    assert app["security_opt"] == ["no-new-privileges:true"]
    assert app["ports"] == ["${PUBLISH:-127.0.0.1:8000}:8000"]
    assert "ports" not in _compose()["db"]
    (user,) = _dockerfile("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    # What may be written: a folder that is kept, and one that is not.
    assert app["tmpfs"] == ["/tmp"]  # noqa: S108 (in the container)
    assert not {"privileged", "user", "pid", "network_mode", "devices"} & app.keys()
    # No compiler gets in, and pip goes.
    assert not [line for line in _dockerfile("RUN") if "apt" in line]
    assert any("pip uninstall" in line for line in _dockerfile("RUN"))


def test_container_keeps_what_it_writes() -> None:
    services = _compose()
    assert services["app"]["volumes"] == [f"data:{folder}" for folder in _dockerfile("VOLUME")]
    # Where PostgreSQL 18's image has its volume; 17's was the subfolder `data`.
    assert services["db"]["volumes"] == ["db:/var/lib/postgresql"]
