"""What is left of the type of a body: a form for the admin, or nothing."""

import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from api.replay import in_one_piece
from config.forms import FORM, plain, plain_types

ODD = [
    "a/b; x*=nosuch''%41",
    "a/b; charset*=idna''%ff",
    "a/b; charset=idna''%ff",
    "multipart/form-data; boundary*=undefined''B",
    "multipart/form-data; boundary=utf-8; charset=undefined",
    "application/x-www-form-urlencoded; charset=utf-7; x=utf-8",
]


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("application/x-www-form-urlencoded", FORM),
        ("Application/X-WWW-Form-URLencoded ; charset=cp037", FORM),
        ("application/x-www-form-urlencoded; x*=nosuch''%41", FORM),
        ("multipart/form-data; boundary=B", 'multipart/form-data; boundary="B"'),
        (
            "multipart/form-data; charset=zlib_codec; Boundary=----WebKitFormBoundary7MA4",
            'multipart/form-data; boundary="----WebKitFormBoundary7MA4"',
        ),
        (
            'multipart/form-data;boundary="a b=c?(d):e" ; charset=utf-8',
            'multipart/form-data; boundary="a b=c?(d):e"',
        ),
        ("multipart/form-data", ""),
        ("multipart/form-data; boundary=", ""),
        ('multipart/form-data; boundary="B "', ""),
        ('multipart/form-data; boundary="a\\"b"', ""),
        ("multipart/form-data; boundary=a b", ""),
        ("multipart/form-data; boundary=" + "a" * 71, ""),
        ("multipart/form-data; boundary=\xe4", ""),
        ("multipart/form-data; boundary*=undefined''B", ""),
        ("multipart/form-data; boundary*0=B", ""),
        ("multipart/mixed; boundary=B", ""),
        ("application/json; charset=utf-8", ""),
        ("text/plain", ""),
        ("", ""),
        (";;;=", ""),
    ],
)
def test_a_form_is_named_anew_and_everything_else_is_nothing(told: str, left: str) -> None:
    assert plain(told) == left
    assert plain(left) == left


@pytest.mark.parametrize("told", ODD)
@pytest.mark.parametrize("method", ["POST", "get", "PROPFIND"])
def test_no_type_breaks_the_making_of_a_request(ask: Any, told: str, method: str) -> None:
    application = plain_types(in_one_piece(WSGIHandler()))
    environment = {"application": application, "CONTENT_TYPE": told}
    _, content = ask("/api", method, **environment)
    assert method == "get" or json.loads(content)["status"] == 405
    _, content = ask("/admin/login/", method, HTTP_COOKIE=f"csrftoken={'a' * 32}", **environment)
    assert b"wrong on our side" not in content
