"""What ids and names in a query mean, and what is said of those that mean nothing."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Actor, ActorName
from places.models import Place, PlaceName
from sources.models import Dataset, Document, Publisher


def named(**fields: Any) -> Place:
    """Make a place that bears its name."""
    place = Place.objects.create(**fields)
    PlaceName.objects.create(place=place, name=place.name)
    return place


@pytest.fixture
def meant(get: Any) -> Any:
    """Return a function that gives the ids of what the one parameter of a query is taken to mean."""

    def meant(**query: Any) -> set[str]:
        (resolved,) = get("/api/events", **query)["resolved"].values()
        return {match["id"] for match in resolved}

    return meant


# What is meant


@pytest.fixture
def town(db: None) -> Place:
    """Make a town that is called as its district is."""
    district = Place.objects.get(public_id="aghdam")
    return named(public_id="aghdam-town", name="Aghdam", kind="settlement", parent=district)


@pytest.mark.parametrize("name", ["place", "exclude_place"])
def test_an_id_means_its_record_and_a_name_all_that_bear_it(
    meant: Any, town: Place, name: str
) -> None:
    assert meant(**{name: "aghdam"}) == {"aghdam"}
    assert meant(**{name: "aghdam-town"}) == {"aghdam-town"}
    for spelling in ("Aghdam", "AGHDAM", "Ağhdam"):
        assert meant(**{name: spelling}) == {"aghdam", "aghdam-town"}
    # Only the district bears this one.
    assert meant(**{name: "agdam"}) == {"aghdam"}


def test_a_name_hides_no_id(meant: Any) -> None:
    kinds = {"kind": "settlement", "parent": Place.objects.get(public_id="azerbaijan")}
    named(public_id="shusha-village", name="Shusha", **kinds)
    assert meant(place="shusha") == meant(place="Shusha") == {"shusha-village"}
    Place.objects.create(public_id="shusha", name="Shushi", **kinds)
    assert meant(place="shusha") == {"shusha"}
    assert meant(place="Shusha") == {"shusha-village"}
    assert meant(place="shusha,Shusha") == {"shusha", "shusha-village"}


def test_what_is_nobodys_name_may_be_an_id_in_capitals(meant: Any) -> None:
    assert meant(actor="RIOTERS-IN-BAKU") == {"rioters-in-baku"}
    assert meant(dataset="AGHDAM-2020") == {"aghdam-2020"}
    assert meant(source="NPR-2020-11-20") == {"npr-2020-11-20"}


def test_the_rule_is_the_same_for_actors_datasets_and_sources(meant: Any) -> None:
    army = Actor.objects.get(public_id="azerbaijan-army")
    ActorName.objects.create(actor=army, name="Azerbaijan")
    assert meant(actor="azerbaijan") == {"azerbaijan"}
    assert meant(actor="AZERBAIJAN") == {"azerbaijan", "azerbaijan-army"}
    Dataset.objects.create(
        public_id="other", name="aghdam-2020", description="-", licence="-", citation="-",
        redistributable=True,
    )  # fmt: skip
    assert meant(dataset="aghdam-2020") == {"aghdam-2020"}
    assert meant(dataset="Aghdam-2020") == {"other"}
    npr = Document.objects.get(public_id="npr-2020-11-20")
    Document.objects.create(
        public_id="other", title="npr-2020-11-20", kind="article", publisher=npr.publisher
    )
    assert meant(source="npr-2020-11-20") == {"npr-2020-11-20"}
    assert meant(source="NPR-2020-11-20") == {"other"}


def test_ids_and_names_each_have_their_index(get: Any) -> None:
    """What a name means costs no walk of a table, however many places there are."""
    with CaptureQueriesContext(connection) as captured:
        get("/api/events", place="Aghdam")
    (resolution,) = [row["sql"] for row in captured if "places_placename" in row["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {resolution}")
        plan = "\n".join(line for (line,) in cursor)
    assert "Index Cond: ((public_id)::text = " in plan or "Index Cond: (public_id = " in plan
    assert "places_placename_key" in plan
    assert "Seq Scan on places" not in plan


# A place and what it lies in


@pytest.mark.parametrize("asked", ["Baku, Azerbaijan", "Baku,Azerbaijan", "Агдам, Lachin, AZ"])
def test_a_place_with_what_it_lies_in_is_not_both(get: Any, asked: str) -> None:
    (error,) = get("/api/events", 400, place=asked)["errors"]
    first = asked.partition(",")[0]
    assert (error["code"], error["value"], error["suggestion"]) == ("ambiguous", asked, first)
    assert f"ask for `place={first}`" in error["detail"]


def test_repeated_it_means_either(get: Any, meant: Any) -> None:
    assert meant(place=["Baku", "Azerbaijan"]) == {"baku", "azerbaijan"}
    # The other way round nobody writes a place, and neither of two lies in the other.
    assert meant(place="Azerbaijan, Baku") == {"baku", "azerbaijan"}
    assert meant(place="Baku, Aghdam") == {"baku", "aghdam"}
    assert meant(place="Baku, Baku") == {"baku"}
    assert meant(actor="Azerbaijan, Armenia") == {"azerbaijan", "armenia"}


@pytest.mark.parametrize(
    "asked", ["aghdam,azerbaijan", "azerbaijan,aghdam", "lachin, aghdam,azerbaijan"]
)
def test_ids_are_never_one_place(meant: Any, asked: str) -> None:
    assert meant(place=asked) == set(asked.replace(" ", "").split(","))


def test_one_id_does_not_make_ids_of_the_others(get: Any) -> None:
    for asked in ("aghdam,Azerbaijan", "Aghdam,azerbaijan"):
        (error,) = get("/api/events", 400, place=asked)["errors"]
        assert error["code"] == "ambiguous"


def test_the_one_that_lies_there_is_told_by_its_id(get: Any) -> None:
    named(
        public_id="baku-armenia", name="Baku", kind="settlement",
        parent=Place.objects.get(public_id="armenia"),
    )  # fmt: skip
    (error,) = get("/api/events", 400, place="Baku, Armenia")["errors"]
    assert error["suggestion"] == "baku-armenia"


def test_a_name_with_a_comma_is_one_name(meant: Any) -> None:
    PlaceName.objects.create(place=Place.objects.get(public_id="baku"), name="Baku, Azerbaijan")
    assert meant(place="baku, azerbaijan") == {"baku"}


# Near misses


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ({"place": "Karabakh"}, "Nagorno-Karabakh"),
        ({"place": "Karabakh Nagorno"}, "Nagorno-Karabakh"),
        ({"place": "Agdam district"}, "Aghdam"),
        ({"place": "the town of Baku"}, "Baku"),
        ({"place": "America"}, "United States"),
        ({"country": "America"}, "United States"),
        ({"actor": "Aliyev"}, "Ilham Aliyev"),
        ({"actor": "Trump"}, "Donald Trump"),
        ({"dataset": "Aghdam"}, "aghdam-2020"),
        ({"source": "NPR"}, "npr-2020-11-20"),
        # Inside of a word, and of hardly a word: another name.
        ({"place": "gdam"}, "Aghdam"),
        ({"place": "rabakh"}, None),
        ({"place": "xb"}, None),
        ({"place": "%"}, None),
        ({"source": "x"}, None),
    ],
    ids=str,
)
def test_what_is_not_near_as_a_whole_is_looked_for_by_its_words(
    get: Any, query: dict[str, str], suggestion: str | None
) -> None:
    (error,) = get("/api/events", 400, **query)["errors"]
    assert (error["code"], error["suggestion"]) == ("unknown_name", suggestion)
    assert suggestion is None or f"Did you mean “{suggestion}”?" in error["detail"]


def test_the_title_of_an_agreement_by_a_word_of_it(get: Any) -> None:
    (error,) = get("/api/events", 400, agreement="ceasefire")["errors"]
    assert "ease-fire" in error["suggestion"]
    get("/api/events", agreement=error["suggestion"])


@pytest.mark.parametrize(
    ("name", "asked", "path"),
    [
        ("actor", "Aliyev", "/api/actors?q=Aliyev"),
        ("place", "Upper Karabakh", "/api/places?q=Upper+Karabakh"),
        ("country", "Karabakh", "/api/places?kind=country,territory&q=Karabakh"),
        ("agreement", "truce", "/api/agreements?q=truce"),
        ("source", "troops", "/api/sources?q=troops"),
    ],
)
def test_where_to_search_is_told(get: Any, name: str, asked: str, path: str) -> None:
    (error,) = get("/api/events", 400, **{name: asked})["errors"]
    assert error["detail"].endswith(f" {path}")
    assert get(path)["count_relation"] == "exact"


def test_a_place_that_may_not_be_seen_is_not_suggested(get: Any) -> None:
    hidden = Dataset.objects.create(
        public_id="hidden", name="Hidden", description="-", licence="-", citation="-",
        redistributable=False, served=False,
    )  # fmt: skip
    named(public_id="secret-place", name="Secret Place", kind="settlement", dataset=hidden)
    for asked in ("Secret Plaec", "Secret", "secret-plac", "Secret Place district"):
        (error,) = get("/api/events", 400, place=asked)["errors"]
        assert error["suggestion"] is None


def test_many_names_that_nobody_bears_are_refused_at_once(get: Any) -> None:
    """Of a hundred unknown names in each parameter, twenty are told in all, in no time."""
    parent = Place.objects.get(public_id="azerbaijan")
    places = Place.objects.bulk_create(
        Place(public_id=f"made-up-{n}", name=f"Made-up {n}", kind="settlement", parent=parent)
        for n in range(10_000)
    )
    PlaceName.objects.bulk_create(
        PlaceName(place=place, name=place.name, key=f"madeup{n}") for n, place in enumerate(places)
    )
    Publisher.objects.bulk_create(
        Publisher(public_id=f"made-up-{n}", name=f"Made-up {n}") for n in range(1_000)
    )
    unknown = ",".join(f"Never heard of {number}" for number in range(100))
    for path, names in {
        "/api/events": ("place", "exclude_place", "country", "actor", "type", "source", "dataset"),
        "/api/sources": ("publisher",),
    }.items():
        began = time.process_time()
        problem = get(path, 400, **dict.fromkeys(names, unknown))
        assert time.process_time() - began < 1
        assert len(problem["errors"]) == 20
