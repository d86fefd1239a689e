"""Kinds of parameter with a form of their own: times, areas, ids, codes, language tags."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q

from api.areas import Box, Point
from api.dates import MOMENT, Period, parse_day, parse_moment, parse_period, parse_unit
from api.names import fold, nearest
from api.parameters import Parameter, Several, unknown_word
from api.refusals import MAX_ERRORS, MAX_LENGTH, AllRefused, Refused
from api.state import remembered
from api.visibility import served

LATITUDE = r"-?(90(\.0{1,15})?|[1-8]?[0-9](\.[0-9]{1,15})?)"
LONGITUDE = r"-?(180(\.0{1,15})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,15})?)"
POINT = f"{LATITUDE},{LONGITUDE}"
BOX = f"{LONGITUDE},{LATITUDE},{LONGITUDE},{LATITUDE}"
ID = r"[a-z0-9]+(-[a-z0-9]+)*"
UNIT = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
LANGUAGE = r"[a-z]{2,3}(-[a-z0-9]{2,8})*"
SCHEMES = """
WITH RECURSIVE known AS (
    (SELECT scheme FROM {table} ORDER BY scheme LIMIT 1)
    UNION ALL
    SELECT (SELECT scheme FROM {table} WHERE scheme > known.scheme ORDER BY scheme LIMIT 1)
    FROM known WHERE known.scheme IS NOT NULL
)
SELECT scheme FROM known
"""


class Bounds(Parameter):
    """A box, as west,south,east,north in degrees."""

    type_schema = {"type": "string", "pattern": f"^{BOX}$", "maxLength": MAX_LENGTH}

    def read(self, text: str) -> Box:
        text = re.sub(r"\s*,\s*", ",", text)
        suggestion = _swapped(text)
        if not re.fullmatch(BOX, text):
            raise self._refused("four numbers of degrees", suggestion)
        west, south, east, north = text.split(",")
        box = Box(*map(float, (west, south, east, north)))
        if box.south > box.north:
            turned = ",".join((west, north, east, south))
            raise self._refused("its south below its north", suggestion or turned)
        return box

    def _refused(self, must: str, suggestion: str | None) -> Refused:
        return Refused(
            "not_a_box",
            f"`{self.field_name}` is west,south,east,north in this order, {must}: longitudes from "
            "-180 to 180, latitudes from -90 to 90, such as 44.7,38.8,50.4,41.9.",
            suggestion=suggestion,
        )


class Spot(Parameter):
    """A point, as latitude,longitude in degrees."""

    type_schema = {"type": "string", "pattern": f"^{POINT}$", "maxLength": MAX_LENGTH}

    def read(self, text: str) -> Point:
        text = re.sub(r"\s*,\s*", ",", text)
        if re.fullmatch(POINT, text):
            return Point(*map(float, text.split(",")))
        raise Refused(
            "not_a_point",
            f"`{self.field_name}` is latitude,longitude in this order, in degrees: from -90 to 90 and "
            "from -180 to 180, such as 39.99,46.93.",
            suggestion=_swapped(text),
        )


def _swapped(text: str) -> str | None:
    """Return `text` with latitudes and longitudes exchanged, if that is a point or an upright box."""
    parts = text.split(",")
    pairs = zip(parts[::2], parts[1::2], strict=False)
    swapped = ",".join(f"{second},{first}" for first, second in pairs)
    if len(parts) == 2:
        return swapped if re.fullmatch(POINT, swapped) else None
    if len(parts) != 4 or not re.fullmatch(BOX, swapped):
        return None
    west, south, east, north = map(float, swapped.split(","))
    return swapped if west <= east and south <= north else None


class Distance(Parameter):
    """A distance in kilometres, from a metre up to `most`, in plain decimals."""

    least = 0.001

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def read(self, text: str) -> float:
        plain = re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,20})?", text)
        if plain and self.least <= float(text) <= self.most:
            return float(text)
        raise Refused(
            "out_of_range",
            f"`{self.field_name}` is a number of kilometres from {self.least} to {self.most}, "
            "such as 25 or 2.5.",
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


class Day(Parameter):
    """A day, as YYYY-MM-DD."""

    type_schema = {"type": "string", "format": "date"}

    def read(self, text: str) -> date:
        try:
            return parse_day(text)
        except ValueError as error:
            raise Refused("not_a_date", f"`{self.field_name}`: {error}") from error


class Bound(Parameter):
    """A day, or a month or year for its first or last day."""

    type_schema = {"type": "string", "pattern": f"^{UNIT}$"}

    def read(self, text: str) -> date:
        try:
            return self.bound(parse_unit(text))
        except ValueError as error:
            raise Refused("not_a_date", f"`{self.field_name}`: {error}") from error

    def bound(self, period: Period) -> date:
        """Return the day that bounds the query, of a period with both ends."""
        raise NotImplementedError


class From(Bound):
    """A day to begin with; of a month or year the first."""

    def bound(self, period: Period) -> date:
        return period.start or date.min


class To(Bound):
    """A day to end with; of a month or year the last."""

    def bound(self, period: Period) -> date:
        return period.end or date.max


class Time(Parameter):
    """A day, month, year or interval: 2020-11-20, 2020-11, 2020, 2020-10/2020-11, 2020-11-20/.."""

    type_schema = {"type": "string", "minLength": 4, "maxLength": 32}

    def read(self, text: str) -> Period:
        try:
            return parse_period(text)
        except ValueError as error:
            raise Refused("not_a_date", f"`{self.field_name}`: {error}") from error


class Moment(Parameter):
    """A moment, as RFC 3339 writes it: 2020-11-20T08:00:00Z."""

    # Of the moments of RFC 3339, those without a leap second, to a microsecond.
    type_schema = {"type": "string", "format": "date-time", "pattern": f"^{MOMENT}$"}

    def read(self, text: str) -> datetime:
        try:
            return parse_moment(text)
        except ValueError as error:
            raise Refused("not_a_moment", f"`{self.field_name}`: {error}") from error


class Ids(Several):
    """Ids of the list's own records.

    An id under which there is no record finds none: whoever keeps ids asks for many at a time, and some
    may have been removed.
    """

    type_schema = {"type": "string", "pattern": f"^{ID}$", "maxLength": MAX_LENGTH}

    def __init__(self, example: str) -> None:
        super().__init__(
            narrow="public_id__in",
            help_text="Ids of records; one that there is not finds nothing.",
            example=example,
        )

    def read(self, text: str) -> str:
        if re.fullmatch(ID, text):
            return text
        lower = text.lower()
        raise Refused(
            "not_an_id",
            f"“{text}” is no id: ids are lower-case words joined by hyphens.",
            suggestion=lower if re.fullmatch(ID, lower) else None,
        )


class Codes(Several):
    """Codes of other schemes, as scheme:code; codes are texts, and leading zeros count.

    `model` is the table of codes, with the columns `scheme` and `code`. A scheme that it has not is
    refused, unless it has none at all; a code that it has not finds nothing. A comma always separates.
    """

    type_schema = {"type": "string", "pattern": "^[^:,]*[^:, ][^:,]*:[^,]*[^, ][^,]*$"}

    def __init__(self, model: str, **options: Any) -> None:
        super().__init__(**options)
        self.model = model

    def read(self, text: str) -> tuple[str, str]:
        scheme, code = (part.strip() for part in text.partition(":")[::2])
        if scheme and code:
            return scheme, code
        raise Refused(
            "not_a_code",
            f"`{self.field_name}` is scheme:code, such as cameo:190; name the scheme of each code.",
        )

    def read_each(self, parts: Iterable[str]) -> list[tuple[str, str]]:
        codes = super().read_each(parts)
        known = remembered((Codes, self.model), self._schemes)
        unknown = [(scheme, code) for scheme, code in codes if scheme not in known]
        if known and unknown:
            raise AllRefused([self._unknown(*each, known) for each in unknown[:MAX_ERRORS]])
        return codes

    def _unknown(self, scheme: str, code: str, known: Sequence[str]) -> Refused:
        detail = f"`{self.field_name}`: no code of a scheme “{scheme}” is known; schemes are "
        detail += f"{', '.join(known)}."
        near = next(iter(nearest(scheme, known)), None)
        suggestion = f"{near}:{code}" if near else None
        return Refused("unknown_scheme", detail, known, suggestion, f"{scheme}:{code}")

    def _schemes(self) -> list[str]:
        """Return the schemes, from one to the next as an index has them: there are few, of many rows."""
        table = connection.ops.quote_name(apps.get_model(self.model)._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(SCHEMES.format(table=table))
            return [scheme for (scheme,) in cursor if scheme is not None]


def any_code(codes: Sequence[tuple[str, str]]) -> Q:
    """Return the condition that a row of codes holds one of `codes`."""
    condition = Q()
    for scheme, code in codes:
        condition |= Q(scheme=scheme, code=code)
    return condition


class Languages(Several):
    """Language tags (BCP 47), in any case; `en` covers `en-GB`."""

    type_schema = {"type": "string", "pattern": f"^{LANGUAGE}$", "maxLength": MAX_LENGTH}

    def read(self, text: str) -> str:
        if re.fullmatch(LANGUAGE, text.lower()):
            return text
        raise Refused(
            "not_a_language", f"`{self.field_name}` takes tags of BCP 47, such as en or zh-Hant."
        )

    def condition(self, value: Any, _: Mapping[str, Any]) -> Q:
        condition = Q()
        for tag in value:
            condition |= Q(language__iexact=tag) | Q(language__istartswith=f"{tag}-")
        return condition


class Chosen(Several):
    """Words out of those that a resource declares, and what they mean."""

    def __init__(
        self, words: Sequence[str], meanings: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.words, self.meanings = list(words), meanings or {}

    def read(self, text: str) -> str:
        if text in self.words:
            return text
        raise unknown_word(self, text, self.words)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": self.words}}


class Recorded(Several):
    """Words that some record has in a `column`, where no list of them is fixed; in any spelling."""

    def __init__(self, model: str, column: str, **options: Any) -> None:
        super().__init__(narrow=f"{column}__in", **options)
        self.model, self.column = model, column

    def read_each(self, parts: Iterable[str]) -> list[str]:
        rows = served(apps.get_model(self.model)).order_by(self.column)
        words = list(rows.values_list(self.column, flat=True).distinct())
        known = {fold(word): word for word in words}
        asked = list(dict.fromkeys(parts))
        if unknown := [part for part in asked if fold(part) not in known]:
            # The data say which words there are, as they do of names.
            told = unknown[:MAX_ERRORS]
            raise AllRefused([unknown_word(self, part, words, "unknown_name") for part in told])
        return [known[fold(part)] for part in asked]
