"""Settings from the environment that are not what they seem: refused in a sentence, and never taken for another."""

import environ
from django.core.exceptions import ImproperlyConfigured

WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


class Env(environ.Env):  # type: ignore[misc]
    """The environment; an empty variable is as one that is not set."""

    def flag(self, var: str, default: bool = False) -> bool:
        """Return whether a variable is true; raise ImproperlyConfigured if it is neither true nor false."""
        text = self.str(var, default="").strip().lower()
        if text and text not in WORDS:
            raise ImproperlyConfigured(f"{var} is true or false, not “{text}”.")
        return WORDS.get(text, default)

    def whole(self, var: str, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
        """Return a whole number; raise ImproperlyConfigured if it is none, or out of bounds."""
        text = self.str(var, default="").strip() or str(default)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            bounds = f"from {least} to {most}" if most < 2**31 - 1 else f"of {least} or more"
            raise ImproperlyConfigured(f"{var} is a whole number {bounds}, not “{text}”.")
        return int(text)
