"""What a request says of its body: a form for the admin, in as few words as there can be, or nothing.

The framework takes the header Content-Type apart before anything of ours is asked: it decodes parameters by whatever
charset they name (RFC 2231), and fails on one that is no charset. It decodes the query string and the form by the
charset of the header, too. Forms are in UTF-8, and nobody but the admin has any.
"""

import re
from collections.abc import Iterable
from typing import Any

from api.replay import Application, Environ
from config.bodies import ADMIN

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"

# What stands between the parts of a form (RFC 2046, 5.1.1), in quotation marks or, without spaces, as it is.
BOUNDARY = re.compile(
    r"""\s*boundary=(?:"([0-9a-z'()+_,./:=?\ -]{0,69}[0-9a-z'()+_,./:=?-])"|([0-9a-z'()+_,./:=?-]{1,70}))\s*""",
    re.ASCII | re.IGNORECASE,
)


def plain_types(application: Application) -> Application:
    """Give requests to another as they are, but for the type of their body."""

    def answer(request: Environ, start_response: Any) -> Iterable[bytes]:
        told = request.get("CONTENT_TYPE")
        if told:
            request["CONTENT_TYPE"] = plain(told) if request["PATH_INFO"].startswith(ADMIN) else ""
        return application(request, start_response)

    return answer


def plain(content_type: str) -> str:
    """Return the type of a form, written anew of what is known of it; nothing of other types."""
    name, *parameters = content_type.split(";")
    match name.strip().lower():
        case "application/x-www-form-urlencoded":
            return FORM
        case "multipart/form-data":
            found = next(filter(None, map(BOUNDARY.fullmatch, parameters)), None)
            return f'{PARTS}; boundary="{found[1] or found[2]}"' if found else ""
    return ""
