"""GeoJSON as a table: a row for each feature, its properties as cells, its point as coordinates."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import ijson

from ingest.files import Cells, Rejected, SourceFile, Table, WrongFile


@contextmanager
def open_features(source: SourceFile) -> Iterator[Table]:
    """Open the features of a FeatureCollection as a table, read one by one.

    Its columns are the properties of the first feature; the line of a row is the number of its
    feature. `latitude` and `longitude` are those of the point where the properties lack them. What
    is null is empty. Raises WrongFile when the file is no FeatureCollection, is cut short or has
    too many features.
    """
    with source.binary() as file:
        rows = _rows(source, file)
        before = []
        for first in rows:
            before.append(first)
            if isinstance(first, Cells):
                yield Table(list(first.values), chain(before, rows))
                return
        raise WrongFile(f"{source.name} is no GeoJSON with features that have properties.")


def _rows(source: SourceFile, file: Any) -> Iterator[Cells | Rejected]:
    features = ijson.items(_after_mark(file), "features.item", use_float=True)
    number = 0
    while True:
        number += 1
        try:
            feature = next(features, None)
        except ijson.JSONError as error:
            what = str(error).partition("\n")[0]
            raise WrongFile(f"{source.name} is no whole JSON: {what}.") from error
        if feature is None:
            return
        if number > source.limits.rows:
            raise WrongFile(f"{source.name} has more than {source.limits.rows:,} features.")
        yield _cells(number, feature, source.limits.cell)


def _after_mark(file: io.BufferedReader) -> io.BufferedReader:
    """Pass over a byte order mark, which JSON may not begin with but some programs write."""
    if file.peek(len(codecs.BOM_UTF8)).startswith(codecs.BOM_UTF8):
        file.read(len(codecs.BOM_UTF8))
    return file


def _cells(number: int, feature: Any, longest: int) -> Cells | Rejected:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return Rejected(number, "is no feature with properties")
    values = {}
    for name, value in (_point(feature) | properties).items():
        if value is not None and not isinstance(value, str | int | float):
            return Rejected(number, "is neither text nor a number", name, str(value)[:40])
        values[name] = text = "" if value is None else str(value)
        if "\0" in text:
            return Rejected(number, "holds a NUL character", name, text[:40].replace("\0", "␀"))
        if len(text) > longest:
            return Rejected(number, f"is longer than {longest:,} characters", name, text[:40])
    return Cells(number, values)


def _point(feature: dict[str, Any]) -> dict[str, Any]:
    match feature.get("geometry"):
        case {"type": "Point", "coordinates": [longitude, latitude, *_]}:
            return {"latitude": latitude, "longitude": longitude}
    return {"latitude": None, "longitude": None}
