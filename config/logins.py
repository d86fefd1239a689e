"""Signing in to the admin, protected against those who guess passwords.

django-axes counts what fails in the database, where all processes see it, and refuses further attempts. It
looks at the count before a password is checked and adds to it after; attempts made at once could all pass in
between. So of an account, and from an address, one attempt is made at a time.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import connection
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from api.limits import client
from api.problems import answer

# Wrong passwords until no more are looked at, in the order of AXES_LOCKOUT_PARAMETERS: for an account from one
# address, from an address whatever the account (a password tried on many), and for an account wherever they
# come from, which is the most that NIST SP 800-63B allows (3.2.2). The last is high, as whoever reaches it
# keeps the owner out, too.
LIMITS = (settings.AXES_FAILURE_LIMIT, 30, 100)


class Handler(AxesDatabaseHandler):
    """Counts failures against limits that differ."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return how much of the nearest limit is used up, in parts of the first."""
        counts = [
            attempts.aggregate(made=Sum("failures_since_start"))["made"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        ]
        return max(count * LIMITS[0] // limit for count, limit in zip(counts, LIMITS, strict=True))


class LoginForm(AdminAuthenticationForm):
    """The form of the admin, for one attempt at a time."""

    request: HttpRequest

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Otherwise browsers alone are told of it.
        name = self.fields["username"]
        name.validators.append(MaxLengthValidator(name.max_length))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        account, address = self.cleaned_data.get("username"), client(self.request)
        with _alone(f"login of {account}", f"login from {address}"):
            return super().clean()


@contextmanager
def _alone(*names: str) -> Iterator[None]:
    """Hold locks of these names; refuse rather than wait, which would keep a thread from readers."""
    # The same connection to the end, whichever it is: locks are a session's.
    with connection.cursor() as cursor, ExitStack() as held:
        for name in names:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
            if cursor.fetchone() != (True,):
                raise ValidationError(
                    "Somebody else is just signing in to this account or from this address. "
                    "Try again in a moment."
                )
            unlock = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
            held.callback(cursor.execute, unlock, [name])
        yield


def refused(request: HttpRequest, *_: Any) -> HttpResponse:
    """Answer an attempt that is one too many, the same whether there is such an account or not."""
    detail = (
        "Too many wrong passwords for this account or from this address. Wait an hour, or ask those who run "
        "the service."
    )
    response = answer(request, HTTPStatus.TOO_MANY_REQUESTS, detail)
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
