"""An id is one text in one form, and nothing is served but what is declared."""

import pytest

from tests.hostile.conftest import Ask

NOT_IDS = [
    *["%00", "a%00", "%FF", "%ED%A0%80", "%D9%A3", "1_0", "-1", "0", "1.0", "99999999999999999999", "1.xml"],
    *["..%2f..%2fetc%2fpasswd", "%2e%2e", "%252e%252e", "..;", "1%0d%0aSet-Cookie:%20a=b", "%0a", "%20", "*"],
    *["'", "%22", "%3Cscript%3E", "{id}", "null", "undefined", "true", "%E2%80%AE", "x" * 5000, "%F0%9F%92%A3"],
    *["a%2Fb", "%2F", "%5C", "%25", "%2500", ";", "a;b=c", "$ne", "%7B%7B7*7%7D%7D"],
]  # fmt: skip


def test_what_is_no_id_is_not_found(ask: Ask, records_path: str) -> None:
    for text in NOT_IDS:
        ask(f"{records_path}{text}", [404])


def test_ids_are_found_as_they_are_written(ask: Ask, records_path: str) -> None:
    (record, *_) = ask(records_path.rstrip("/"), [200]).json()["results"]
    ask(record["url"], [200])
    for text in (
        record["id"].upper(),
        f"%20{record['id']}",
        f"{record['id']}%00",
        f"{record['id']}.",
    ):
        ask(f"{records_path}{text}", [404])


@pytest.mark.parametrize(
    "path",
    ["/api/nosuch", "/api//events", "/api/events//", "/api/events/a/b/c", "/api/%00", "/api/Events", "/api/events.xml", "/api/../admin", "/api/.env", "/api/metrics", "/api/" + "a/" * 5000],
)  # fmt: skip
def test_unknown_addresses_of_the_api_are_problems(ask: Ask, path: str) -> None:
    ask(path, [404])


@pytest.mark.parametrize(
    "path",
    ["//evil.example/%2e%2e", "/.git/HEAD", "/.env", "/metrics", "/static/..%2f..%2fmanage.py", "/static/../manage.py", "/apis", "/API/events", "/api%00", "/debug", "/server-status", "/static/%00"],
)  # fmt: skip
def test_nothing_else_is_served(client: object, db: None, path: str) -> None:
    response = client.get(path)  # type: ignore[attr-defined]
    assert response.status_code == 404
    assert b"SECRET_KEY" not in response.content
    assert "Traceback" not in response.content.decode()
