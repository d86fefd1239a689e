"""Filters of sources, datasets and event types; places and actors by words and on the map."""

from typing import Any

import pytest

from places.models import Place
from sources.models import Document
from tests.conftest import stable

NPR = "npr-2020-11-20"


GEONAMES = {"geonames-az", "geonames-regions", "geonames-countries"}


@pytest.mark.parametrize(
    ("collection", "query", "expected"),
    [
        ("sources", {"id": f"{NPR},geonames-az"}, {NPR, "geonames-az"}),
        ("sources", {"q": "troop"}, {NPR}),
        ("sources", {"q": "countries -geonames"}, {"natural-earth-countries"}),
        ("sources", {"kind": "article"}, {NPR}),
        ("sources", {"kind": "article,dataset", "publisher": "GeoNames"}, GEONAMES),
        ("sources", {"kind": "statement"}, set()),
        ("sources", {"publisher": "geonames"}, GEONAMES),
        ("sources", {"publisher": "NPR,GeoNames"}, {NPR, *GEONAMES}),
        ("sources", {"language": "EN"}, {NPR, "natural-earth-countries"}),
        ("sources", {"language": "az,fr-FR"}, set()),
        ("sources", {"date": "2020-11"}, {NPR}),
        ("sources", {"date": "../2020-11-20"}, {NPR}),
        ("sources", {"date": "2020-11-21/.."}, set()),
        ("sources", {"date_from": "2020-11-20"}, {NPR}),
        ("sources", {"date_from": "2020-12"}, set()),
        ("sources", {"date_to": "2020-11"}, {NPR}),
        ("sources", {"date_from": "2020-11-21"}, set()),
        ("sources", {"date_to": "2020-11-20"}, {NPR}),
        ("sources", {"date_to": "2020-11-19"}, set()),
        ("sources", {"date_from": "2020", "date_to": "2020"}, {NPR}),
        ("datasets", {"id": "aghdam-2020"}, {"aghdam-2020"}),
        ("datasets", {"id": "none"}, set()),
        ("datasets", {"q": "troops report"}, {"aghdam-2020"}),
        ("datasets", {"q": "xylophone"}, set()),
        ("event-types", {"id": "retreat,protest"}, {"retreat", "protest"}),
        ("event-types", {"root": "RETREAT", "q": "ceasefire"}, {"retreat-ceasefire"}),
        ("places", {"id": "aghdam,lachin"}, {"aghdam", "lachin"}),
        ("places", {"q": "karabakh"}, {"nagorno-karabakh"}),
        ("places", {"q": "Karabakh nagorno"}, {"nagorno-karabakh"}),
        ("places", {"q": "ağda"}, {"aghdam"}),
        ("places", {"q": "Агдам"}, {"aghdam"}),
        ("places", {"q": "aghdam baku"}, set()),
        ("places", {"q": "%"}, set()),
        ("places", {"country": "AM"}, {"armenia"}),
        ("places", {"country": "AZE", "kind": "settlement"}, {"baku"}),
        ("places", {"bbox": "46.9,39.9,47,40"}, {"aghdam"}),
        ("places", {"bbox": "46,39,47,41"}, {"aghdam", "lachin", "kelbajar"}),
        ("places", {"near": "39.99,46.93", "radius_km": "1"}, {"aghdam"}),
        ("places", {"near": "39.99,46.93", "radius_km": "60"}, {"aghdam", "lachin"}),
        ("places", {"near": "39.99,46.93", "radius_km": "260", "kind": "settlement"}, {"baku"}),
        ("actors", {"id": "ilham-aliyev"}, {"ilham-aliyev"}),
        ("actors", {"name": "ilham aliyev"}, {"ilham-aliyev"}),
        ("actors", {"country": "RUS"}, {"russia"}),
        ("actors", {"kind": "person", "name": "Russia"}, set()),
        ("actors", {"q": "aliyev"}, {"ilham-aliyev"}),
        ("actors", {"q": "ALIYEV ilh"}, {"ilham-aliyev"}),
        ("actors", {"q": "trump", "kind": "person"}, {"donald-trump"}),
        ("actors", {"q": "xylophone"}, set()),
    ],
    ids=stable,
)
def test_what_a_filter_finds(
    found: Any, collection: str, query: dict[str, str], expected: set[str]
) -> None:
    assert found(collection, **query) == expected


def test_a_language_covers_its_varieties_and_no_other_language(found: Any) -> None:
    Document.objects.filter(public_id=NPR).update(language="en-GB")
    assert NPR in found("sources", language="en")
    assert found("sources", language="en-gb") == {NPR}
    assert found("sources", language="en-US") == set()
    Document.objects.filter(public_id=NPR).update(language="eng")
    assert NPR not in found("sources", language="en")


def test_types_by_the_code_of_another_scheme(get: Any, found: Any) -> None:
    answer = get("/api/event-types", code="cameo:190,cameo:141")["results"]
    assert len(answer) >= 2
    for type_ in answer:
        codes = {(code["scheme"], code["code"]) for code in type_["codes"]}
        assert codes & {("cameo", "190"), ("cameo", "141")}
    (error,) = get("/api/event-types", 400, code="cameoo:190")["errors"]
    assert (error["code"], error["suggestion"]) == ("unknown_scheme", "cameo:190")


def test_a_place_without_a_point_lies_in_no_area(found: Any) -> None:
    pointless = set(Place.objects.filter(latitude=None).values_list("public_id", flat=True))
    assert pointless
    assert not pointless & found("places", bbox="-180,-90,180,90")


@pytest.mark.parametrize(
    ("collection", "query", "code"),
    [
        ("sources", {"publisher": "NPRR"}, "unknown_name"),
        ("sources", {"language": "english language"}, "not_a_language"),
        ("sources", {"language": "e"}, "not_a_language"),
        ("sources", {"date": "2020-13"}, "not_a_date"),
        ("sources", {"date_from": "2020-10/2020-11"}, "not_a_date"),
        ("places", {"country": "Aghdam"}, "unknown_name"),
        ("places", {"near": "1,2"}, "needs_another"),
        ("places", {"radius_km": "2"}, "needs_another"),
        ("places", {"bbox": "1,2,3"}, "not_a_box"),
        ("places", {"bbox": ["1,2,3,4", "5,6,7,8"]}, "repeated"),
        ("actors", {"country": "Baku"}, "unknown_name"),
        ("actors", {"id": "Ilham Aliyev"}, "not_an_id"),
        ("datasets", {"q": " "}, "blank"),
    ],
    ids=stable,
)
def test_what_cannot_be_is_refused(
    get: Any, collection: str, query: dict[str, Any], code: str
) -> None:
    (error,) = get(f"/api/{collection}", 400, **query)["errors"]
    assert (error["parameter"], error["code"]) == (next(iter(query)), code)


@pytest.mark.parametrize("text", ["'; truce", '"truce', "truce " * 33, "((truce", "truce|", "Ꭰ ꙮ"])
def test_any_words_can_be_searched_for(get: Any, text: str) -> None:
    for collection in (
        "events", "actors", "places", "agreements", "provisions", "sources", "datasets",
        "event-types",
    ):  # fmt: skip
        assert get(f"/api/{collection}", q=text)["count_relation"] == "exact"
