"""What answers look like, for the OpenAPI document: pages, and formats other than plain JSON."""

from copy import deepcopy
from typing import Any

from api.document import OPTIONAL, Schema
from api.flat import columns
from api.formats import CSV, GEOJSON, NDJSON, SELECTION
from api.selection import expansions

RESOLVED: Schema = {
    "type": "object",
    "description": "What each name in the query was taken to mean, by parameter.",
    "additionalProperties": {"type": "array", "items": {"$ref": "#/components/schemas/Match"}},
}

COUNT_RELATIONS = ["exact", "at_least"]

POINT: Schema = {
    "type": "object",
    "description": "Longitude and latitude, in degrees (WGS 84).",
    "properties": {
        "type": {"type": "string", "const": "Point"},
        "coordinates": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
        },
    },
    "required": ["type", "coordinates"],
    "additionalProperties": False,
}


def page_schema(item: Schema, key: str = "results") -> Schema:
    """Return the schema of a page of records like `item`, which stand under `key`."""
    link = {"type": ["string", "null"], "format": "uri"}
    properties: Schema = {
        "count": {
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "How many records the query finds; null with `count=none`.",
        },
        "count_relation": {
            "type": ["string", "null"],
            "enum": [*COUNT_RELATIONS, None],
            "description": "Whether `count` is exact or only a floor.",
        },
        "next": {**link, "description": "The following page."},
        "previous": {**link, "description": "The page before."},
        key: {"type": "array", "items": item},
        "resolved": RESOLVED,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def other_contents(described: Any, *, listed: bool) -> Schema:
    """Return the content of answers by media type, apart from JSON as it is without `fields`."""
    view = described.view
    row = view.row_serializer_class
    contents = {SELECTION: {"schema": _selection(described, listed=listed)}}
    if GEOJSON in view.formats:
        contents[GEOJSON.media_type] = {"schema": _features(described, listed=listed)}
    if CSV in view.formats:
        names = ", ".join(columns(row))
        text = f"A line for each {view.noun}, after one of names. The columns: {names}."
        contents[CSV.media_type] = {"schema": {"type": "string", "description": text}}
    if NDJSON in view.formats:
        text = f"A {described.component} as JSON on each line."
        contents[NDJSON.media_type] = {"schema": {"type": "string", "description": text}}
    return contents


def _selection(described: Any, *, listed: bool) -> Schema:
    """Return the schema of records that have some keys only, or whole records in them."""
    name = described.component
    properties = deepcopy(_component(described, described.view.serializer_class)["properties"])
    for expansion in expansions(described.view.serializer_class).values():
        whole = described.resolve_serializer(expansion.serializer_class, "response").ref
        for key, *rest in expansion.paths:
            properties[key] = _widened(described, properties[key], rest, whole)
    schema: Schema = described.register(
        f"Partial{name}",
        {
            "type": "object",
            "description": f"{name} as `fields`, `omit` and `include` ask for it.",
            "properties": properties,
            "additionalProperties": False,
            OPTIONAL: list(properties),
        },
    )
    return described.register(f"Partial{name}Page", page_schema(schema)) if listed else schema


def _widened(described: Any, schema: Schema, path: list[str], whole: Schema) -> Schema:
    """Return `schema` with `whole` as well as what stands at `path` in it."""
    if schema.get("type") == "array":
        return schema | {"items": _widened(described, schema["items"], path, whole)}
    if not path:
        return {"anyOf": [schema, whole]}
    key, *rest = path
    inner = deepcopy(_resolved(described, schema))
    for field in inner["properties"].values():
        field.pop("readOnly", None)
    inner["properties"][key] = _widened(described, inner["properties"][key], rest, whole)
    return inner | {"required": list(inner["properties"]), "additionalProperties": False}


def _features(described: Any, *, listed: bool) -> Schema:
    row = described.resolve_serializer(described.view.row_serializer_class, "response").ref
    geometry = {"oneOf": [described.register("Point", POINT), {"type": "null"}]}
    properties: Schema = {
        "type": {"type": "string", "const": "Feature"},
        "id": {"type": "string", "description": "Id of the record."},
        "geometry": geometry,
        "properties": row,
    }
    feature: Schema = described.register(
        f"{described.component}Feature",
        {
            "type": "object",
            "description": "A feature of GeoJSON (RFC 7946).",
            "properties": properties,
        },
    )
    if not listed:
        return feature
    page = page_schema(feature, "features")
    page["properties"] = {
        "type": {"type": "string", "const": "FeatureCollection"},
        **page["properties"],
    }
    collection: Schema = described.register(f"{described.component}FeatureCollection", page)
    return collection


def _component(described: Any, serializer_class: Any) -> Schema:
    schema: Schema = described.resolve_serializer(serializer_class, "response").schema
    return schema


def _resolved(described: Any, schema: Schema) -> Schema:
    """Return the component that `schema` refers to."""
    name = schema["$ref"].rpartition("/")[2]
    components = described.registry._components.values()
    found: Schema = next(component.schema for component in components if component.name == name)
    return found
