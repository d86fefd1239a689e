"""Places and actors: who and where, under any name; who holds what."""

from math import acos, cos, radians, sin
from typing import Any

import pytest

from actors.models import Actor, ActorCode
from places.models import Place, PlaceCode
from sources.models import Dataset, Document
from tests.contract.withheld import TERMS

NPR = "npr-2020-11-20"


def test_a_place_shows_where_it_lies_and_what_it_is_called(get: Any) -> None:
    aghdam = get("/api/places/aghdam")
    assert [place["id"] for place in aghdam["ancestors"]] == ["azerbaijan"]
    assert (aghdam["country"]["iso2"], aghdam["country"]["iso3"]) == ("AZ", "AZE")
    assert {"Aghdam", "Ağdam", "Agdam"} <= {name["name"] for name in aghdam["names"]}


def test_what_was_added_is_marked_with_its_source(get: Any) -> None:
    aghdam = get("/api/places/aghdam")
    sources = {name["name"]: name["source"] for name in aghdam["names"]}
    assert sources["Aghdam"] is None
    assert sources["Ağdam"].startswith("geonames")
    enriched = [cite for cite in aghdam["sources"] if "latitude" in cite["supports"]]
    assert [cite["source"]["publisher"] for cite in enriched] == ["GeoNames"]
    assert enriched[0]["locator"]["record"]


def test_who_holds_a_place_is_a_claim_with_dates(get: Any) -> None:
    claims = get("/api/places/nagorno-karabakh")["control"]
    assert {(c["actor"]["id"], c["kind"], c["date"]["edtf"]) for c in claims} == {
        ("ethnic-armenian-separatists", "de-facto", "1994/.."),
        ("azerbaijan", "recognised", "1994/.."),
    }
    holdings = get("/api/actors/azerbaijan")["control"]
    assert all(holding["sources"] for holding in holdings)


def test_places_are_filtered(get: Any) -> None:
    inside = get("/api/places", within="Azerbaijan")["results"]
    assert {place["id"] for place in inside} == {
        "aghdam", "baku", "kelbajar", "lachin", "nagorno-karabakh",
    }  # fmt: skip
    assert get("/api/places", name="Kəlbəcər")["results"][0]["id"] == "kelbajar"
    assert get("/api/places", kind="district", within="AZ")["count"] == 3


@pytest.mark.parametrize("radius", [1, 50, 60, 62, 100, 260, 1000])
def test_a_circle_holds_what_is_no_farther_than_its_radius(
    found: Any, get: Any, radius: int
) -> None:
    latitude, longitude = 39.99096, 46.92736
    # 61 km away, in the corner of a box around a circle of 50 km.
    corner = {"latitude": latitude + 0.4, "longitude": longitude + 0.5}
    Place.objects.create(public_id="corner", name="Corner", kind="site", **corner)
    places = get("/api/places", page_size=1000)["results"]
    near = {
        place["id"]
        for place in places
        if place["latitude"] is not None
        and distance(latitude, longitude, place["latitude"], place["longitude"]) <= radius
    }
    assert found("places", near=f"{latitude},{longitude}", radius_km=radius) == near


def distance(*degrees: float) -> float:
    """Return the kilometres between two points on a round earth, by the law of cosines."""
    south, west, north, east = map(radians, degrees)
    cosine = sin(south) * sin(north) + cos(south) * cos(north) * cos(east - west)
    return 6371.0088 * acos(min(1, cosine))


def test_actors_are_filtered(get: Any) -> None:
    people = get("/api/actors", kind="person", country="Azerbaijan")["results"]
    assert "ilham-aliyev" in {actor["id"] for actor in people}
    # One that belongs to a territory belongs to what that lies in.
    army = Actor.objects.filter(public_id="azerbaijan-army")
    army.update(country=Place.objects.get(public_id="nagorno-karabakh"))
    for country in ("AZ", "Nagorno-Karabakh"):
        found = get("/api/actors", country=country)["results"]
        assert "azerbaijan-army" in {actor["id"] for actor in found}
    (affiliation,) = get("/api/actors/ilham-aliyev")["affiliations"]
    assert (affiliation["title"], affiliation["organisation"]["id"]) == ("President", "azerbaijan")


def test_places_and_actors_show_their_codes_in_other_schemes(get: Any) -> None:
    aghdam, army = "/api/places/aghdam", "/api/actors/azerbaijan-army"
    assert get(aghdam)["codes"] == get(army)["codes"] == []
    PlaceCode.objects.create(
        place=Place.objects.get(public_id="aghdam"), scheme="fips", code="AJ02"
    )
    for scheme, code in (("gwno", "0373"), ("acled", "3")):
        ActorCode.objects.create(
            actor=Actor.objects.get(public_id="azerbaijan-army"), scheme=scheme, code=code
        )
    assert get(aghdam)["codes"] == [{"scheme": "fips", "code": "AJ02"}]
    assert get(army)["codes"] == [
        {"scheme": "acled", "code": "3"},
        {"scheme": "gwno", "code": "0373"},
    ]


@pytest.mark.parametrize(
    ("path", "model", "code_of", "public_id"),
    [("places", Place, PlaceCode, "aghdam"), ("actors", Actor, ActorCode, "azerbaijan-army")],
)
def test_places_and_actors_by_their_code_in_another_scheme(
    get: Any, found: Any, path: str, model: Any, code_of: Any, public_id: str
) -> None:
    owner = {path.removesuffix("s"): model.objects.get(public_id=public_id)}
    for code in ("0373", "374"):
        code_of.objects.create(scheme="gwno", code=code, **owner)
    for code in ("gwno:0373", "gwno:1,gwno:374", "gwno:0373,gwno:374"):
        assert found(path, code=code) == {public_id}
    assert found(path, code="gwno:373") == set()
    (error,) = get(f"/api/{path}", 400, code="gnwo:373")["errors"]
    assert (error["code"], error["suggestion"]) == ("unknown_scheme", "gwno:373")


@pytest.mark.parametrize(
    ("path", "model", "public_id"),
    [("places", Place, "aghdam"), ("actors", Actor, "azerbaijan-army"), ("sources", Document, NPR)],
)
def test_what_a_dataset_brought_along(
    client: Any, get: Any, found: Any, path: str, model: Any, public_id: str
) -> None:
    everything = found(path, dataset="aghdam-2020")
    assert everything == {record["id"] for record in get(f"/api/{path}")["results"]}
    other = Dataset.objects.create(public_id="other", name="Other", redistributable=True, **TERMS)
    assert found(path, dataset="other") == set()
    model.objects.filter(public_id=public_id).update(dataset=other)
    assert found(path, dataset="Other") == {public_id}
    assert found(path, dataset="aghdam-2020") == everything - {public_id}
    assert found(path, dataset="other,aghdam-2020") == everything
    # A curator made it.
    model.objects.filter(public_id=public_id).update(dataset=None)
    assert found(path, dataset="other,aghdam-2020") == everything - {public_id}
    (error,) = get(f"/api/{path}", 400, dataset="othr")["errors"]
    assert (error["code"], error["suggestion"]) == ("unknown_name", "Other")
    link = client.head(f"/api/{path}.csv?dataset=other")["Link"]
    assert "/api/datasets/other" in link
    assert "aghdam-2020" not in link


def test_a_code_is_no_name(get: Any) -> None:
    PlaceCode.objects.create(
        place=Place.objects.get(public_id="aghdam"), scheme="fips", code="AJ02"
    )
    get("/api/places", 400, name="AJ02")
