"""What is done to the OpenAPI document as a whole, and what its parts share: headers, examples."""

import json
import re
from functools import cache
from typing import Any

import yaml
from django.conf import settings

Schema = dict[str, Any]

# Marks the keys of an object that are there only when they were asked for.
OPTIONAL = "x-optional"

HEADERS: Schema = {
    "API-Version": {"description": "The major version of this API.", "required": True},
    "X-Request-ID": {
        "description": "The id of the request: yours, if you sent one of up to 64 letters, digits, `.`, `_` or `-`."
    },
    "ETag": {"description": "Changes with the data: send it back as `If-None-Match`."},
    "Last-Modified": {"description": "When the data changed last."},
    "Cache-Control": {"description": "How long the answer may be used without asking again."},
    "Link": {
        "description": "The pages on either side, as `next` and `previous` of the answer; of a file, its "
        "terms (`license`) and what to cite (`cite-as`)."
    },
    "Allow": {"description": "The methods that are allowed."},
    "Retry-After": {"description": "Seconds to wait before the next attempt."},
    "RateLimit": {"description": "What is left of the limit, where there is one."},
    "RateLimit-Policy": {"description": "The limit of requests, where there is one."},
    "Content-Disposition": {"description": "The name of a file, where the answer is one."},
}
SUCCESS = ("ETag", "Last-Modified", "Content-Disposition")
WITH_STATUS = {200: SUCCESS, 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}
WITH_ALL = ("API-Version", "X-Request-ID", "Cache-Control", "RateLimit", "RateLimit-Policy")

# YAML 1.1, which is written, takes 0831 for a word; 1.2, which others read, for a number.
yaml.CSafeDumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"),
    list("-+.0123456789"),
)


def headers(status: int, *, linked: bool = False) -> Schema:
    """Return the headers of an answer with `status`; one that is `linked` may lead to others."""
    names = [*WITH_ALL, *WITH_STATUS.get(status, ())]
    if linked:
        names.append("Link")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


@cache
def examples() -> dict[str, Any]:
    """Return the recorded answers to real requests, by operation; tests keep them true."""
    path = settings.PROJECT / "docs" / "examples.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def shown(operation: str) -> Schema:
    """Return the examples of what an operation answers: one, or several with names."""
    recorded = examples().get(operation, {})
    if named := recorded.get("named"):
        return {"examples": {_key(title): _example(title, named[title]) for title in named}}
    return {"example": recorded["answer"]} if "answer" in recorded else {}


def problems(status: int) -> Schema:
    """Return the examples of problems with `status`."""
    titles = examples().get("problems", {}).get(str(status), {})
    refs = {_key(title): {"$ref": f"#/components/examples/{_key(title)}"} for title in titles}
    return {"examples": refs} if refs else {}


def suggestions(operation: str) -> str:
    """Return links to the named examples of an operation, which run as they stand."""
    named = examples().get(operation, {}).get("named", {})
    links = [f"* [{title}]({example['request']})" for title, example in named.items()]
    return "\n".join(["Try:\n", *links]) if links else ""


def _key(title: str) -> str:
    return title.lower().replace(" ", "-")


def _example(title: str, recorded: Schema) -> Schema:
    return {
        "summary": title,
        "description": f"`GET {recorded['request']}`",
        "value": recorded["answer"],
    }


NULL_ENUM = {"$ref": "#/components/schemas/NullEnum"}


def tidy(result: Schema, **_: Any) -> Schema:
    """Say what is true of all records and all answers, and say it once.

    Every key of a record is there, but for those that are OPTIONAL, and no other. What may be null is so by JSON Schema's own type,
    not by a vocabulary of one word. Parameters name the same vocabularies as records.
    """
    components = result["components"]
    components["headers"] = {
        name: {**header, "schema": {"type": "string"}} for name, header in HEADERS.items()
    }
    components["examples"] = {
        _key(title): _example(title, recorded)
        for titles in examples().get("problems", {}).values()
        for title, recorded in titles.items()
    }
    # Reading is open to all: no operation asks who it is.
    result["security"] = []
    schemas = components["schemas"]
    schemas.pop("NullEnum", None)
    for schema in schemas.values():
        if schema.get("type") == "object":
            optional = schema.pop(OPTIONAL, [])
            schema["required"] = [name for name in schema["properties"] if name not in optional]
            schema["additionalProperties"] = False
            for field in schema["properties"].values():
                _simplify(field)
    _share_vocabularies(result["paths"], schemas)
    return result


def _simplify(part: Any) -> None:
    """Say the same of what stands in a schema, however deep, in fewer words."""
    if isinstance(part, list):
        for item in part:
            _simplify(item)
    if not isinstance(part, dict):
        return
    part.pop("readOnly", None)
    if NULL_ENUM in part.get("oneOf", []):
        part["oneOf"][part["oneOf"].index(NULL_ENUM)] = {"type": "null"}
    match part.get("allOf"):
        case [only]:
            del part["allOf"]
            part.update(only)
    for inner in list(part.values()):
        _simplify(inner)


def _share_vocabularies(paths: Schema, schemas: Schema) -> None:
    """Let parameters refer to the vocabularies of records instead of repeating their words."""
    known = {tuple(schema["enum"]): name for name, schema in schemas.items() if "enum" in schema}
    for path in paths.values():
        for parameter in path["get"].get("parameters", []):
            words = parameter["schema"].get("items", parameter["schema"])
            if name := known.get(tuple(words.get("enum", ()))):
                for key in ("type", "enum"):
                    del words[key]
                words["$ref"] = f"#/components/schemas/{name}"
