"""Pages without a script: each shows what the API answers at the same address, and says so."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders

from actors.models import Actor
from events.models import Event

ENTRY = "azerbaijani-forces-enter-aghdam"
CEASE_FIRE = "azerbaijan-armenia-cease-fire-2020"
VIEWS = [
    "/",
    "/?place=Aghdam",
    "/?q=nowhere-to-be-found",
    "/?place=Agdham",
    f"/events/{ENTRY}",
    "/events/nosuch",
    "/agreements",
    "/agreements?q=nowhere-to-be-found",
    f"/agreements/{CEASE_FIRE}",
    "/agreements/nosuch",
]


@pytest.mark.parametrize("path", VIEWS)
def test_a_page_shows_what_the_api_answers_at_the_same_address(
    visit: Any, client: Any, path: str
) -> None:
    mirrored = "/api" + (path if path[1:2] not in ("", "?") else f"/events{path[1:]}")
    answer = client.get(mirrored)
    page = visit(path, answer.status_code)
    assert page.response["Cache-Control"] == "no-cache"
    told = answer.json()
    records = told.get("results", [told] if "id" in told else [])
    for record in records:
        assert record["title"] in page.text
    called = next(link for link in page.links() if link.startswith("http://testserver/api/"))
    assert called.split("?include=")[0] == f"http://testserver{mirrored}"
    assert called in page.text
    assert client.get(called).status_code == answer.status_code
    if "count" in told:
        assert re.search(rf"\b{told['count']} (event|agreement)s?\b", page.text)


@pytest.mark.parametrize("path", VIEWS)
def test_nothing_is_from_elsewhere_and_nothing_is_run_in_the_page(
    visit: Any, client: Any, path: str
) -> None:
    page = visit(path, client.get(path).status_code)
    for name, attributes in page.elements:
        assert not [key for key in attributes if key == "style" or key.startswith("on")], name
        for key in ("src", "href", "action", "data-land", "data-leaflet"):
            address = attributes.get(key, "/").removeprefix("http://testserver")
            assert address.startswith(("/", "#")), address
            if address.startswith("/static/"):
                assert finders.find(address.removeprefix("/static/")), address
    for script in page.all("script"):
        assert script["src"].startswith("/static/explorer/")
    assert page.response["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self';"
    )
    assert page.response.cookies == {}


@pytest.mark.parametrize("path", VIEWS)
def test_links_of_a_page_lead_somewhere(visit: Any, client: Any, path: str) -> None:
    page = visit(path, client.get(path).status_code)
    for link in {urlsplit(link)._replace(fragment="").geturl() for link in page.links()}:
        if link and not link.startswith("http"):
            response = client.get(link)
            assert response.status_code == 200, link
            # A file has a place until it is read.
            assert list(response)


def test_the_list_pages_without_a_script(visit: Any, get: Any) -> None:
    expected = [event["id"] for event in get("/api/events")["results"]]
    seen, address = [], "/?page_size=10"
    while address:
        page = visit(address)
        seen += [
            link.removeprefix("/events/") for link in page.links() if link.startswith("/events/")
        ]
        turned = page.all("a", rel="next")
        address = turned[0]["href"] if turned else ""
    assert seen == expected
    back = visit(page.all("a", rel="prev")[0]["href"])
    assert f"/events/{expected[10]}" in back.links()


def test_the_form_holds_the_query(visit: Any) -> None:
    page = visit("/?place=aghdam&q=forces&type=RETREAT/withdraw&sort=date")
    assert page.all("form", method="get", action="/")
    # The id is sent as it stands; scripts show what it is called.
    assert page.all("input", name="place", value="aghdam", **{"data-name": "Aghdam"})
    assert page.all("input", name="q", value="forces")
    assert [option["value"] for option in page.all("option") if "selected" in option] == [
        "RETREAT/withdraw"
    ]
    assert page.all("input", type="hidden", name="sort", value="date")
    assert "open" in page.all("details")[0]


def test_what_a_form_cannot_show_is_kept(visit: Any) -> None:
    page = visit("/?place=Aghdam,Lachin&place=Baku&type=retreat&certainty=confirmed")
    assert page.all("input", name="place", value="Aghdam,Lachin,Baku")
    assert page.all("option", value="retreat", selected="")
    assert page.all("input", type="hidden", name="certainty", value="confirmed")


def test_a_filter_can_be_taken_away(visit: Any) -> None:
    page = visit("/?place=aghdam&q=forces&page_size=2")
    chips = [link for link in page.links() if link.startswith("/?")]
    assert "/?q=forces&page_size=2" in chips
    assert "/?place=aghdam&page_size=2" in chips
    assert "place Aghdam" in page.text


def test_a_filter_goes_with_what_says_nothing_without_it(visit: Any) -> None:
    page = visit("/?place=baku,aghdam&place_match=exact&near=40.4,49.9&radius_km=50&q=a,forces")
    assert "place Baku, Aghdam" in page.text
    assert "words a,forces" in page.text
    chips = [link for link in page.links() if link.startswith("/?")]
    assert "/?near=40.4,49.9&radius_km=50&q=a,forces" in chips
    assert chips.count("/?place=baku,aghdam&place_match=exact&q=a,forces") == 2
    for chip in chips:
        visit(chip)


def test_a_page_after_the_first_says_so(visit: Any) -> None:
    page = visit("/?page_size=20&page=2")
    assert "29 events, continued" in page.text
    assert "continued" not in visit("/?page_size=20").text


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/?place=&actor=&q=", "/"),
        ("/?place=Aghdam&actor=&date_from=+&q=%20&type=", "/?place=Aghdam"),
        ("/?place=A%C4%9Fdam&q=", "/?place=A%C4%9Fdam"),
        ("/agreements?place=&q=peace", "/agreements?q=peace"),
        ("/?place=Baku&format=csv", "/api/events?place=Baku&format=csv"),
        ("/?fields=id,title", "/api/events?fields=id,title"),
        (f"/events/{ENTRY}?omit=date", f"/api/events/{ENTRY}?omit=date"),
        (f"/events/{ENTRY}.csv?bom=true", f"/api/events/{ENTRY}.csv?bom=true"),
        (f"/events/{ENTRY}.json", f"/api/events/{ENTRY}.json"),
        (f"/agreements/{CEASE_FIRE}.ndjson", f"/api/agreements/{CEASE_FIRE}.ndjson"),
        ("/events/summary?by=year", "/api/events/summary?by=year"),
        ("/events/summary.csv?by=year", "/api/events/summary.csv?by=year"),
        ("/events/a%3Fb.csv", "/api/events/a%3Fb.csv"),
        ("/events/a%3Fb?utm_source=x", "/events/a%3Fb"),
        (f"/agreements/{CEASE_FIRE}?format=csv", f"/api/agreements/{CEASE_FIRE}?format=csv"),
        ("/events?place=Baku", "/?place=Baku"),
    ],
)
def test_what_nobody_filled_in_is_not_asked_for(client: Any, asked: str, led: str) -> None:
    response = client.get(asked)
    assert (response.status_code // 100, response["Location"]) == (3, led)


def test_a_parameter_that_is_none_of_the_form_is_not_dropped(visit: Any) -> None:
    assert "There is no parameter colour here" in visit("/?colour=", 400).text


def test_an_error_is_told_with_what_would_be_right(visit: Any) -> None:
    page = visit("/?place=Agdham&date_to=2020", 400)
    # Under the name that the field has on the page.
    assert "Place: No place is known as “Agdham”. Did you mean “Aghdam”?" in page.text
    (better,) = [link for link in page.links() if "place=Aghdam" in link]
    assert parse_qs(urlsplit(better).query) == {"place": ["Aghdam"], "date_to": ["2020"]}
    assert "/problems/invalid-parameter" in page.links()
    (refused,) = page.all("input", **{"aria-invalid": "true"})
    assert refused["name"] == "place"
    assert page.all("p", id=refused["aria-describedby"])
    page = visit("/?plcae=Baku", 400)
    assert "/?place=Baku" in page.links()
    assert visit("/?place=Baku,Agdham", 400)


def test_what_is_not_there_is_said(visit: Any) -> None:
    assert "There is no event with the id “nosuch”." in visit("/events/nosuch", 404).text
    assert "There is no agreement with the id “nosuch”." in visit("/agreements/nosuch", 404).text
    page = visit("/?q=nowhere-to-be-found")
    assert "0 events" in page.text
    assert "Nothing on record fits" in page.text


def test_an_event_is_told_in_words(visit: Any) -> None:
    page = visit(f"/events/{ENTRY}")
    for words in (
        "When 20 November 2020",
        "Aghdam , Azerbaijan somewhere in the district",
        "initiator Azerbaijan Army “units of the Azerbaijan Army” in the source",
        "Killed not known not known not known",
        "Carried out: Armenia gives up the district of Aghdam to Azerbaijan. kept due by 20 November 2020",
        "follows Cease-fire ends the fighting some day between 2 and 15 November 2020",
        "Paragraph 3, characters 0 to 43",
        "as told by Ministry of Defence of Azerbaijan",
        "Supports title, summary, status, place, participants",
        "licence CC-BY-4.0",
    ):
        assert words in page.text
    assert f"/agreements/{CEASE_FIRE}#hand-over-of-aghdam" in page.links()
    figures = visit("/events/first-war-over-nagorno-karabakh")
    assert "Killed 25,000 30,000 35,000" in figures.text


def test_an_agreement_is_a_checklist(visit: Any) -> None:
    for path in ("/agreements", f"/agreements/{CEASE_FIRE}"):
        page = visit(path)
        assert [item["class"] for item in page.all("li") if item.get("class")] == [
            "fulfilled",
            "pending",
            "pending",
        ] + ["none"] * (path == "/agreements")
        assert "✓ Armenia gives up the district of Aghdam to Azerbaijan. kept" in page.text
        assert "pending due by 4 December 2020 that day is past as of 20 November 2020" in page.text
    assert page.all("li", id="hand-over-of-lachin")
    assert "Carried out: Azerbaijani forces enter Aghdam" in page.text


HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>&amp;{{ 7 }}"


def test_what_records_and_queries_say_is_text(visit: Any) -> None:
    Event.objects.filter(public_id=ENTRY).update(title=HOSTILE, summary=HOSTILE)
    Actor.objects.filter(public_id="azerbaijan-army").update(name=HOSTILE)
    pages = [
        visit("/"),
        visit(f"/events/{ENTRY}"),
        visit("/", q=HOSTILE),
        visit("/", 400, place=HOSTILE),
        visit("/", 400, **{HOSTILE: HOSTILE}),
        visit("/agreements", 400, place=f"`{HOSTILE}`"),
        visit(f"/events/{HOSTILE.replace('/', '')}", 404),
    ]
    for page in pages:
        assert not page.all("img", src="x")
        assert {script.get("src", "")[:17] for script in page.all("script")} == {
            "/static/explorer/"
        }
    assert pages[0].text.count("<script>alert(1)</script>") >= 1
    assert "<script>alert(1)</script>" in pages[1].text


def test_a_query_that_is_too_long_or_no_text_is_refused_as_by_the_api(visit: Any) -> None:
    assert "at most 32,000 characters" in visit("/?q=" + "a" * 32_001, 414).text
    assert "is not UTF-8" in visit("/?q=%ff", 400).text


def test_letters_sent_as_they_are(client: Any, db: None) -> None:
    response = client.generic("GET", "/", QUERY_STRING="place=Ağdam".encode().decode("latin-1"))
    assert response.status_code == 200
    assert "/api/events?place=A%C4%9Fdam" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/agreements", f"/events/{ENTRY}", f"/agreements/{CEASE_FIRE}"]
)
def test_pages_are_only_read(client: Any, db: None, path: str) -> None:
    got, asked = client.get(path), client.head(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert dict(asked.headers) == dict(got.headers)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.generic(method, path).status_code == 405


def test_the_documentation_leads_to_the_pages_and_back(visit: Any, client: Any) -> None:
    assert "/api/docs" in visit("/").links()
    assert "](/)" in client.get("/api/schema.json").json()["info"]["description"]


def test_records_may_hold_others_whole(visit: Any) -> None:
    assert "Azerbaijani forces enter Aghdam" in visit("/?include=place,actors").text
    assert "Azerbaijan Army" in visit(f"/events/{ENTRY}?include=place,actors,sources").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events/%00", 404),
        ("/events/%ff%fe", 404),
        ("/events/a%2Fb", 404),
        ("/events/x?include=nope", 400),
        ("/?q=%00", 400),
        ("/?bbox=1,2", 400),
        ("/?cursor=zzz", 400),
        ("/?page_size=1001", 400),
        ("/?count=none", 200),
        ("/agreements?status=pending", 400),
    ],
)
def test_whatever_is_asked_there_is_a_page_that_answers(
    client: Any, db: None, path: str, status: int
) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    "path", ["/", f"/events/{ENTRY}", "/agreements", f"/agreements/{CEASE_FIRE}"]
)
def test_what_others_add_to_shared_links_is_left_out(client: Any, db: None, path: str) -> None:
    for added in ("utm_source=x&utm_medium=y", "fbclid=abc"):
        response = client.get(f"{path}?{added}")
        assert (response.status_code, response["Location"]) == (302, path)
    # The API itself takes nothing that it does not know.
    assert client.get("/api/events?utm_source=x").status_code == 400
