"""Settings from the environment: what is neither one thing nor the other is refused."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Env

NAME = "OF_THIS_TEST"


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Env:
    """Return an environment in which a variable is what the test is given."""
    monkeypatch.setenv(NAME, request.param)
    return Env()


@pytest.mark.parametrize(
    ("env", "is_on"),
    [("true", True), ("Yes", True), (" on ", True), ("1", True), ("0", False), ("OFF", False)],
    indirect=["env"],
)
def test_a_flag_is_on_or_off(env: Env, is_on: bool) -> None:
    assert env.flag(NAME, default=not is_on) is is_on


@pytest.mark.parametrize("env", ["", " "], indirect=True)
def test_what_is_empty_is_not_set(env: Env) -> None:
    assert env.flag(NAME, default=True)
    assert env.whole(NAME, default=60) == 60


@pytest.mark.parametrize("env", ["maybe", "enabled", "2", "tru"], indirect=True)
def test_what_is_neither_is_refused(env: Env) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is true or false, not “"):
        env.flag(NAME)


@pytest.mark.parametrize("env", ["abc", "-1", "1.5", "٣", "99999999999"], indirect=True)
def test_what_is_no_whole_number_is_refused(env: Env) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is a whole number of 0 or more, not “"):
        env.whole(NAME, default=0)


@pytest.mark.parametrize("env", ["0", "70000"], indirect=True)
def test_a_number_has_bounds(env: Env) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is a whole number from 1 to 65535"):
        env.whole(NAME, default=1, least=1, most=65_535)
