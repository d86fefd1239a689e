"""How the keys of events are found that a query asks for.

A *plan* says which filters lead to a page (`api.walks`): those that an index of events begins with, and the
actor, who leads by the participations, which carry a copy of the event's date for this. It also says how all that is
asked for is gathered where they lead too far: by what indexes know of single filters, or by the terms of events,
which tell whether several meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.contrib.postgres.search import SearchRank
from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast

from api.keys import Keys, leaves
from api.orders import Order
from api.parameters import Values
from api.prepared import Constant
from api.problems import InvalidParameters, ParameterError
from api.resolution import Match
from api.search import web_search
from api.visibility import visible
from api.walks import MOST_WALKED, SIZED, Lead, Part, alternatives, bounded
from events.conditions import deadly, earliest, in_role, near_in_time, of_actors
from events.indexes import USUAL
from events.models import Event, EventBody, EventCode, EventTerms, Participation
from events.terms import LASTING, NOT_LASTING, Asked, asked_of, query
from places.queries import PLACES

# Filters that an index begins with, to go on by date.
LEADING = ("place", "country", "type", "root_type", "agreement", "actor", "code", *USUAL)
# Filters with those that leave out what they ask for.
LEFT_OUT = {
    **{name: f"exclude_{name}" for name in ("place", "actor", "type", "dataset")},
    "country": "exclude_place",
    "root_type": "exclude_type",
}
# More events than this are not ranked by relevance: it would take too long.
RANKED = 50_000


def plan(values: Values) -> Keys:
    """Return the rows to find for the query, and the filters that lead to them."""
    order = values["sort"]
    if order.name == "relevance":
        return _ranked(values)
    conditions = values.conditions_by_name()
    shown = visible(Event)
    keys = Keys(Event, [*shown, *conditions.values()], stored=EventBody)
    if "id" in conditions:
        return keys
    conditions[""] = Q(*shown)
    leads = _leads(values, conditions, order)
    return replace(keys, leads=leads, parts=lambda: _parts(values, conditions, order, leads))


def _leads(values: Values, conditions: Mapping[str, Q], order: Order) -> list[Lead]:
    """Return the filters of the query that an index begins with; if there is none, the order by itself."""
    leads: list[Lead] = []
    column = order.key.column
    names = [name for name in LEADING if name in conditions] if column == "sort_date" else []
    for name in names:
        others = [condition for other, condition in conditions.items() if other != name]
        bounds, rest = bounded(others, column)
        match name:
            case "actor":
                ways, own = alternatives(of_actors(values["actor"])), in_role(values)
                lead = Lead(Participation, "event_id", column, ways, bounds, own, rest)
            case "code":
                ways = [Q(scheme=scheme, code=code) for scheme, code in values["code"]]
                lead = Lead(EventCode, "event_id", column, ways, bounds, rest=rest)
            case "status" | "certainty":
                ways = _unusual(name, values[name])
                lead = Lead(Event, "pk", column, ways, bounds, *_split(rest))
            case _:
                ways = alternatives(conditions[name])
                lead = Lead(Event, "pk", column, ways, bounds, *_split(rest))
        if 0 < len(ways) <= MOST_WALKED:
            leads.append(lead)
    return leads or [_order_itself(values, conditions, order)]


def _unusual(name: str, words: Sequence[str]) -> list[Q]:
    """Return the ways to events with some words, by the index of those that have not the usual one; none to that."""
    usual = USUAL[name]
    others = ~Q((name, Constant(usual)))
    return [] if usual in words else [Q((name, word)) & others for word in words]


def _order_itself(values: Values, conditions: Mapping[str, Q], order: Order) -> Lead:
    column = order.key.column
    bounds, rest = bounded(list(conditions.values()), column)
    ways = [Q()]
    if column == "sort_date" and not order.descending and (first := _first_day(values)):
        # From the beginning of all it would be far.
        ways = near_in_time(first)
    return Lead(Event, "pk", column, ways, bounds, *_split(rest))


def _split(conditions: Sequence[Q]) -> tuple[list[Q], list[Q]]:
    """Return what can be seen from an event's own row, and what asks other tables.

    That is asked of the rows that are walked alone: the database may prepare for all of them otherwise.
    """
    asking = [
        condition for condition in conditions if any(not name for name, _ in leaves(condition))
    ]
    return [condition for condition in conditions if condition not in asking], asking


def _parts(
    values: Values, conditions: Mapping[str, Q], order: Order, leads: Sequence[Lead]
) -> list[Part]:
    """Return the conditions of the query in parts, each with what helps to find its events by indexes."""
    if any(_is_left_out(name, values) for name in conditions):
        return []
    if order.key.column == "sort_date" and not any(_is_brief(lead, values) for lead in leads):
        asked, words = asked_of(conditions, values), values["q"]
        # What is left out finds nothing by itself.
        found = words is not None or any(each.marks and not each.without for each in asked.values())
        if found and len(asked) + (words is not None) > 1:
            return _by_terms(values, conditions, asked)
    others = dict(conditions)
    places = [Q()]
    if area := next((name for name in ("bbox", "near") if name in conditions), None):
        by_point_or_place = others.pop(area).children
        places = [part for part in by_point_or_place if isinstance(part, Q)]
    first = _first_day(values)
    times = near_in_time(first) if first else [Q()]
    helpful = [deadly(values["deaths_min"])] if "deaths_min" in conditions else []
    return [
        Part(Event, "pk", [*others.values(), *helpful, *(part for part in (time, place) if part)])
        for time in times
        for place in places
    ]


def _is_brief(lead: Lead, values: Values) -> bool:
    """Return whether few events of a lead began in the time that is asked for, which its index finds at once."""
    bounds = list(lead.bounds)
    if first := _first_day(values):
        bounds.append(Q(sort_date__gte=earliest(first)))
    return bool(bounds) and lead.within(bounds) < SIZED


def _is_left_out(name: str, values: Values) -> bool:
    """Return whether all that a filter asks for is left out by another."""
    left_out = values[LEFT_OUT[name]] if name in LEFT_OUT else None
    return bool(left_out) and all(
        any(_covers(outer, record) for outer in left_out or ()) for record in values[name]
    )


def _covers(outer: Match, record: Match) -> bool:
    if outer.pk == record.pk or record.extra.get("parent") == outer.pk:
        return True
    return "depth" in record.extra and PLACES.lies_in(record, outer)


def _by_terms(
    values: Values, conditions: Mapping[str, Q], asked: Mapping[str, Asked]
) -> list[Part]:
    """Return the same where terms tell whether filters meet; what they do not tell is asked of events."""
    told = {"q", *(name for name, each in asked.items() if each.is_all)}
    rest = [condition for name, condition in conditions.items() if condition and name not in told]
    own = [condition for condition in rest if _is_of_terms(condition)]
    others = [condition for condition in rest if condition not in own]
    own += [each.beside for each in asked.values() if each.beside]
    first = _first_day(values)
    times: list[tuple[list[Asked], list[Q]]] = [([], [])]
    if first:
        times = [([LASTING], []), ([NOT_LASTING], [Q(sort_date__gte=earliest(first))])]
    found = [
        [Q(terms=query([*asked.values(), *marks], values["q"])), *begun, *own]
        for marks, begun in times
    ]
    if not others:
        return [Part(EventTerms, "event_id", each) for each in found]
    rows = [EventTerms.objects.filter(*each).values("event") for each in found]
    return [Part(Event, "pk", [Q(pk__in=each), *others]) for each in rows]


def _is_of_terms(condition: Q) -> bool:
    """Return whether a condition on events is one on their terms as well."""
    columns = {lookup.split("__")[0] for lookup, _ in leaves(condition)}
    return columns <= {"sort_date", "start_date", "end_date"}


def _first_day(values: Values) -> date | None:
    """Return the last of the days that what is asked for must have lasted to, if there is one."""
    days = [values["date"].start if "date" in values.given else None, values["date_from"]]
    return max((day for day in days if day), default=None)


def _ranked(values: Values) -> Keys:
    """Return the events of the query with how little they have to do with `q`.

    The events that match are ranked all, so that pages join up as in any other order; too many are
    refused.
    """
    keys = Keys.of(Event, values.conditions(), stored=EventBody)
    if keys.count(RANKED) > RANKED:
        detail = f"More than {RANKED:,} events match, too many to be ranked: add a filter, or sort by date."
        raise InvalidParameters([ParameterError("sort", "relevance", "too_many", detail)])
    # As a double, for a cursor has to give back the very number.
    rank = Cast(SearchRank(F("search"), web_search(values["q"])), FloatField())
    return replace(keys, annotate=lambda rows: rows.annotate(irrelevance=-rank))
