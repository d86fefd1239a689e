"""What can be asked of places, and how other resources ask for them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Max,
    Min,
    Model,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Coalesce, Least, Length

from api.areas import Box, Circle, Point
from api.keys import Keys
from api.kinds import Bounds, Codes, Distance, Ids, Spot
from api.lists import ListParameters, Sort
from api.names import fold
from api.orders import Literal, SortKey
from api.parameters import Names, Parameter, Values, Words, any_of
from api.resolution import Match, NamedRecords
from places.choices import PlaceKind
from places.grams import holding
from places.models import LEVELS, Name, PlaceCode, PlaceName
from sources.queries import ADDED_FROM, DATASETS, coded

WHERE = tuple(f"level_{level}" for level in range(1, LEVELS + 1))
PLACES = NamedRecords(
    "place", "places.Place", search="/api/places?q=", extra=("depth",), levels=WHERE
)
COUNTRIES = NamedRecords(
    "country",
    "places.Place",
    search="/api/places?kind=country,territory&q=",
    extra=("depth",),
    levels=WHERE,
    only=(("kind__in", (PlaceKind.COUNTRY, PlaceKind.TERRITORY)),),
)

# How far a name is from what was typed is told by five numbers in one, each worth more than all that follow.
OF_WAYS, OF_EVENTS, OF_NAMES, OF_TIES = 2**46, 2**13, 2**11, 2**8
BY_NAME = {
    "id": SortKey("public_id", str),
    "name": SortKey("name", str),
    "relevance": SortKey("irrelevance", int, needs="q"),
}

# Half of the way round the earth, nearly.
FARTHEST = 20_000
BBOX = (
    "A box on the map: west,south,east,north in degrees, edges included; with west greater than east it "
    "crosses 180°. What has no coordinates lies in none."
)
NEAR = "The centre of a circle on the map: latitude,longitude in degrees. Needs `radius_km`."
RADIUS = "How far from `near` at most, in kilometres along a great circle."


def inside(places: Iterable[Match], column: str) -> Q:
    """Return the condition that `column`, with {} for the level, lies in one of `places`."""
    condition = Q()
    for place in places:
        condition |= Q(**{column.format(place.extra["depth"]): place.pk})
    return condition


def named(names: type[Name], record: str) -> Callable[[str, Mapping[str, Any]], Q]:
    """Return the narrowing of a list to records of which one name holds all words of a text."""

    def narrow(text: str, _: Mapping[str, Any]) -> Q:
        rows = names.objects.all()
        for word in text.split():
            rows = rows.filter(holding(fold(word)))
        return Q(pk__in=rows.values(record))

    return narrow


def typed(model: type[Model], values: Values, tie: Any = 0) -> Keys:
    """Return the records of a list; sorted by relevance to `q`, as somebody types a name who means one of them.

    What is shown by that very name comes first, then what any name of begins so, then what has a name that holds it.
    Of equals, those that most events name are first, then those whose name is the one that they are shown by, then
    those that are called so, those with the least `tie`, from 0 to 7, and those with the shortest name.
    """
    conditions = values.conditions_by_name()
    keys = Keys.of(model, [*conditions.values()])
    if values["sort"].name != "relevance":
        return keys
    text = fold(values["q"])

    def beginning(rows: QuerySet[Any]) -> QuerySet[Any]:
        names = FilteredRelation("names", condition=Q(names__key__startswith=text))
        begun: QuerySet[Any] = rows.annotate(begins=names)
        return begun

    others = [condition for name, condition in conditions.items() if name != "q"]
    first = Keys.of(
        model,
        others,
        annotate=lambda rows: _sorted(beginning(rows).filter(begins__isnull=False), text, tie),
    )
    return replace(keys, annotate=lambda rows: _sorted(beginning(rows), text, tie), first=first)


def _sorted(rows: QuerySet[Any], text: str, tie: Any) -> QuerySet[Any]:
    """Return rows with how far each is from a text, by those of its names, as `begins`, that begin so."""
    is_it, shown = Q(begins__key=text), Q(begins__name=F("name"))
    way = Min(Case(When(is_it & shown, then=0), When(begins__isnull=False, then=1), default=2))
    used = Coalesce(Max("use__events"), 0) * Literal(OF_EVENTS)
    by_another = Min(Case(When(shown, then=0), When(is_it, then=1), default=2)) * Literal(OF_NAMES)
    length = Least(Length("name"), OF_TIES - 1)
    distance = way * Literal(OF_WAYS) - used + by_another + tie * Literal(OF_TIES) + length
    found: QuerySet[Any] = rows.annotate(irrelevance=ExpressionWrapper(distance, BigIntegerField()))
    return found


def around(point: Point, values: Mapping[str, Any]) -> Circle:
    """Return what lies at most `radius_km` from `near`."""
    return Circle(point, values["radius_km"])


def _in_box(box: Box, _: Mapping[str, Any]) -> Q:
    return box.contains()


def _near(point: Point, values: Mapping[str, Any]) -> Q:
    return around(point, values).contains()


def _in_country(countries: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(countries, "level_{}")


def _within(places: list[Match], _: Mapping[str, Any]) -> Q:
    return inside(places, "level_{}") & ~Q(pk__in=[place.pk for place in places])


class PlaceParameters(ListParameters):
    """Filters and orders of /api/places."""

    id = Ids("aghdam")
    q = Parameter(
        narrow=named(PlaceName, "place"),
        help_text="Words that one of its names holds, or parts of them, in any spelling.",
        example="karabakh",
    )
    name = Names(
        PLACES,
        narrow=any_of("pk"),
        help_text="Id or any known name, in any spelling.",
        example="Agdam",
    )
    kind = Words(PlaceKind, narrow="kind__in", help_text="What sort of place.", example="district")
    within = Names(
        PLACES,
        narrow=_within,
        help_text="Only places that lie inside this one: id or any known name.",
        example="Azerbaijan",
    )
    country = Names(
        COUNTRIES,
        narrow=_in_country,
        help_text="The country that it is or lies in: ISO 3166 code, id or name.",
        example="AZ",
    )
    code = Codes(
        "places.PlaceCode",
        narrow=coded(PlaceCode, "place"),
        help_text="Its code in another scheme, as scheme:code, such as fips:AJ.",
        example="fips:AJ",
    )
    dataset = Names(DATASETS, narrow=any_of("dataset"), help_text=ADDED_FROM, example="aghdam-2020")
    bbox = Bounds(narrow=_in_box, help_text=BBOX, example="44.7,38.8,50.4,41.9")
    near = Spot(narrow=_near, needs="radius_km", help_text=NEAR, example="39.99,46.93")
    radius_km = Distance(FARTHEST, needs="near", help_text=RADIUS, example=50)
    sort = Sort(BY_NAME, default="name", best="relevance")
