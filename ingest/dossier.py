"""Reading dossiers: YAML into records, with an error that names record, key and remedy."""

import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml

from api.names import nearest
from ingest.files import Limits, SourceFile
from ingest.records import Cite, Dossier, EventType
from ingest.rows import SHOWN, BadRecord

# A dossier is written by people; all of it is in memory at once.
LIMITS = Limits(size=64 * 1024**2)
# What numbers there are go into: PostgreSQL's integer.
MOST = 2**31 - 1


def read_dossier(path: Path) -> Dossier:
    """Return the records of the dossier in `path`, plain, gzip or zip.

    Raises WrongFile, or BadRecord for the first mistake.
    """
    dossier: Dossier = _build(Dossier, _load(path), path.name)
    _check_references(dossier, path.name)
    _check_supports(dossier, path.name)
    return dossier


def read_event_types(path: Path) -> list[EventType]:
    """Return the vocabulary of event types in `path`; raise WrongFile, BadRecord."""
    types: list[EventType] = _build(list[EventType], _load(path), path.name)
    return types


def _load(path: Path) -> Any:
    with SourceFile(path, LIMITS).lines() as lines:
        text = "".join(lines)
    try:
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise BadRecord(path.name, f"this is not YAML: {line}{error.problem}") from error
    except yaml.reader.ReaderError as error:
        # Its own words are of two lines.
        what = f"the character U+{error.character:04X} may not be in it"
        raise BadRecord(path.name, f"this is not YAML: {what}") from error
    # A mapping as a key, a day that no calendar has, a list in a list in a list.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise BadRecord(path.name, f"this is not YAML: {error}") from error


class _UniqueKeys(yaml.SafeLoader):
    """YAML whose mappings may not say the same key twice: the first would be lost in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if doubled := {key for key in keys if keys.count(key) > 1}:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(
                f"key {_shown(doubled.pop())} stands twice in the mapping at line {line}"
            )
        return super().construct_mapping(node, deep)


def _build(kind: Any, data: Any, where: str) -> Any:
    """Return `data` as a value of type `kind`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if data is None else _build(inner, data, where)
    if origin is list:
        items = _expect(list, data, where)
        return [
            _build(arguments[0], item, _place(where, number, item))
            for number, item in enumerate(items)
        ]
    if origin is dict:
        entries = _expect(dict, data, where)
        return {
            name: _build(arguments[1], item, f"{where} > {name}") for name, item in entries.items()
        }
    if is_dataclass(kind):
        return _build_record(kind, _expect(dict, data, where), where)
    if kind is date:
        return _build_day(data, where)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    return _expect(kind, data, where)


def _build_record(kind: Any, data: dict[str, Any], where: str) -> Any:
    hints = get_type_hints(kind)
    for key in data:
        if key not in hints:
            near = next(iter(nearest(str(key)[:SHOWN], hints)), None)
            hint = f"; did you mean “{near}”?" if near else f"; known are {', '.join(hints)}"
            raise BadRecord(where, f"there is no key {_shown(key)}{hint}")
    for item in fields(kind):
        required = item.default is MISSING and item.default_factory is MISSING
        if required and data.get(item.name) is None:
            raise BadRecord(where, f"the key “{item.name}” is missing")
    values = {key: _build(hints[key], value, f"{where} > {key}") for key, value in data.items()}
    return kind(**values)


def _build_day(data: Any, where: str) -> date:
    try:
        return date.fromisoformat(data)
    except (TypeError, ValueError):
        raise BadRecord(where, f'{_shown(data)} is no day; write "2020-11-20", in quotes') from None


def _expect(kind: Any, data: Any, where: str) -> Any:
    if isinstance(data, kind) and not (kind is int and isinstance(data, bool)):
        if kind is int and abs(data) > MOST:
            raise BadRecord(where, f"{_shown(data)} is not between -{MOST:,} and {MOST:,}")
        return data
    words = {str: "text (in quotes where it looks like a number or date)", int: "a whole number"}
    words |= {list: "a list", dict: "a mapping", float: "a number", bool: "true or false"}
    raise BadRecord(where, f"{_shown(data)} should be {words[kind]}")


def _shown(data: Any) -> str:
    """Return what stands there in quotes, on one line and not all of a long text."""
    try:
        text = " ".join(str(data).split())
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        text = "a very long number"
    return f"“{text[:SHOWN]}{'…' * (len(text) > SHOWN)}”"


def _place(where: str, number: int, item: Any) -> str:
    name = item.get("id") or item.get("code") if isinstance(item, dict) else None
    return f"{where} > {name or number + 1}"


def _check_supports(record: Any, where: str) -> None:
    """Raise BadRecord when a cite supports what is no field of its record."""
    known = [item.name for item in fields(record)]
    for item in fields(record):
        value, here = getattr(record, item.name), f"{where} > {item.name}"
        for number, entry in enumerate(value if isinstance(value, list) else []):
            if isinstance(entry, Cite):
                for name in entry.supports:
                    if name not in known:
                        near = next(iter(nearest(name, known)), None)
                        hint = (
                            f"; did you mean “{near}”?"
                            if near
                            else f"; known are {', '.join(known)}"
                        )
                        raise BadRecord(
                            f"{here} > {number + 1}", f"there is no field “{name}”{hint}"
                        )
            elif is_dataclass(entry):
                _check_supports(entry, f"{here} > {getattr(entry, 'id', number + 1)}")


def _check_references(dossier: Dossier, where: str) -> None:
    """Raise BadRecord when a record refers to one that is not there, or shares its id."""
    provisions = [item for agreement in dossier.agreements for item in agreement.provisions]
    known: dict[str, set[str]] = {"passage": set(dossier.passages)}
    collections: dict[str, list[Any]] = {
        "publisher": dossier.publishers,
        "source": dossier.sources,
        "place": dossier.places,
        "actor": dossier.actors,
        "agreement": dossier.agreements,
        "provision": provisions,
        "event": dossier.events,
    }
    for noun, records in collections.items():
        ids = [record.id for record in records]
        known[noun] = set(ids)
        if doubled := next((id_ for id_ in ids if ids.count(id_) > 1), None):
            raise BadRecord(where, f"two {noun}s have the id “{doubled}”")
    for place, noun, wanted in _references(dossier, where):
        if wanted not in known[noun]:
            near = next(iter(nearest(wanted, known[noun])), None)
            hint = f"; did you mean “{near}”?" if near else ""
            raise BadRecord(place, f"there is no {noun} “{wanted}”{hint}")


# Which keys refer to records, and to records of what kind.
REFERENCES = {
    "publisher": "publisher",
    "source": "source",
    "passage": "passage",
    "within": "place",
    "places": "place",
    "place": "place",
    "country": "place",
    "actor": "actor",
    "organisation": "actor",
    "obligor": "actor",
    "beneficiary": "actor",
    "asserted_by": "actor",
    "attributed_to": "actor",
    "agreement": "agreement",
    "fulfils": "provision",
    "breaches": "provision",
    "part_of": "event",
    "event": "event",
}


def _references(record: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield where each reference in `record` stands, to what kind of record, and to which."""
    for item in fields(record):
        value, here = getattr(record, item.name), f"{where} > {item.name}"
        if isinstance(value, dict):
            for name, entry in value.items():
                yield from _references(entry, f"{here} > {name}")
            continue
        for number, entry in enumerate(value if isinstance(value, list) else [value]):
            if is_dataclass(entry):
                yield from _references(entry, f"{here} > {getattr(entry, 'id', number + 1)}")
            elif entry is not None and item.name in REFERENCES:
                yield here, REFERENCES[item.name], entry
